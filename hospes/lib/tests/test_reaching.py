"""Which addresses may be reached: everybody's, and the private ones that an operator names."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from hospes.lib.reaching import PrivateAddress, is_open, open_addresses


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.1.2.3", "0.0.0.0", "10.1.1.1", "172.16.0.1", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1",
        "ff02::1", "::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_private_addresses_are_closed_however_they_are_written(address: str) -> None:
    assert not is_open(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "2606:4700::1111", "64:ff9b::101:101"])
def test_everybody_s_addresses_are_open(address: str) -> None:
    assert is_open(address, ())


def test_a_named_network_is_open_and_no_other() -> None:
    allowed = [ip_network("10.0.0.0/8")]

    assert is_open("10.1.1.1", allowed)
    assert is_open("::ffff:10.1.1.1", allowed)
    assert not is_open("192.168.1.1", allowed)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1", "2130706433"])
def test_a_name_that_leads_home_is_told(host: str) -> None:
    with pytest.raises(PrivateAddress):
        open_addresses(host, 993, allowed=())


@pytest.mark.parametrize("host", ["", "a" * 300, "..", "\udcff.example"])
def test_what_is_no_name_is_no_more_than_a_fault(host: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 # the system's own words differ
        open_addresses(host, 993, allowed=())
