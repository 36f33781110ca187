"""Mail of blocked senders and what the filter in front calls spam: kept as junk, never shown, never deleted."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, Message
from hospes.intake.actions.blocking import block, unblock
from hospes.intake.counters import counters
from hospes.intake.models import Block, HeldRaw, HeldReason
from hospes.lib.refusal import Refused
from tests.arriving import arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

EVE = "eve@evil.example"


@pytest.mark.parametrize(
    "value", [EVE, "EVE@Evil.example", "evil.example", "@evil.example", "@example"]
)
def test_a_blocked_sender_is_kept_out_whole(cast: Cast, value: str) -> None:
    if value == "@example":
        with pytest.raises(Refused, match="neither an address nor a domain"):
            block(value, by=cast.mina, at=NOON)
        return
    block(value, by=cast.mina, at=NOON)

    arrive(cast, letter(EVE, text="Buy now"))

    assert HeldRaw.objects.get().reason == HeldReason.BLOCKED
    assert not Conversation.objects.exists()
    assert counters().is_balanced


def test_a_domain_blocks_what_is_below_it_and_no_neighbour(cast: Cast) -> None:
    block("evil.example", by=None, at=NOON)

    arrive(cast, letter("x@mail.evil.example"))
    assert HeldRaw.objects.count() == 1
    assert shown(cast, letter("x@notevil.example"))


def test_none_of_us_can_be_blocked(cast: Cast) -> None:
    for value in (cast.channel.address, cast.mina.email, "kaldera.example"):
        with pytest.raises(Refused, match="one of us"):
            block(value, by=cast.ana, at=NOON)


def test_who_is_let_in_again_is_let_in(cast: Cast) -> None:
    block(EVE, by=None, at=NOON)
    assert unblock(EVE.upper())
    assert shown(cast, letter(EVE))


SPAM = [
    "X-Spam-Flag: YES",
    "X-Spam-Status: Yes, score=7.1 required=5.0 tests=BAYES_99",
    "X-Spam: Yes",
    "X-Rspamd-Action: add header",
    "X-Spamd-Result: default: True [16.10 / 15.00]; BAYES_SPAM(5.10)[100.00%]",
    "X-MS-Exchange-Organization-SCL: 6",
]
HAM = [
    "X-Spam-Flag: NO",
    "X-Spam-Status: No, score=-1.9 required=5.0",
    "X-Rspamd-Action: no action",
    "X-Spamd-Result: default: False [-2.10 / 15.00]",
    "X-MS-Exchange-Organization-SCL: 1",
    "X-Spam-Level: *****",
]


@pytest.mark.parametrize("field", SPAM)
def test_what_the_filter_calls_spam_is_junk(cast: Cast, field: str) -> None:
    arrive(cast, f"{field}\r\n".encode() + letter(EVE))
    assert HeldRaw.objects.get().reason == HeldReason.SPAM


@pytest.mark.parametrize("field", HAM)
def test_what_the_filter_lets_pass_is_shown(cast: Cast, field: str) -> None:
    assert shown(cast, f"{field}\r\n".encode() + letter(EVE))


def test_who_answers_us_is_heard_whatever_a_filter_says(cast: Cast) -> None:
    first = shown(cast, letter("aiko@example.jp"))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.mina, at=NOON))

    again = shown(cast, b"X-Spam-Flag: YES\r\n" + letter("aiko@example.jp", answers=ours))
    assert again.conversation == first.conversation


def client_of(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.jonas)
    return client


def test_one_click_says_that_it_is_not_junk(cast: Cast) -> None:
    block(EVE, by=None, at=NOON)
    arrive(cast, letter(EVE, subject="Really a customer"))
    client, junk = client_of(cast), reverse("settings_mail") + "?junk"
    assert "Really a customer" not in client.get(reverse("settings_mail")).content.decode()
    assert "Really a customer" in client.get(junk).content.decode()

    held = HeldRaw.objects.get()
    client.post(reverse("settings_mail_decide", args=[held.pk]), {"decision": "open"})

    assert Message.objects.get().subject == "Really a customer"
    assert not Block.objects.exists()


def test_an_agent_blocks_whoever_wrote_and_takes_it_back(cast: Cast) -> None:
    message = shown(cast, letter(EVE))
    client = client_of(cast)
    address = reverse("junk", args=[message.conversation.reference])

    client.post(address)
    assert Block.objects.get().value == EVE
    assert not Conversation.objects.get().is_open

    client.post(address, {"undo": "1"})
    assert not Block.objects.exists()
    assert Conversation.objects.get().is_open


def test_senders_are_blocked_and_let_in_on_the_page_of_junk(cast: Cast) -> None:
    client, blocks = client_of(cast), reverse("settings_mail_blocks")
    client.post(blocks, {"sender": "@evil.example"})
    assert "@evil.example" in client.get(reverse("settings_mail") + "?junk").content.decode()
    client.post(blocks, {"unblock": "@evil.example"})
    assert not Block.objects.exists()
