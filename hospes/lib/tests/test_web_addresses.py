from __future__ import annotations

import pytest

from hospes.lib.web_addresses import (
    could_be_taken_for_another,
    host_of,
    hosts_named,
    is_same_owner,
    shown_host,
)

CYRILLIC = "p\u0430ypal.com"  # its second letter
MIXED = "xn--pypal-4ve.com"


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://shop.example/p/7?q=1#a", "shop.example"),
        ("HTTPS://Shop.Example:8443/", "shop.example"),
        ("https://bank.com@evil.example/", "evil.example"),
        ("https://bank.com:443@evil.example/", "evil.example"),
        ("https:\\\\evil.example\\bank.com", "evil.example"),
        ("https:/\\/evil.example/", "evil.example"),
        ("https:evil.example/", "evil.example"),
        (" \x01https://ev\til.exa\nmple/", "evil.example"),
        ("https://evil.example?bank.com/", "evil.example"),
        ("https://%65vil.example/", "evil.example"),
        ("https://b\u00fccher.example/", "xn--bcher-kva.example"),
        ("https://\uff45vil.example\u3002com/", "evil.example.com"),
        ("https://i\u2764.ws/", "xn--i-7iq.ws"),
        ("http://[::1]:8000/", "[::1]"),
        ("http://0x7f000001/", "0x7f000001"),
        ("https://evil.example./", "evil.example"),
        ("mailto:vic@corp.example", ""),
        ("tel:+4915", ""),
        ("", ""),
        ("https://", ""),
        (f"https://{'a.' * 200}example/", ""),
    ],
)
def test_a_host_is_read_as_a_browser_reads_it(url: str, host: str) -> None:
    assert host_of(url) == host


@pytest.mark.parametrize(
    ("text", "hosts"),
    [
        ("https://www.bank.com/login", ["www.bank.com"]),
        ("Log in at bank.com, please", ["bank.com"]),
        ("(bank.com)", ["bank.com"]),
        ("bank.com:443/x", ["bank.com"]),
        ("b\u200bank.c\u00adom", ["bank.com"]),
        ("ｂａｎｋ.com", ["bank.com"]),
        ("support@bank.com", ["bank.com"]),
        ("https://intranet.corp/", ["intranet.corp"]),
        ("www.bank.example", ["www.bank.example"]),
        ("こちらbank.comへ", ["bank.com"]),
        ("http://192.0.2.7/pay", ["192.0.2.7"]),
        (CYRILLIC, [MIXED]),
        ("https://shop.example/files/readme.md", ["shop.example"]),
        ("invoice.pdf", []),
        ("v2.1 of 2026.11.25, e.g. this", []),
        ("To the shop", []),
        ("bank.example", []),  # no ending that anybody could register under
        ("...", []),
    ],
)
def test_a_text_names_hosts_and_files_are_none(text: str, hosts: list[str]) -> None:
    assert hosts_named(text) == hosts


def test_a_long_text_is_looked_through_in_a_moment() -> None:
    for text in ("a." * 10_000, "a" * 20_000, "http://" * 3000, ".-" * 10_000, "a@" * 10_000):
        assert isinstance(hosts_named(text), list)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("www.bank.com", "bank.com", True),
        ("click.bank.co.uk", "bank.co.uk", True),
        ("bank.co.uk", "evil.co.uk", False),
        ("alice.github.io", "eve.github.io", False),
        ("bank.com", "bank.com.evil.example", False),
        ("192.0.2.7", "192.0.9.7", False),
    ],
)
def test_who_registered_a_domain_has_what_stands_below_it(one: str, other: str, same: bool) -> None:
    assert is_same_owner(one, other) is same


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("shop.example", "shop.example"),
        ("xn--bcher-kva.example", "bücher.example"),
        ("xn--e1afmkfd.xn--p1ai", "пример.рф"),
        ("xn--zckzah.example", "テスト.example"),
        (MIXED, MIXED),
        ("xn--80ak6aa92e.com", "xn--80ak6aa92e.com"),  # "apple", in Cyrillic letters alone
        ("xn--\x80.example", "xn--\x80.example"),
    ],
)
def test_a_host_stands_in_its_own_script_unless_it_looks_like_another(
    host: str, shown: str
) -> None:
    assert shown_host(host) == shown
    assert could_be_taken_for_another(host) is (host in {MIXED, "xn--80ak6aa92e.com"})
