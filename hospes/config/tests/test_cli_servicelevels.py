"""The command that counts the dues of conversations told in a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hospes.config.cli import main

CASE = {
    "calendar": {"zone": "UTC", "hours": {"mon": [["09:00", "17:00"]]}},
    "created_at": "2026-11-02T08:00:00Z",
}


def test_the_command_reads_a_file_and_prints_a_list(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{**CASE, "id": "christmas"}, {**CASE, "id": "other"}]), "utf-8")

    assert main(["servicelevels", "replay", str(file)]) == 0
    assert [one["id"] for one in json.loads(capsys.readouterr().out)] == ["christmas", "other"]


@pytest.mark.parametrize(("text", "words"), [("{", "no JSON"), ("{}", "list of cases")])
def test_the_command_says_in_one_line_what_is_wrong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, words: str
) -> None:
    file = tmp_path / "cases.json"
    file.write_text(text, "utf-8")

    assert main(["servicelevels", "replay", str(file)]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert words in told.err
    assert main(["servicelevels", "replay", str(tmp_path / "none.json")]) == 1


def test_what_is_wrong_with_a_calendar_is_said_in_the_language_of_the_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "de_DE.UTF-8")
    overlapping = {"zone": "UTC", "hours": {"mon": [["09:00", "12:00"], ["11:00", "17:00"]]}}
    file = tmp_path / "cases.json"
    file.write_text(json.dumps([{**CASE, "id": "one", "calendar": overlapping}]), "utf-8")

    assert main(["servicelevels", "replay", str(file)]) == 1
    assert "Montag: Zwei Öffnungszeiten überschneiden sich." in capsys.readouterr().err
