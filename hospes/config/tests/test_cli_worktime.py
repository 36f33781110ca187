from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from hospes.config.cli import main

BERLIN = {
    "zone": "Europe/Berlin",
    "hours": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
    "holidays": ["2026-12-25"],
    "breaks": {"2026-12-24": [["12:00", "24:00"]]},
    "exceptions": {"2026-12-27": [["10:00", "14:00"]]},
}
START = "2026-12-23T15:30:00Z"


def ask(capsys: pytest.CaptureFixture[str], tmp_path: Path, *questions: Any, code: int = 0) -> Any:
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(json.dumps(question) for question in questions) + "\n\n")
    assert main(["worktime", str(file)]) == code
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_each_line_is_answered_by_one(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    given = {"calendar": BERLIN, "from": START}

    assert ask(
        capsys, tmp_path,
        {"op": "add", "seconds": 3600, **given},
        {"op": "add", "days": 2, **given},
        {"op": "subtract", "seconds": 86400, **given},
        {"op": "subtract", "days": 1, **given},
        {"op": "between", "to": "2026-12-28T09:00:00+01:00", **given},
        {"op": "openings", "take": 3, **given},
    ) == [
        {"at": "2026-12-24T08:30:00Z"},
        {"at": "2026-12-28T08:00:00Z"},
        {"at": "2026-12-18T15:30:00Z"},
        {"at": "2026-12-22T15:30:00Z"},
        {"seconds": 1800 + 3 * 3600 + 4 * 3600},
        {"openings": [
            ["2026-12-23T15:30:00Z", "2026-12-23T16:00:00Z"],
            ["2026-12-24T08:00:00Z", "2026-12-24T11:00:00Z"],
            ["2026-12-27T09:00:00Z", "2026-12-27T13:00:00Z"],
        ]},
    ]  # fmt: skip


def test_fewer_openings_than_asked_for_are_all_there_are(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    once = {"zone": "UTC", "hours": {}, "exceptions": {"2026-12-27": [["10:00", "14:00"]]}}
    question = {"op": "openings", "calendar": once, "from": START, "take": 3}

    assert ask(capsys, tmp_path, question, {**question, "from": "2027-01-01T00:00:00Z"}) == [
        {"openings": [["2026-12-27T10:00:00Z", "2026-12-27T14:00:00Z"]]},
        {"openings": []},
    ]


def test_a_bad_line_is_told_in_its_place_and_the_others_are_answered(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    good = {"op": "add", "seconds": 0, "calendar": BERLIN, "from": START}
    answers = ask(
        capsys, tmp_path,
        {**good, "from": "2026-12-23T15:30:00"},
        good,
        {**good, "op": "multiply"},
        {**good, "seconds": -1},
        {**good, "seconds": 1.5},
        {**good, "op": "between"},
        {**good, "op": "openings", "take": True},
        "good",
        {**good, "calendar": {"zone": "Pacific/Apia", "hours": {}, "holidays": ["2011-12-30"]}},
        code=1,
    )  # fmt: skip

    assert answers[1] == {"at": START}
    assert [answer.get("line") for answer in answers] == [1, None, 3, 4, 5, 6, 7, 8, 9]
    assert "2026-12-23T15:30:00 is no moment with a time zone" in answers[0]["error"]
    assert "add, subtract, between, openings" in answers[2]["error"]
    assert "Dec 30, 2011 did not take place in Pacific/Apia" in answers[8]["error"]


def test_no_desk_is_needed_and_the_terminal_decides_on_the_language(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    done = subprocess.run(
        [sys.executable, "-c", "from hospes.config.cli import main; raise SystemExit(main())", "worktime"],
        input=json.dumps({"op": "add", "seconds": 0, "calendar": {**BERLIN, "zone": "Mars"}, "from": START}),
        env={"PATH": os.environ["PATH"], "HOSPES_DATA_DIR": str(nowhere), "LANG": "sl_SI.UTF-8", "PYTHONIOENCODING": "utf-8"},
        cwd=Path(__file__).parents[3], capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"].startswith("Mars ni časovni pas.")
    assert done.stderr.startswith("hospes: 1: Mars ni")
    assert not nowhere.exists()
