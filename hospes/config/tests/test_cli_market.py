"""`hospes market`, which needs no running desk."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from django.conf import settings

from hospes.config.cli import main
from hospes.markets.actions.setting import set_value
from tests.cast import NOON


@pytest.fixture
def _no_desk(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("HOSPES_DATABASE_URL", raising=False)
    monkeypatch.setenv("HOSPES_DATA_DIR", str(tmp_path))


@pytest.mark.django_db
def test_what_a_running_desk_has_set_counts(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOSPES_DATABASE_URL", settings.DATABASE_URL)
    set_value("SI", "consumer.refund_days", 7, by_id=None, at=NOON)
    assert main(["market", "SI", "consumer.refund_days", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    fact = told["facts"]["consumer.refund_days"]
    assert (told["own_values"], fact["value"], fact["instead_of"]["value"]) == (True, 7, 14)
    assert fact["origin"]["in_words"] == "set by you on November 19, 2026"
    assert main(["market", "SI", "consumer.refund_days", "--as-shipped", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["own_values"] is False


@pytest.mark.usefixtures("_no_desk")
def test_a_program_reads_what_holds_in_a_market(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["market", "jp", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["code"], told["name"], told["own_values"]) == ("JP", "Japan", False)
    assert len(told["facts"]) > 60
    fact = told["facts"]["consumer.withdrawal_days"]
    assert (fact["value"], fact["unit"], fact["kind"]) == (8, "days", "law")
    assert fact["origin"]["in_words"] == "from the law of Japan"
    assert fact["is_verified"]
    assert not fact["is_proposal"]
    assert fact["sources"][0]["section"] == "art15-3"


@pytest.mark.usefixtures("_no_desk")
def test_a_person_reads_one_fact_or_one_section(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["market", "DE", "consumer.refund_days"]) == 0
    said = capsys.readouterr().out
    assert "refund_days            14 days" in said
    assert "to be confirmed" in said
    assert main(["market", "DE", "style"]) == 0
    assert "consumer" not in capsys.readouterr().out


@pytest.mark.usefixtures("_no_desk")
def test_all_markets_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["market", "--json"]) == 0
    listed = {one["code"]: one["name"] for one in json.loads(capsys.readouterr().out)}
    assert len(listed) == 63
    assert listed["nordics"] == "Nordic countries"


@pytest.mark.usefixtures("_no_desk")
def test_a_market_that_is_none_is_one_line_and_says_what_may_be_meant(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["market", "Slovenja"]) == 1
    assert capsys.readouterr().err == "hospes: There is no market Slovenja. Did you mean SI, SK?\n"


@pytest.mark.usefixtures("_no_desk")
def test_a_key_that_is_none_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["market", "JP", "consumer.refund"]) == 1
    assert "consumer.refund_days" in capsys.readouterr().err
