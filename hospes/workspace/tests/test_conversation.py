"""What the page of a conversation says of its letters and of whom they go to."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from hospes.conversations.models import OutboxEntry
from hospes.workspace.tests.stage import set_stage
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
Reason, State = OutboxEntry.Reason, OutboxEntry.State


def page(cast: Cast) -> str:
    """Return Mina's page of a conversation with one answer."""
    browser = Client()
    browser.force_login(cast.mina)
    reference = OutboxEntry.objects.get().message.conversation.reference
    return browser.get(f"/c/{reference}/").content.decode()


@pytest.mark.parametrize(
    ("state", "reason", "look", "words"),
    [
        (State.ACCEPTED, "", "state-ok", "Sent"),
        (State.ACCEPTED, Reason.DELAYED, "state-warn", "has not taken it yet"),
        (State.ACCEPTED, Reason.COPY_BOUNCED, "state-warn", "somebody in copy"),
        (State.BOUNCED, Reason.NO_SUCH_ADDRESS, "state-bad", "does not know this address"),
        (State.FAILED, Reason.SUPPRESSED, "state-bad", "came back twice"),
    ],
)
def test_what_became_of_an_answer_is_said(
    cast: Cast, state: str, reason: str, look: str, words: str
) -> None:
    set_stage(cast)
    OutboxEntry.objects.update(state=state, reason=reason)

    found = re.search(r'class="state ([\w-]+)".*?<span>(.*?)</span>', page(cast), re.DOTALL)

    assert found is not None
    assert found[1] == look
    assert words in found[2]


def test_an_address_that_mail_comes_back_from_is_marked(cast: Cast) -> None:
    set_stage(cast)
    assert "Mail comes back" not in page(cast)

    cast.aiko.identities.update(suppressed_at=NOON)
    assert "Mail comes back from this address" in page(cast)
