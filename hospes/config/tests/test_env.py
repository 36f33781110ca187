"""What may stand in the environment, and the one line that refuses the rest."""

from __future__ import annotations

import ipaddress
from pathlib import Path

import pytest

from hospes.config import env


def test_a_text_is_what_was_given_or_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.text("PLACE", "here") == "here"
    monkeypatch.setenv("HOSPES_PLACE", "there")
    assert env.text("PLACE", "here") == "there"


def test_a_secret_may_stand_in_a_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("correct horse\n", encoding="utf-8")
    monkeypatch.setenv("HOSPES_SECRET_FILE", str(file))
    assert env.text("SECRET") == "correct horse"
    monkeypatch.setenv("HOSPES_SECRET", "battery staple")
    assert env.text("SECRET") == "battery staple"


def test_a_secret_file_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_SECRET_FILE", "/nowhere/secret")
    with pytest.raises(env.WrongSetting, match=r"HOSPES_SECRET_FILE=/nowhere/secret: .*No such"):
        env.text("SECRET")


@pytest.mark.parametrize(
    ("given", "read"), [("1", True), ("Yes", True), ("on", True), ("0", False), ("no", False)]
)
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, given: str, read: bool) -> None:
    monkeypatch.setenv("HOSPES_LOUD", given)
    assert env.flag("LOUD", default=not read) is read


def test_a_flag_that_is_neither_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.flag("LOUD", default=True) is True
    monkeypatch.setenv("HOSPES_LOUD", "perhaps")
    with pytest.raises(env.WrongSetting, match="HOSPES_LOUD=perhaps: give yes or no"):
        env.flag("LOUD", default=True)


def test_a_number_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert env.number("GUESTS", 3, least=1, most=9) == 3
    monkeypatch.setenv("HOSPES_GUESTS", "9")
    assert env.number("GUESTS", 3, least=1, most=9) == 9
    for given, why in (("10", "a number from 1 to 9"), ("many", "a whole number"), ("", "whole")):
        monkeypatch.setenv("HOSPES_GUESTS", given)
        with pytest.raises(env.WrongSetting, match=f"HOSPES_GUESTS={given}: give .*{why}"):
            env.number("GUESTS", 3, least=1, most=9)


def test_a_choice_is_one_of_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_SEASON", "summer")
    assert env.choice("SEASON", "WINTER", among=("SUMMER", "WINTER")) == "SUMMER"
    monkeypatch.setenv("HOSPES_SEASON", "noon")
    with pytest.raises(env.WrongSetting, match="HOSPES_SEASON=NOON: give one of SUMMER, WINTER"):
        env.choice("SEASON", "WINTER", among=("SUMMER", "WINTER"))


def test_networks_are_addresses_of_both_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOSPES_FRIENDS", "127.0.0.1, 10.1.2.3/8 ,fd00::/8,")
    assert env.networks("FRIENDS") == [
        ipaddress.ip_network("127.0.0.1/32"),
        ipaddress.ip_network("10.0.0.0/8"),
        ipaddress.ip_network("fd00::/8"),
    ]
    monkeypatch.setenv("HOSPES_FRIENDS", "proxy.example")
    with pytest.raises(env.WrongSetting, match=r"HOSPES_FRIENDS=proxy\.example: give addresses"):
        env.networks("FRIENDS")


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("192.0.2.53", ("192.0.2.53", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("2001:db8::1", ("2001:db8::1", 53)),
        ("[2001:db8::1]:5353", ("2001:db8::1", 5353)),
        ("", None),
    ],
)
def test_a_server_is_an_address_and_perhaps_a_port(
    monkeypatch: pytest.MonkeyPatch, given: str, meant: tuple[str, int] | None
) -> None:
    monkeypatch.setenv("HOSPES_ASKED", given)
    assert env.server("ASKED", port=53) == meant


@pytest.mark.parametrize("given", ["dns.example", "127.0.0.1:0", "127.0.0.1:99999", "1.2.3", "[::1", "::1:x"])  # fmt: skip
def test_what_is_no_server_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("HOSPES_ASKED", given)
    with pytest.raises(env.WrongSetting, match="give an address, such as 192"):
        env.server("ASKED", port=53)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("/run/clamav/clamd.ctl", "/run/clamav/clamd.ctl"),
        ("scanner.example.com:3310", ("scanner.example.com", 3310)),
        ("[::1]:3310", ("::1", 3310)),
        ("", None),
    ],
)
def test_a_socket_lies_at_a_path_or_at_a_host_and_port(
    monkeypatch: pytest.MonkeyPatch, given: str, meant: object
) -> None:
    monkeypatch.setenv("HOSPES_ASKED", given)
    assert env.socket_place("ASKED") == meant


@pytest.mark.parametrize("given", ["clamd.ctl", "scanner", "scanner:", "scanner:0", "scanner:99999", "::1:3310", "a b:1"])  # fmt: skip
def test_what_is_no_socket_is_refused(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("HOSPES_ASKED", given)
    with pytest.raises(env.WrongSetting, match="give the path of a socket"):
        env.socket_place("ASKED")


def test_the_data_folder_is_where_it_was_said(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOSPES_DATA_DIR", "desk")
    assert env.data_dir() == tmp_path / "desk"
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("HOSPES_DATA_DIR", "~/mine")
    assert env.data_dir() == tmp_path / "mine"


@pytest.mark.parametrize(
    ("uid", "folder"), [(0, "/var/lib/hospes"), (1000, "/home/anna/.local/share/hospes")]
)
def test_the_data_folder_follows_who_runs_hospes(
    monkeypatch: pytest.MonkeyPatch, uid: int, folder: str
) -> None:
    monkeypatch.delenv("HOSPES_DATA_DIR", raising=False)
    monkeypatch.setenv("HOME", "/home/anna")
    monkeypatch.setattr("os.geteuid", lambda: uid)
    assert env.data_dir() == Path(folder)
