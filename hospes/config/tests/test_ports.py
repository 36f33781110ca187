"""Ports are opened before anything else starts, and one that is taken is named."""

from __future__ import annotations

import errno
import socket
from contextlib import closing

import pytest

from hospes.config import env
from hospes.config.ports import PortTaken, open_ports
from tests.mail import free_port


@pytest.fixture(autouse=True)
def settings_of_this_test(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOST", "PORT", "SMTP_PORT", "LMTP_PORT"):
        monkeypatch.delenv(f"HOSPES_{name}", raising=False)


def reaches(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError:
        return False
    return True


def test_pages_are_answered_on_every_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_PORT", str(port := free_port()))
    with closing(open_ports(["web"])["web"]):
        assert reaches("127.0.0.1", port)
        assert reaches("::1", port) or not socket.has_dualstack_ipv6()


def test_pages_are_answered_where_there_is_no_ipv6(monkeypatch: pytest.MonkeyPatch) -> None:
    ordinary = socket.create_server

    def without_ipv6(address: tuple[str, int], **how: object) -> socket.socket:
        if how.get("family") == socket.AF_INET6:
            raise OSError(errno.EADDRNOTAVAIL, "Cannot assign requested address")
        return ordinary(address, **how)  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "create_server", without_ipv6)
    monkeypatch.setenv("HOSPES_PORT", str(port := free_port()))
    with closing(open_ports(["web"])["web"]):
        assert reaches("127.0.0.1", port)


def test_the_door_without_senders_to_refuse_is_reached_from_here_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HOSPES_LMTP_PORT", str(free_port()))
    with closing(open_ports(["lmtp"])["lmtp"]) as door:
        assert door.getsockname()[0] == "127.0.0.1"


def test_an_answer_does_not_wait_for_a_fuller_packet(monkeypatch: pytest.MonkeyPatch) -> None:
    port = free_port()
    monkeypatch.setenv("HOSPES_PORT", str(port))
    with (
        closing(open_ports(["web"])["web"]) as listening,
        closing(socket.create_connection(("localhost", port))),
        closing(listening.accept()[0]) as accepted,
    ):
        assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_a_door_with_port_0_stays_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_SMTP_PORT", "0")
    assert open_ports(["smtp"]) == {}


def test_a_port_that_is_taken_is_named_with_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        port = other.getsockname()[1]
        monkeypatch.setenv("HOSPES_SMTP_PORT", str(port))
        with pytest.raises(PortTaken, match=f"Port {port} is taken .* --smtp-port"):
            open_ports(["smtp"])


def test_an_address_that_is_not_ours_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_HOST", "203.0.113.9")
    monkeypatch.setenv("HOSPES_PORT", str(free_port()))
    with pytest.raises(env.WrongSetting, match=r"cannot be opened on 203\.0\.113\.9"):
        open_ports(["web"])
