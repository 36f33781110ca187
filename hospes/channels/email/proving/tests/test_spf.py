"""Who may send for a domain, as its record says; and records that break the rules."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from hospes.channels.email.proving import spf
from hospes.channels.email.proving.names import Names, Resolver
from tests.zone import Records, Zone

IN, OUT, IN6 = "192.0.2.10", "198.51.100.10", "2001:db8::10"
CHAIN = {f"c{n}.example": {"TXT": [f"v=spf1 include:c{n + 1}.example -all"]} for n in range(20)}
ZONE: dict[str, Records] = {
    **CHAIN,  # type: ignore[dict-item]
    "a.example": {"A": [IN], "AAAA": [IN6], "MX": ["10 mx.a.example.", "5 mx2.a.example."], "TXT": ["other", "v=spf1 ip4:192.0.2.0/24 -all"]},
    "mx.a.example": {"A": ["192.0.2.77"]},
    "mx2.a.example": {"A": [IN]},
    "10.2.0.192.in-addr.arpa": {"PTR": ["mail.a.example.", "liar.b.example."]},
    "mail.a.example": {"A": [IN]},
    "liar.b.example": {"A": ["203.0.113.1"]},
    "10.2.0.192.allowed.example": {"A": ["127.0.0.2"]},
    "soft.example": {"TXT": ["v=spf1 ip4:192.0.2.10 ~all"]},
    "two.example": {"TXT": ["v=spf1 -all", "v=spf1 +all"]},
    "split.example": {"TXT": ["v=spf1 " + "ip4:203.0.113.1 " * 40 + "ip4:192.0.2.10 -all"]},
    "manymx.example": {"MX": [f"{n} m{n}.example." for n in range(11)]},
}  # fmt: skip


@pytest.fixture(scope="module")
def zone() -> Iterator[Zone]:
    with Zone(dict(ZONE), failing={"broken.example"}) as zone:
        yield zone


def ask(
    zone: Zone, record: str, *, peer: str = IN, sender: str = "u@s.example", helo: str = "h.example"
) -> str:
    zone.records = {**ZONE, "s.example": {"TXT": [record]}, "h.example": {"TXT": ["v=spf1 ip4:192.0.2.10 -all"]}}  # fmt: skip
    names = Names(Resolver("127.0.0.1", zone.port), until=time.monotonic() + 20)
    return spf.check(peer=peer, helo=helo, sender=sender, names=names)[0]


SAYS = [
    ("v=spf1 ip4:192.0.2.0/24 -all", "pass", "fail"),
    ("v=spf1 ip4:192.0.2.10 ~all", "pass", "softfail"),
    ("v=spf1 ip4:192.0.2.10", "pass", "neutral"),
    ("v=spf1 ?ip4:192.0.2.10 -all", "neutral", "fail"),
    ("v=spf1 a:a.example -all", "pass", "fail"),
    ("v=spf1 mx:a.example -all", "pass", "fail"),
    ("v=spf1 a:mail.a.example/24 -all", "pass", "fail"),
    ("v=spf1 include:a.example -all", "pass", "fail"),
    ("v=spf1 include:soft.example -all", "pass", "fail"),
    ("v=spf1 redirect=a.example", "pass", "fail"),
    ("v=spf1 ptr:a.example -all", "pass", "fail"),
    ("v=spf1 ptr:b.example -all", "fail", "fail"),
    ("v=spf1 exists:%{ir}.allowed.example -all", "pass", "fail"),
    ("v=spf1 include:split.example -all", "pass", "fail"),
    ("V=SPF1 IP4:192.0.2.10 -ALL", "pass", "fail"),
    ("v=spf1 ip6:2001:db8::/32 -all", "fail", "fail"),
    ("v=spf10 +all", "none", "none"),
    ("v=spf1", "neutral", "neutral"),
    ("nothing", "none", "none"),
]


@pytest.mark.parametrize(("record", "within", "without"), SAYS)
def test_a_record_says_who_may_send(zone: Zone, record: str, within: str, without: str) -> None:
    assert (ask(zone, record), ask(zone, record, peer=OUT)) == (within, without)


def test_addresses_of_both_kinds_are_known(zone: Zone) -> None:
    assert ask(zone, "v=spf1 ip6:2001:db8::/32 -all", peer=IN6) == "pass"
    assert ask(zone, "v=spf1 a:a.example -all", peer=IN6) == "pass"
    assert ask(zone, "v=spf1 ip4:192.0.2.0/24 -all", peer=f"::ffff:{IN}") == "pass"


BROKEN = [
    "v=spf1 ipv4:192.0.2.10 -all", "v=spf1 ip4:192.0.2.10/33 -all", "v=spf1 ip4:192.0.2 -all", "v=spf1 all:x -all",
    "v=spf1 include -all", "v=spf1 a:%{x}.example -all", "v=spf1 exists:%{d0}.example -all", "v=spf1 a:foo -all",
    "v=spf1 redirect=a.example redirect=a.example", "v=spf1 include:nobody.example -all", "v=spf1 include:two.example -all",
    "v=spf1 include:c0.example -all", "v=spf1 redirect=s.example", "v=spf1 include:s.example -all",
    "v=spf1 a:n1.example a:n2.example a:n3.example a:n4.example -all", "v=spf1 mx:manymx.example -all",
    "v=spf1 ip4:192.0.2.0/24\u00e9 -all", "v=spf1 -", "v=spf1 =x",
]  # fmt: skip


@pytest.mark.parametrize("record", BROKEN)
def test_a_record_that_breaks_a_rule_proves_nothing(zone: Zone, record: str) -> None:
    before = len(zone.asked)

    assert ask(zone, record) == "permerror"
    assert len(zone.asked) - before <= 25  # however it leads in circles


def test_who_names_no_sender_is_asked_by_its_own_name(zone: Zone) -> None:
    assert ask(zone, "v=spf1 -all", sender="") == "pass"
    assert ask(zone, "v=spf1 -all", sender="", helo="[192.0.2.10]") == "none"
    assert ask(zone, "v=spf1 +all", peer="") == "none"


def test_no_answer_is_no_verdict(zone: Zone) -> None:
    assert ask(zone, "v=spf1 include:broken.example -all") == "temperror"


@pytest.mark.parametrize("sender", ["u@" + "a." * 200 + "example", "u@a..example", "u@\u00fc.example", "u@" + "b" * 70 + ".example", "@", "u@-"])  # fmt: skip
def test_a_name_nobody_can_have_says_nothing(zone: Zone, sender: str) -> None:
    assert ask(zone, "v=spf1 +all", sender=sender) in {"none", "pass"}
    assert ask(zone, "v=spf1 -all", sender=sender, helo="h..example") in {"none", "fail"}
