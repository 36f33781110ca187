"""Letters signed by the domain they are from, and the DNS that has to have the key."""

from __future__ import annotations

from datetime import UTC, datetime

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pytest_django import Settings

from hospes.channels.actions.connecting import send_test_letter
from hospes.channels.actions.signing import Found, forget_key, keep_key, look_for_key
from hospes.channels.contract import Address, Outbound, OutboundFile
from hospes.channels.email.compose import compose
from hospes.channels.email.proving.dkim import check_all
from hospes.channels.email.proving.names import Names, Resolver
from hospes.channels.email.proving.signed import mail_of
from hospes.channels.email.signing import Signer, make_key, record_of
from hospes.channels.email.tests.servers import Desk, running
from hospes.channels.models import SigningKey
from hospes.channels.sending import hand_over
from hospes.channels.tests.test_ways_out import Told
from hospes.lib.refusal import Refused
from tests.cast import NOON, Cast
from tests.zone import Zone

KEY = make_key()
NAME = "hospes._domainkey.kaldera.example"
LETTERS = {
    "plain": Outbound(
        message_id="<1.a@kaldera.example>", from_=Address("Mina", "support@kaldera.example"),
        to=(Address("Aiko", "aiko@example.jp"),), subject="Re: x", text="On Saturday.\n\n\n", date=NOON,
    ),
    "every script": Outbound(
        message_id="<2.a@kaldera.example>", from_=Address("Mína „M“", "support@kaldera.example"),
        to=(Address("愛子", "aiko@example.jp"),), cc=(Address("", "p@example.org"),),
        reply_to=(Address("", "r+1@reply.kaldera.example"),), subject="小包 " * 40, text="土曜日 \t\n" * 200,
        date=NOON, references=tuple(f"<{n}@x.example>" for n in range(20)), language="ja",
        headers={"Auto-Submitted": "auto-replied"},
    ),
    "with a file": Outbound(
        message_id="<3.a@kaldera.example>", from_=Address("", "support@kaldera.example"),
        to=(Address("", "aiko@example.jp"),), subject="", text="", date=NOON, html="<p>x</p>",
        files=(OutboundFile("a.bin", "x/y", bytes(range(256)) * 40),),
    ),
}  # fmt: skip


def published(name: bytes, timeout: int = 0) -> bytes:
    """The DNS as dkimpy asks it."""
    assert name.rstrip(b".") == NAME.encode()
    return record_of(KEY).encode()


@pytest.mark.parametrize("kind", LETTERS)
def test_a_signature_holds_as_others_check_it(kind: str) -> None:
    content = compose(LETTERS[kind])

    signed = Signer("kaldera.example", "hospes", KEY).sign(content, at=1_795_176_000)

    assert dkim.verify(signed, dnsfunc=published)
    assert signed.endswith(content)
    assert max(len(line) for line in signed.split(b"\r\n")) <= 998


def test_a_signature_holds_as_we_check_it_ourselves() -> None:
    signed = Signer("kaldera.example", "hospes", KEY).sign(compose(LETTERS["plain"]), at=1)
    with Zone({NAME: {"TXT": [record_of(KEY)]}}) as zone:
        names = Names(Resolver("127.0.0.1", zone.port), until=float("inf"))
        assert check_all(mail_of(signed), names, now=2) == ("pass", ("kaldera.example",))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"On Saturday", b"On Sunday"),
        (b"Subject: Re: x", b"Subject: Re: y"),
        (b"From: Mina", b"From: Eve <eve@evil.example>\r\nFrom: Mina"),
        (b"\r\n\r\nOn", b"\r\nReply-To: eve@evil.example\r\n\r\nOn"),
        (b"\r\n\r\nOn", b"\r\nCc: eve@evil.example\r\n\r\nOn"),
    ],
)
def test_whoever_changes_a_letter_or_adds_to_it_breaks_the_signature(
    before: bytes, after: bytes
) -> None:
    signed = Signer("kaldera.example", "hospes", KEY).sign(compose(LETTERS["plain"]), at=1)
    changed = signed.replace(before, after)

    assert changed != signed
    assert not dkim.verify(changed, dnsfunc=published)


@pytest.mark.django_db
def test_letters_are_signed_once_the_dns_has_the_key(cast: Cast, settings: Settings) -> None:
    key = keep_key(domain=" Kaldera.example. ", at=NOON)
    desk, zone = Desk(), Zone({})
    with running(desk) as port, zone:
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
        settings.RESOLVER = ("127.0.0.1", zone.port)
        assert look_for_key(key, at=NOON) is Found.MISSING
        hand_over(LETTERS["plain"], channel=cast.channel, watch=Told())

        zone.records = {NAME: {"TXT": [record_of(make_key())]}}
        assert look_for_key(key, at=NOON) is Found.OTHER
        hand_over(LETTERS["plain"], channel=cast.channel, watch=Told())

        # A long record may come in pieces, with spaces where somebody pasted it.
        record = record_of(key.private_key)
        zone.records = {NAME: {"TXT": ["v=spf1 -all", record.replace("; p=", ";  p= ")]}}
        assert look_for_key(key, at=NOON) is Found.THERE
        hand_over(LETTERS["plain"], channel=cast.channel, watch=Told())

    are_signed = [b"DKIM-Signature:" in one.content for one in desk.envelopes]
    assert are_signed == [False, False, True]
    assert dkim.verify(desk.envelopes[2].content, dnsfunc=lambda *_a, **_k: record.encode())
    key.refresh_from_db()
    assert (key.is_active, key.found_at) == (True, NOON)


@pytest.mark.django_db
def test_the_letter_to_oneself_shows_the_signature(cast: Cast, settings: Settings) -> None:
    keep_key(domain="kaldera.example", at=NOON)
    SigningKey.objects.update(is_active=True)
    desk = Desk()
    with running(desk) as port:
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
        send_test_letter(cast.channel, to="ana@kaldera.example", subject="x", text="x", at=NOON)

    assert b"DKIM-Signature:" in desk.envelopes[0].content


@pytest.mark.django_db
def test_a_server_of_names_that_is_silent_ends_no_signing(settings: Settings) -> None:
    key = keep_key(domain="kaldera.example", at=NOON)
    SigningKey.objects.update(is_active=True, found_at=NOON)
    key.refresh_from_db()
    with Zone({}, silent={NAME}) as zone:
        settings.RESOLVER = ("127.0.0.1", zone.port)
        assert look_for_key(key, at=datetime(2026, 12, 1, tzinfo=UTC)) is Found.SILENT

    key.refresh_from_db()
    assert (key.is_active, key.found_at) == (True, NOON)


@pytest.mark.django_db
def test_the_key_of_a_domain_signs_for_what_lies_within_it_and_for_nobody_else(
    cast: Cast, settings: Settings
) -> None:
    keep_key(domain="kaldera.example", at=NOON)
    SigningKey.objects.update(is_active=True)
    desk = Desk()
    with running(desk) as port:
        settings.SMTP_URL = f"smtp://127.0.0.1:{port}"
        for address in ("a@mail.kaldera.example", "a@notkaldera.example", "a@other.example"):
            sender = Outbound(
                message_id="<1@x.example>", from_=Address("", address), subject="", text="",
                to=(Address("", "aiko@example.jp"),), date=NOON,
            )  # fmt: skip
            hand_over(sender, channel=cast.channel, watch=Told())

    assert [b"d=kaldera.example" in one.content for one in desk.envelopes] == [True, False, False]


@pytest.mark.django_db
def test_a_key_may_be_given_and_replaces_the_one_before() -> None:
    keep_key(domain="kaldera.example", at=NOON)
    SigningKey.objects.update(is_active=True)

    key = keep_key(domain="kaldera.example", selector="k2", private_key=f"\n{KEY}\n", at=NOON)

    assert SigningKey.objects.get() == key
    assert (str(key), key.is_active) == ("k2._domainkey.kaldera.example", False)
    assert record_of(key.private_key) == record_of(KEY)
    forget_key(key)
    assert not SigningKey.objects.exists()


ELLIPTIC = ec.generate_private_key(ec.SECP256R1()).private_bytes(
    Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "given",
    [
        {"domain": "kaldera"}, {"domain": ""}, {"domain": "a b.example"},
        {"domain": "kaldera.example", "selector": "no such"},
        {"domain": "kaldera.example", "selector": "a.b"},
        {"domain": "kaldera.example", "private_key": "-----BEGIN"},
        {"domain": "kaldera.example", "private_key": ELLIPTIC.decode()},
    ],
)  # fmt: skip
def test_what_cannot_sign_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(Refused):
        keep_key(**given, at=NOON)
    assert not SigningKey.objects.exists()


def test_a_private_key_is_shown_to_nobody() -> None:
    signer = Signer("kaldera.example", "hospes", KEY)
    assert "PRIVATE" not in repr(signer)
    assert "PRIVATE" not in record_of(KEY)
