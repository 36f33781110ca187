"""Whom a mail may be believed to come from."""

from __future__ import annotations

import pytest

from hospes.channels.models import Channel
from hospes.conversations.models import Message
from hospes.intake.models import HeldRaw, HeldReason
from hospes.people.models import Identity
from tests.arriving import arrive, arrive_together, shown
from tests.cast import Cast
from tests.mail import letter

PASS = b"Authentication-Results: mx.kaldera.example; dmarc=pass header.from=example.jp\r\n"
FROM_AIKO = b"From: aiko@example.jp\r\nTo: support@kaldera.example\r\nSubject: Hello\r\n\r\nHi\r\n"


@pytest.mark.parametrize(
    ("headers", "is_verified"),
    [
        (PASS, True),
        (PASS.upper().replace(b"AUTHENTICATION-RESULTS", b"Authentication-Results"), True),
        (b"", False),
        (PASS.replace(b"pass", b"none"), False),
        (PASS.replace(b"dmarc=pass", b"spf=pass; dkim=pass"), False),
        # Somebody else's word, above and below, with and without our server's.
        (PASS.replace(b"mx.kaldera", b"mx.evil"), False),
        (PASS.replace(b"mx.kaldera.example", b"mx.kaldera.example.evil.example"), False),
        (PASS.replace(b"mx.kaldera", b"mx.evil") + PASS.replace(b"pass", b"none"), False),
        # Below our server's own field anybody may have written anything in its name.
        (PASS.replace(b"pass", b"none") + PASS, False),
        # Proven, but for another domain.
        (PASS.replace(b"example.jp", b"evil.example"), False),
        (PASS.replace(b"example.jp", b"evil.example.jp"), False),
        (PASS.replace(b" header.from=example.jp", b""), True),
    ],
)
def test_only_the_trusted_server_proves_a_sender(
    cast: Cast, headers: bytes, is_verified: bool
) -> None:
    message = shown(cast, headers + FROM_AIKO)

    assert message.is_verified is is_verified
    assert message.conversation.is_sender_verified is is_verified


def test_a_channel_without_a_trusted_server_believes_nobody(cast: Cast) -> None:
    Channel.objects.update(trusted_hop="")

    assert not shown(cast, PASS + FROM_AIKO).is_verified
    assert not shown(cast, PASS.replace(b"mx.kaldera.example", b"") + FROM_AIKO).is_verified


def test_an_address_that_was_proven_once_stays_so_and_its_next_mail_must_be_proven_anew(
    cast: Cast,
) -> None:
    shown(cast, letter("new@example.com", verified=False))
    identity = Identity.objects.get(value="new@example.com")
    assert not identity.is_verified

    shown(cast, letter("new@example.com"))
    unproven = shown(cast, letter("new@example.com", verified=False))

    identity.refresh_from_db()
    assert identity.is_verified
    assert not unproven.is_verified
    assert not unproven.conversation.is_sender_verified


@pytest.mark.parametrize(
    ("from_", "reason"),
    [
        ("vic@corp.example, eve@evil.example", HeldReason.SEVERAL_SENDERS),
        ("Vic <vic@corp.example>, Eve <eve@evil.example>", HeldReason.SEVERAL_SENDERS),
        ("mina@kaldera.example", HeldReason.CLAIMS_COLLEAGUE),
        ("Mina <MINA@Kaldera.Example>", HeldReason.CLAIMS_COLLEAGUE),
        ("support@kaldera.example", HeldReason.CLAIMS_COLLEAGUE),
    ],
)
def test_mail_that_may_lie_about_its_sender_waits_for_an_agent(
    cast: Cast, from_: str, reason: HeldReason
) -> None:
    arrive(cast, letter(from_, verified=False))

    assert HeldRaw.objects.get().reason == reason
    assert not Message.objects.exists()


def test_two_from_fields_are_several_senders(cast: Cast) -> None:
    arrive(cast, PASS + b"From: eve@evil.example\r\n" + FROM_AIKO)

    assert HeldRaw.objects.get().reason == HeldReason.SEVERAL_SENDERS


def test_one_sender_named_twice_is_one_sender(cast: Cast) -> None:
    assert shown(cast, letter("aiko@example.jp, AIKO@example.jp", verified=False))


@pytest.mark.parametrize(
    ("policy", "is_held"),
    [
        (b"", True),
        (b" (p=reject dis=none)", True),
        (b" (p=quarantine)", True),
        (b" (p=none sp=none)", False),
    ],
)
def test_mail_its_domain_calls_forged_is_held_unless_the_domain_only_watches(
    cast: Cast, policy: bytes, is_held: bool
) -> None:
    verdict = PASS.replace(b"dmarc=pass", b"dmarc=fail" + policy)
    arrive(cast, verdict + FROM_AIKO)

    assert HeldRaw.objects.filter(reason=HeldReason.FAILED_PROOF).exists() is is_held
    assert Message.objects.filter(is_verified=True).count() == 0


@pytest.mark.parametrize(
    "name", ["aiko@example.jp", "aiko@example.jp <aiko@example.jp>", "Aiko (aiko@example.jp)"]
)
def test_a_name_that_looks_like_somebodys_address_makes_nobody_that_customer(
    cast: Cast, name: str
) -> None:
    message = shown(cast, letter(f'"{name}" <eve@evil.example>'))

    assert message.from_address == "eve@evil.example"
    assert message.conversation.customer != cast.aiko


def test_nothing_but_from_says_who_wrote(cast: Cast) -> None:
    lies = (
        b"Sender: aiko@example.jp\r\nReply-To: aiko@example.jp\r\nReturn-Path: <aiko@example.jp>\r\n"
        b"X-Original-Sender: aiko@example.jp\r\nX-Original-From: aiko@example.jp\r\n"
        b"Resent-From: aiko@example.jp\r\n"
    )
    body = letter("eve@evil.example", text="---- Forwarded ----\nFrom: aiko@example.jp")

    message = shown(cast, lies + body)

    assert message.conversation.customer != cast.aiko
    assert message.identity is not None
    assert message.identity.value == "eve@evil.example"


def test_fields_other_programs_obey_have_no_effect(cast: Cast) -> None:
    orders = (
        b"X-Desk-Customer-Email: aiko@example.jp\r\nX-Desk-Assign: mina@kaldera.example\r\n"
        b"X-Hospes-Queue: 1\r\nX-Hospes-Close: yes\r\nX-Zammad-Ticket-Owner: mina@kaldera.example\r\n"
        b"RT-Squelch-Replies-To: aiko@example.jp\r\nX-Hospes-Loop: not-ours\r\n"
    )
    message = shown(cast, orders + letter("eve@evil.example"))

    conversation = message.conversation
    assert (conversation.assignee, conversation.queue, conversation.is_open) == (
        None,
        cast.care,
        True,
    )
    assert conversation.customer != cast.aiko


def test_a_letter_of_ours_that_comes_back_opens_no_conversation(cast: Cast) -> None:
    ours = f"X-Hospes-Loop: {cast.brand.site.install_id}\r\n".encode()

    arrive_together(
        cast, ours + letter("support@kaldera.example"), ours + letter("list@example.net")
    )

    assert {held.reason for held in HeldRaw.objects.all()} == {HeldReason.OUR_OWN}
    assert not Message.objects.exists()


def test_an_address_that_somebody_uses_first_keeps_nobody_from_being_shown(cast: Cast) -> None:
    """A Message-ID that a stranger took is no reason to drop the mail of whoever uses it later."""
    squatted = b"Message-ID: <invoice-7@partner.example>\r\n"
    first = shown(cast, squatted + b"From: eve@evil.example\r\n\r\nmine")
    second = shown(cast, squatted + b"From: partner@partner.example\r\n\r\nthe real one")

    assert first.conversation_id != second.conversation_id


def test_mail_for_a_sender_with_an_endless_address_harms_nobody(cast: Cast) -> None:
    ids = arrive_together(
        cast, letter("a" * 400 + "@example.com", verified=False), letter("omar@example.sa")
    )

    assert Message.objects.filter(raw_id=ids[1]).exists()
