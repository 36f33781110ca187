"""What understanding knows of the desk, and how soon it knows of a change."""

from __future__ import annotations

import pytest

from hospes.conversations.models import Conversation
from hospes.intake.actions.blocking import block, domain_block_of, unblock
from hospes.intake.models import Block, HeldRaw, HeldReason
from hospes.lib.addresses import without_tag
from tests.arriving import arrive
from tests.cast import NOON, Cast
from tests.mail import letter


@pytest.mark.parametrize(
    ("address", "mailbox"),
    [
        ("lin+parcel@cust.example", "lin@cust.example"),
        ("lin+a+b@cust.example", "lin@cust.example"),
        ("lin@cust.example", "lin@cust.example"),
        ("+lin@cust.example", "+lin@cust.example"),
        ("@cust.example", "@cust.example"),
    ],
)
def test_a_tag_is_no_other_mailbox(address: str, mailbox: str) -> None:
    assert without_tag(address) == mailbox


@pytest.mark.parametrize("blocked", ["lin@tags.example", "Lin+shop@tags.example"])
def test_a_blocked_sender_is_blocked_with_every_tag(cast: Cast, blocked: str) -> None:
    block(blocked, by=cast.mina, at=NOON)
    assert Block.objects.get().value == "lin@tags.example"

    arrive(cast, letter("lin+parcel@tags.example"))

    assert HeldRaw.objects.get().reason == HeldReason.BLOCKED
    assert not Conversation.objects.exists()
    assert unblock("lin+parcel@tags.example")


def test_it_is_known_which_domain_keeps_a_sender_out(cast: Cast) -> None:
    block("lin@mail.tags.example", by=None, at=NOON)
    assert domain_block_of("lin@mail.tags.example") == ""
    block("tags.example", by=None, at=NOON)
    assert domain_block_of("Lin@mail.tags.example") == "@tags.example"
