"""A server of names that is slow, silent or hostile."""

from __future__ import annotations

import time

import pytest

from hospes.channels.email.proving.dmarc import policy_of
from hospes.channels.email.proving.names import MAX_SILENCES, Names, Resolver, Unanswered
from hospes.lib.public_suffixes import registered
from tests.zone import Zone


def names_of(zone: Zone, *, seconds: float = 10) -> Names:
    return Names(Resolver("127.0.0.1", zone.port), until=time.monotonic() + seconds)


def test_what_was_answered_is_not_asked_again() -> None:
    with Zone({"a.example": {"TXT": ["one"]}}) as zone:
        names = names_of(zone)
        for _ in range(3):
            assert names.texts("a.example") == ["one"]
            assert names.texts("nobody.example") == []

    assert sorted(zone.asked) == [("a.example", "TXT"), ("nobody.example", "TXT")]


def test_a_long_text_comes_in_one_piece() -> None:
    with Zone({"a.example": {"TXT": ["x" * 1000]}}) as zone:
        assert names_of(zone).texts("a.example") == ["x" * 1000]


def test_a_silent_domain_is_left_alone_after_a_few_questions() -> None:
    names = {f"{n}.slow.example" for n in range(20)}
    with Zone({"good.example": {"TXT": ["one"]}}, silent=names) as zone:
        asking = names_of(zone, seconds=60)
        began = time.monotonic()
        for name in sorted(names):
            with pytest.raises(Unanswered):
                asking.texts(name)
        assert time.monotonic() - began < (MAX_SILENCES + 1) * 2
        assert asking.texts("good.example") == ["one"]


def test_a_mail_whose_time_is_over_asks_nothing_more() -> None:
    with Zone({"a.example": {"TXT": ["one"]}}) as zone:
        with pytest.raises(Unanswered):
            names_of(zone, seconds=0).texts("a.example")
        assert zone.asked == []


@pytest.mark.parametrize(
    ("domain", "organisation"),
    [
        ("example.com", "example.com"), ("a.b.example.com", "example.com"), ("shop.example.co.uk", "example.co.uk"),
        ("co.uk", "co.uk"), ("x.unknown", "x.unknown"), ("a.x.unknown", "x.unknown"), ("foo.github.io", "foo.github.io"),
        ("a.xn--bcher-kva.de", "xn--bcher-kva.de"), ("localhost", "localhost"),
    ],
)  # fmt: skip
def test_an_organisation_is_what_was_registered(domain: str, organisation: str) -> None:
    assert registered(domain) == organisation


POLICIES = [
    ({"_dmarc.a.example": ["v=DMARC1; p=reject"]}, "a.example", "reject"),
    ({"_dmarc.a.example": ["v=DMARC1;p=Quarantine"]}, "a.example", "quarantine"),
    ({"_dmarc.a.example": ["v=DMARC1; p=reject; sp=none"]}, "b.a.example", "none"),
    ({"_dmarc.a.example": ["v=DMARC1; p=reject"]}, "b.a.example", "reject"),
    ({"_dmarc.b.a.example": ["v=DMARC1; p=none"], "_dmarc.a.example": ["v=DMARC1; p=reject"]}, "b.a.example", "none"),
    ({"_dmarc.a.example": ["v=DMARC1; p=odd; rua=mailto:x@a.example"]}, "a.example", "none"),
    ({"_dmarc.a.example": ["v=DMARC1; p=odd"]}, "a.example", None),
    ({"_dmarc.a.example": ["v=DMARC1; p=reject", "v=DMARC1; p=none"]}, "a.example", None),
    ({"_dmarc.a.example": ["v=DMARC2; p=reject", "v=spf1 -all"]}, "a.example", None),
    ({"_dmarc.a.example": ["v=DMARC1; p=reject; p=none"]}, "a.example", None),
    ({}, "a.example", None),
]  # fmt: skip


@pytest.mark.parametrize(("records", "domain", "asks"), POLICIES)
def test_a_domain_or_its_organisation_says_what_it_asks_for(
    records: dict[str, list[str]], domain: str, asks: str | None
) -> None:
    with Zone({name: {"TXT": texts} for name, texts in records.items()}) as zone:
        policy = policy_of(domain, names_of(zone))

    assert (policy.asks if policy else None) == asks
