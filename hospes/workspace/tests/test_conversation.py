"""What the page of a conversation says of its letters and of whom they go to."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from hospes.channels.models import Channel
from hospes.conversations.actions.closing import close
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, InboxRow, OutboxEntry
from hospes.intake.actions.blocking import block
from hospes.intake.actions.deciding import let_in
from hospes.intake.models import HeldRaw
from hospes.workspace.tests.stage import set_stage
from tests.arriving import ParserHere, arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

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


def test_whether_a_sender_is_blocked_is_said_where_it_is_changed(cast: Cast) -> None:
    first = shown(cast, letter("eve@junk.example")).conversation
    others = [shown(cast, letter("eve@junk.example", subject=str(n))).conversation for n in (1, 2)]
    browser = Client()
    browser.force_login(cast.mina)
    address = f"/c/{first.reference}/"

    told = browser.post(f"{address}junk/").content.decode()

    assert "eve@junk.example is blocked." in told
    assert "Close 2 other open conversations" in told
    assert "eve@junk.example is blocked." in browser.get(address).content.decode()
    browser.post(f"{address}junk/", {"others": "1"})
    assert not Conversation.objects.filter(closed_at=None).exists()
    assert others[0].customer_id == first.customer_id
    told = browser.post(f"{address}junk/", {"undo": "1"}).content.decode()
    assert 'id="junk"' in told
    assert "is blocked" not in browser.get(address).content.decode()


def test_a_block_of_the_domain_is_said_of_a_closed_conversation(cast: Cast) -> None:
    first = shown(cast, letter("eve@junk.example")).conversation
    close(first, by=cast.mina, at=NOON)
    block("junk.example", by=None, at=NOON)
    browser = Client()
    browser.force_login(cast.mina)

    said = re.search(
        r"<span>([^<]*) is blocked", browser.get(f"/c/{first.reference}/").content.decode()
    )
    assert said is not None
    assert said[1] == "@junk.example"


def test_spaces_at_the_ends_of_lines_are_no_more_of_a_mail(cast: Cast) -> None:
    first = shown(cast, letter("aiko@example.jp", text="Hello  \nthere \n\n"))
    browser = Client()
    browser.force_login(cast.mina)
    address = f"/c/{first.conversation.reference}/"
    assert "Show the whole mail" not in browser.get(address).content.decode()

    first.text = f"{first.reply_text}\n> and more"
    first.save()

    assert "Show the whole mail" in browser.get(address).content.decode()


def test_words_of_a_stranger_stand_under_their_own_name_in_the_list(cast: Cast) -> None:
    Channel.objects.update(has_plus_tags=True)
    first = shown(cast, letter("Aiko <aiko@example.jp>"))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.mina, at=NOON))
    arrive(cast, letter("Eve <eve@strange.example>", text="Send it to me", answers=ours))
    let_in(HeldRaw.objects.get(), parser=ParserHere(), at=NOON, join=True)

    row = InboxRow.objects.get(conversation=first.conversation)

    assert row.preview == "\u2068Eve\u2069: Send it to me"
    arrive(cast, letter("Aiko <aiko@example.jp>", text="No", answers=ours))
    row.refresh_from_db()
    assert row.preview == "No"
