"""Signatures made by somebody else's program (dkimpy), read by ours."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hospes.channels.email.proving import arc, dkim
from hospes.channels.email.proving.names import Names, Resolver
from hospes.channels.email.proving.signed import mail_of
from tests.mail import letter
from tests.zone import PUBLIC, Zone, domain, sealed, signed

FORMS = [(b"relaxed", b"relaxed"), (b"relaxed", b"simple"), (b"simple", b"relaxed"), (b"simple", b"simple")]  # fmt: skip
ODD = b"From: Aiko <aiko@example.jp>\r\nTo:  a@b.example\r\nSubject:\t A  folded\r\n\t subject \r\nX-Odd:\r\n\r\n"
BODIES = [
    b"", b"\r\n", b"\r\n\r\n", b"Hi", b"Hi\r\n", b"Hi \r\n\t\r\n\r\n", b"a  b\tc \r\n d\r\n",
    "こんにちは\r\n".encode(), b"lone\rreturn\r\n", b".\r\n",
]  # fmt: skip


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with Zone(
        {**domain("example.jp"), **domain("lists.example"), **domain("second.example")}
    ) as zone:
        yield zone


@pytest.fixture
def names(zone: Zone) -> Names:
    return Names(Resolver("127.0.0.1", zone.port), until=time.monotonic() + 20)


def checked(raw: bytes, names: Names) -> tuple[str, tuple[str, ...]]:
    return dkim.check_all(mail_of(raw), names, now=time.time())


@pytest.mark.parametrize("forms", FORMS)
@pytest.mark.parametrize("body", BODIES)
def test_a_signature_holds_in_every_form(
    names: Names, forms: tuple[bytes, bytes], body: bytes
) -> None:
    raw = signed(ODD + body, "example.jp", canonicalize=forms)

    assert checked(raw, names) == ("pass", ("example.jp",))


@pytest.mark.parametrize("forms", FORMS)
def test_what_was_changed_on_the_way_is_no_more_signed(
    names: Names, forms: tuple[bytes, bytes]
) -> None:
    raw = signed(ODD + b"Pay to account 1.\r\n", "example.jp", canonicalize=forms)

    assert checked(raw.replace(b"account 1", b"account 2"), names) == ("fail", ())
    assert checked(raw.replace(b"Aiko", b"Eve"), names) == ("fail", ())
    assert checked(raw + b"more\r\n", names) == ("fail", ())


def test_line_breaks_that_a_server_rewrote_change_nothing(names: Names) -> None:
    raw = signed(ODD + b"Hi\r\nthere\r\n", "example.jp")

    assert checked(raw.replace(b"\r\n", b"\n"), names)[0] == "pass"


def test_every_domain_that_signed_is_told_and_a_bad_one_spoils_no_good_one(names: Names) -> None:
    raw = signed(signed(letter("aiko@example.jp"), "example.jp"), "second.example")
    broken = b"DKIM-Signature: v=1; a=rsa-sha256; d=evil.example; s=s1; h=from; bh=x; b=y\r\n" + raw

    assert checked(broken, names) == ("pass", ("second.example", "example.jp"))


BAD = [
    lambda raw: raw.replace(b"a=rsa-sha256", b"a=rsa-sha1"),
    lambda raw: raw.replace(b"v=1;", b"v=2;"),
    lambda raw: raw.replace(b"s=s1", b"s=gone"),
    lambda raw: raw.replace(b"d=example.jp", b"d=second.example"),
    lambda raw: raw.replace(b"v=1;", b"v=1; x=1;"),
    lambda raw: raw.replace(b"v=1;", b"v=1; l=0;"),
    lambda raw: raw.replace(b"v=1;", b"v=1; i=@other.example;"),
    lambda raw: raw.replace(b" d=", b" d=d; d="),
    lambda raw: raw.replace(b"d=example.jp", b"d=jp"),
    lambda raw: raw.replace(b"s=s1", b"s=" + b"a." * 120 + b"b"),
    lambda raw: raw.replace(b"DKIM-Signature:", b"DKIM-Signature: ;;=;\xff;"),
]  # fmt: skip


@pytest.mark.parametrize("changed", BAD)
def test_a_signature_that_breaks_a_rule_proves_nothing(names: Names, changed: object) -> None:
    raw = signed(letter("aiko@example.jp"), "example.jp")
    assert checked(raw, names)[0] == "pass"

    result, domains = checked(changed(raw), names)  # type: ignore[operator]

    assert result in ("fail", "permerror")
    assert domains == ()


KEYS = ["p=", "p=AAAA", f"k=ed25519; p={PUBLIC}", f"h=sha1; p={PUBLIC}", f"s=web; p={PUBLIC}", f"v=DKIM2; p={PUBLIC}", "", "garbage"]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_a_key_that_is_none_proves_nothing(key: str) -> None:
    raw = signed(letter("aiko@example.jp"), "example.jp")
    with Zone({"s1._domainkey.example.jp": {"TXT": [key]}}) as zone:
        names = Names(Resolver("127.0.0.1", zone.port), until=time.monotonic() + 20)
        assert checked(raw, names) == ("fail", ())


def test_only_a_few_signatures_are_looked_at(names: Names, zone: Zone) -> None:
    one = b"DKIM-Signature: v=1; a=rsa-sha256; d=n%d.example; s=s1; h=from; bh=47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=; b=aaaa\r\n"
    raw = b"".join(one % number for number in range(500)) + b"From: a@example.jp\r\n\r\n"
    before = len(zone.asked)

    assert checked(raw.replace(b"c=", b""), names)[0] == "fail"

    assert len(zone.asked) - before <= 5


LARGE = 2_000_000
HOSTILE = [
    b"From: a@example.jp\r\n\r\n" + b" " * LARGE + b"x",
    b"From: a@example.jp\r\n\r\n" + b"\r\n" * LARGE,
    b"From: a@example.jp\r\n\r\n" + b"\r" * LARGE,
    b"From: a@example.jp\r\n\r\n" + b" \t" * LARGE + b"\r\n",
    b"From: a@example.jp\r\nX:" + b"\r\n " * LARGE + b"\r\n\r\nx",
    b"X" * LARGE + b"\r\n\r\nx",
    b"A: b\r\n" * 200_000 + b"\r\nx",
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_mail_built_to_take_long_does_not(names: Names, hostile: bytes) -> None:
    head = b"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.jp; s=s1; h=%s; bh=AAAA; b=AAAA\r\n"
    asked = b":".join([b"from", *(b"x%d" % n for n in range(50_000))])
    began = time.process_time()

    assert checked(head % b"from" + head % asked + hostile, names)[1] == ()

    assert time.process_time() - began < 5


class TestChain:
    def test_holds_where_each_hop_sealed_what_it_got(self, names: Names) -> None:
        raw = sealed(
            letter("aiko@example.jp"), "lists.example", found="dmarc=pass header.from=example.jp"
        )
        twice = sealed(
            b"Subject-Was: x\r\n" + raw,
            "second.example",
            found="arc=pass; dmarc=pass header.from=example.jp",
        )

        for mail, sealer in ((raw, "lists.example"), (twice, "second.example")):
            chain = arc.check(mail_of(mail), names)
            assert (chain.result, chain.sealer) == ("pass", sealer)
            assert chain.said is not None
            assert (chain.said.dmarc, chain.said.from_domain) == ("pass", "example.jp")

    @pytest.mark.parametrize(
        "harm",
        [
            (b"Where is my parcel?", b"Send money."),
            (b"dmarc=pass", b"dmarc=fail"),
            (b"cv=none", b"cv=pass"),
            (b"i=1;", b"i=2;"),
            (b"ARC-Seal:", b"X-Gone:"),
            (b"d=lists.example", b"d=second.example"),
        ],
    )
    def test_breaks_with_whatever_is_changed(self, names: Names, harm: tuple[bytes, bytes]) -> None:
        raw = sealed(
            letter("aiko@example.jp"), "lists.example", found="dmarc=pass header.from=example.jp"
        )

        assert arc.check(mail_of(raw.replace(*harm)), names).result == "fail"

    def test_is_none_where_nobody_sealed(self, names: Names) -> None:
        assert arc.check(mail_of(letter("aiko@example.jp")), names).result == "none"
