"""`hospes doctor` on a whole desk: running, stopped, and none at all."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.running import COMMAND, Desk


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = {"HOSPES_URL": "https://care.example.com", "HOSPES_HOST": "127.0.0.1"}
    desk = Desk(tmp_path_factory.mktemp("doctor") / "desk", settings).start()
    desk.hospes("team", "add", "ana@kaldera.example", "--role", "operator")
    yield desk
    if desk.process is not None and desk.process.poll() is None:
        desk.stop()


def ask(desk: Desk, *words: str, **settings: str) -> tuple[int, dict[str, Any]]:
    done = subprocess.run(
        [*COMMAND, "doctor", "--json", *words], env={**desk.environment, **settings},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.stderr == ""
    return done.returncode, json.loads(done.stdout)


def failures(told: dict[str, Any]) -> list[str]:
    return [one["about"] for one in told["findings"] if one["state"] == "fail"]


def test_a_running_desk_works(desk: Desk) -> None:
    code, told = ask(desk)

    assert (code, told["ok"], failures(told)) == (0, True, [])
    looked_at = {one["about"] for one in told["findings"]}
    assert {"pages", "SMTP door", "LMTP door", "PostgreSQL", "worker", "mail"} <= looked_at
    warned = [one for one in told["findings"] if one["state"] == "warn" and one["about"] != "disk"]
    assert [one["about"] for one in warned] == ["outgoing server"]
    assert all(one["mend"] for one in warned)


def test_lines_for_people_begin_with_how_it_is(desk: Desk) -> None:
    lines = desk.hospes("doctor").splitlines()

    assert lines[-1] == "It works, but look at what is marked warn."
    assert all(line.startswith(("ok  ", "warn")) for line in lines[:-1])


def test_a_wrong_setting_is_named(desk: Desk) -> None:
    code, told = ask(desk, HOSPES_DISK_RESERVE_PERCENT="much")

    assert (code, failures(told)) == (1, ["settings"])
    assert "HOSPES_DISK_RESERVE_PERCENT" in told["findings"][-1]["says"]


def test_a_database_elsewhere_that_does_not_answer_is_named(desk: Desk) -> None:
    code, told = ask(desk, HOSPES_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")

    assert (code, failures(told)) == (1, ["PostgreSQL"])


def test_links_name_the_address_of_the_running_desk_whoever_asks(desk: Desk) -> None:
    without = Desk(desk.folder)  # a shell that knows nothing of HOSPES_URL

    link = without.json("team", "link", "ana@kaldera.example")["sign_in_link"]

    assert link.startswith("https://care.example.com/sign-in/")


def test_where_there_is_no_desk_it_says_how_to_start_one(tmp_path: Path) -> None:
    code, told = ask(Desk(tmp_path / "none"))

    assert (code, failures(told)) == (1, ["data folder"])
    assert "hospes serve" in told["findings"][0]["mend"]
    assert not (tmp_path / "none").exists()


def test_a_desk_that_does_not_run_is_told_so(desk: Desk) -> None:
    desk.stop()

    code, told = ask(desk)

    assert (code, failures(told)) == (1, ["desk", "PostgreSQL"])
    assert all("hospes serve" in one["mend"] for one in told["findings"] if one["state"] == "fail")
