"""`hospes mail acknowledge`, and what `hospes doctor` says of letters that leave by themselves."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from hospes.brands.models import Site
from hospes.channels.models import Channel
from hospes.config.cli import main
from hospes.config.doctor.findings import State
from hospes.config.doctor.mail import look_at_automatic, look_at_outbox
from hospes.config.doctor.rows import look_at_search
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.models import Message, OutboxEntry
from hospes.conversations.tests.speaking import received
from hospes.search.indexing import index
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
ADDRESS = "support@kaldera.example"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["mail", "acknowledge", ADDRESS, *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_it_is_switched_on_and_off_and_what_is_not_given_stays(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said(capsys) == {"address": ADDRESS, "acknowledges": False, "usual_hours": None}
    assert said(capsys, "--on")["acknowledges"]
    assert said(capsys, "--usual-hours", "24") == {"address": ADDRESS, "acknowledges": True, "usual_hours": 24}  # fmt: skip
    assert said(capsys, "--off")["usual_hours"] == 24
    assert said(capsys, "--usual-hours", "0")["usual_hours"] is None
    assert main(["mail", "acknowledge", ADDRESS, "--usual-hours", "100000"]) != 0
    assert main(["mail", "acknowledge", "nobody@kaldera.example", "--on"]) != 0


def test_it_shows_what_it_would_say(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    said(capsys, "--usual-hours", "3")
    told = said(capsys, "--show", "ar")
    assert told["language"] == "ar"
    assert told["subject"] == "استلمنا رسالتكم: H-7K3F9"
    assert "3 ساعات" in told["text"]
    assert main(["mail", "acknowledge", ADDRESS, "--show", "de"]) == 0
    assert "Guten Tag," in capsys.readouterr().out

    assert main(["mail", "acknowledge", ADDRESS, "--show", "ru"]) == 0
    assert "There are no words in ru" in capsys.readouterr().err


def test_the_doctor_says_when_too_many_left_and_nothing_where_none_do(cast: Cast) -> None:
    assert list(look_at_automatic(NOON)) == []
    Channel.objects.update(acknowledges=True)
    (fine,) = look_at_automatic(NOON)
    assert (fine.state, fine.says) == (State.OK, "in the last hour: 0 of 200")

    Site.objects.update(automatic_stopped_at=NOON)
    (stopped,) = look_at_automatic(NOON + timedelta(hours=20))

    assert stopped.state == State.WARN
    assert "none leaves from 2026-11-19 12:00 to 13:00 UTC" in stopped.says
    (fine,) = look_at_automatic(NOON + timedelta(hours=25))
    assert fine.state == State.OK


def test_one_that_failed_is_nothing_to_look_after_and_nobody_searches_for_it(cast: Cast) -> None:
    Channel.objects.update(acknowledges=True)
    asked = received(cast)
    index([asked.pk])
    (message,) = acknowledge([asked.pk], at=NOON)
    OutboxEntry.objects.update(state=OutboxEntry.State.FAILED)
    Message.objects.update(at=NOON - timedelta(days=30))

    assert [one.state for one in look_at_outbox(NOON)] == [State.OK]
    assert message.is_automatic
    assert "cannot be found" not in look_at_search().says
