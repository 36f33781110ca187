"""What the API says about itself is what it is."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from hospes.api.building import schema
from hospes.api.codes import EXPLAINED
from hospes.api.guiding import given_to
from hospes.api.problems import CODES
from hospes.api.refusing import STATUS_OF
from hospes.api.tests.stage import Stage, program
from hospes.conversations.models import OutboxEntry
from hospes.markets.calendar_words import _REASONS
from tests.cast import Cast

PROJECT = Path(__file__).resolve().parents[3]
KEPT = PROJECT / "docs" / "developers" / "openapi.json"
SPEAKING = (
    "api", "conversations/actions", "people/actions/adding.py", "people/actions/placing.py", "conversations/letters.py",
    "conversations/wording.py", "conversations/locking.py", "conversations/recipients.py",
    "people/actions/agreeing.py", "markets/actions/calendars.py",
)  # fmt: skip
# Of tokens and of held letters, which programs cannot ask for here.
ELSEWHERE = {"no_such_scope", "not_active", "not_held", "market_in_use"}


def test_the_document_is_the_one_that_was_agreed() -> None:
    """To agree to a change: DJANGO_SETTINGS_MODULE=hospes.config.settings .venv/bin/python -m hospes.api > docs/developers/openapi.json"""
    assert json.loads(KEPT.read_text(encoding="utf-8")) == schema()


def test_the_document_is_the_same_in_every_language() -> None:
    schema.cache_clear()
    with translation.override("ja"):
        told = schema()
    assert told == json.loads(KEPT.read_text(encoding="utf-8"))


def test_every_code_a_problem_may_have_is_explained() -> None:
    said = {
        keyword.value.value
        for place in SPEAKING
        for path in _files(PROJECT / "hospes" / place)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        for keyword in node.keywords
        if keyword.arg == "code" and isinstance(keyword.value, ast.Constant)
    }
    said |= {*CODES.values(), "overtaken"}
    said |= set(_REASONS) - {
        "no_json",
        "no_amount",
        "no_moment",
    }  # of what is read here of a calendar
    assert said - ELSEWHERE - {""} == set(EXPLAINED)
    assert set(STATUS_OF) <= set(EXPLAINED)


def _files(place: Path) -> list[Path]:
    if place.is_file():
        return [place]
    return [path for path in place.rglob("*.py") if "tests" not in path.parts]


@pytest.mark.parametrize("language", ["en", "ar", "ja"])
def test_the_guide_loads_nothing_from_elsewhere(language: str, db: None) -> None:
    answer = Client().get("/api/v1/docs", headers={"Accept-Language": language})
    page = answer.content.decode()

    assert "script" not in answer["Content-Security-Policy"]
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert not re.findall(r'(?:src|href)="(?:https?:)?//', page)
    assert "<script" not in page
    assert "style=" not in page
    assert f'dir="{"rtl" if language == "ar" else "ltr"}"' in page
    for operation in (one for methods in schema()["paths"].values() for one in methods.values()):
        assert f'id="{operation["operationId"]}"' in page


BODIES = [
    (operation["operationId"], method.upper(), path, operation["requestBody"])
    for path, methods in schema()["paths"].items()
    for method, operation in methods.items()
    if "requestBody" in operation
]


@pytest.mark.parametrize(("name", "method", "path", "body"), BODIES, ids=[b[0] for b in BODIES])
def test_every_example_of_a_body_is_taken(
    name: str, method: str, path: str, body: dict, cast: Cast, stage: Stage
) -> None:
    given = given_to(body["content"]["application/json"]["schema"], schema())
    if name == "add_customer":
        given["addresses"] = ["someone@example.jp"]  # Aiko has hers already
    if name == "resend":
        OutboxEntry.objects.update(state="failed")  # as only what did not arrive is sent again
    ids = {"queue_id": cast.care.pk, "channel_id": cast.channel.pk, "agent_id": cast.mina.pk, "customer_id": cast.aiko.pk, "calendar_id": stage.calendar.pk, "contract_id": stage.contract.pk, "contract_ids": [stage.contract.pk], "channel_ids": [cast.channel.pk], "team_ids": []}  # fmt: skip
    given |= {key: value for key, value in ids.items() if key in given}

    answer = program(cast.ana).ask(method, stage.path(path), given)

    assert answer.status_code in {200, 201}, answer.content


def test_the_type_of_a_problem_leads_to_its_place_in_the_guide(stage: Stage) -> None:
    kind = stage.mina.get("/messages/999999").json()["type"]
    path, _, place = kind.partition("#")
    assert f'id="{place}"' in Client().get(path).content.decode()
