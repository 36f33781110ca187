"""Who must not see it: every operation of the OpenAPI document, asked by everybody it is not for.

Each operation needs a body here that would do, so a new one without its case fails.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from hospes.api.actions.issuing import issue, revoke
from hospes.api.building import schema
from hospes.api.models import Token
from hospes.api.scopes import SCOPES
from hospes.api.tests.stage import ROOT, SECRET, Program, Stage, body_of, program
from hospes.team.models import Agent, Role
from tests.cast import NOON, Cast

LATER = "2099-01-01T09:00:00Z"
# What would do, for every operation there is; {} for those that take no body.
BODIES: dict[str, dict[str, Any]] = {
    "list_customers": {}, "get_customer": {}, "list_conversations": {}, "get_conversation": {},
    "close_conversation": {}, "reopen_conversation": {}, "awaken_conversation": {},
    "list_messages": {}, "get_message": {}, "get_raw_message": {}, "get_attachment": {},
    "unsend": {}, "resend": {}, "settle_as_sent": {}, "list_notes": {}, "get_draft": {},
    "discard_draft": {}, "get_token": {}, "list_agents": {}, "list_queues": {},
    "list_channels": {},
    "list_contracts": {}, "get_contract": {}, "end_contract": {}, "list_calendars": {}, "get_calendar": {},
    "remove_calendar": {}, "clear_calendar_day": {},
    "make_contract": {"name": SECRET}, "change_contract": {"tier": SECRET},
    "make_calendar": {"name": SECRET, "zone": "Asia/Tokyo"}, "change_calendar": {"name": SECRET},
    "set_calendar_day": {"is_open": False}, "let_calendar_count": {"team_ids": []},
    "change_conversation": {"topic": SECRET},
    "add_customer": {"display_name": SECRET},
    "change_customer": {"about": SECRET},
    "add_identity": {"address": "aiko@elsewhere.example"},
    "assign_conversation": {"agent_id": None},
    "snooze_conversation": {"until": LATER},
    "move_conversation": {"queue_id": 1},
    "reply": {"text": SECRET},
    "write_note": {"text": SECRET},
    "save_draft": {"text": SECRET, "version": 2},
    "start_conversation": {"customer_id": 1, "queue_id": 1, "channel_id": 1, "subject": "x", "text": "x"},
}  # fmt: skip
# What anybody may ask with a token: it tells of the token alone.
WITHOUT_SCOPE = {"get_token"}
# Lists: nothing of a foreign row in them. The others name a row in their address.
NAMELESS = {
    "list_customers", "list_conversations", "list_agents", "list_queues", "list_channels",
    "get_token", "add_customer", "start_conversation",
    "list_contracts", "list_calendars", "make_contract", "make_calendar",
}  # fmt: skip

MAKING = {"add_customer", "start_conversation", "make_contract", "make_calendar"}

OPERATIONS = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in schema()["paths"].items()
    for method, operation in methods.items()
}
NOWHERE = {
    "reference": "H-ZZZZZ", "message_id": 999_999_999, "attachment_id": 999_999_999,
    "customer_id": 999_999_999, "kind": "reply", "contract_id": 999_999_999,
    "calendar_id": 999_999_999, "on": "2026-12-24",
}  # fmt: skip
NAMES = sorted(OPERATIONS)


def ask(who: Program, name: str, path: str) -> tuple[int, bytes]:
    method, _path, _operation = OPERATIONS[name]
    answer = who.ask(method, path, BODIES[name] or None)
    return answer.status_code, body_of(answer)


def test_every_operation_has_its_case() -> None:
    assert set(BODIES) == set(OPERATIONS)
    assert {name for name, (_m, path, _o) in OPERATIONS.items() if "{" not in path} == NAMELESS


@pytest.mark.parametrize("name", NAMES)
def test_without_a_good_token_there_is_one_answer(name: str, cast: Cast, stage: Stage) -> None:
    now = timezone.now()
    expired = issue(name="x", agent=cast.mina, scopes=sorted(SCOPES), by=None, at=NOON, expires_at=NOON + timedelta(seconds=1))  # fmt: skip
    Token.objects.filter(pk=expired.token.pk).update(expires_at=now)
    revoked = issue(name="x", agent=cast.mina, scopes=sorted(SCOPES), by=None, at=NOON)
    revoke(revoked.token, by=None, at=NOON)
    path = stage.path(OPERATIONS[name][1])

    status, said = ask(Program(), name, path)
    assert status == 401
    assert b'"no_token"' in said
    for bad in (expired.secret, revoked.secret, "hsp_nobody", "", "é", "x" * 5_000):
        status, said = ask(Program(Authorization=f"Bearer {bad}"), name, path)
        assert status == 401
        assert SECRET not in said.decode()


@pytest.mark.parametrize("name", NAMES)
def test_a_cookie_counts_for_nothing(name: str, cast: Cast, stage: Stage) -> None:
    who = Program()
    who.client = Client(raise_request_exception=False)
    who.client.force_login(cast.ana)

    status, _said = ask(who, name, stage.path(OPERATIONS[name][1]))

    assert status == 401


@pytest.mark.parametrize("name", sorted(set(NAMES) - WITHOUT_SCOPE))
def test_without_its_scope_nothing_is_told(name: str, cast: Cast, stage: Stage) -> None:
    _method, path, operation = OPERATIONS[name]
    ((scope,),) = (one["Bearer"] for one in operation["security"])
    who = program(cast.ana, *(sorted(set(SCOPES) - {scope})))

    status, said = ask(who, name, stage.path(path))

    assert status == 403
    assert b'"missing_scope"' in said
    assert SECRET not in said.decode()
    assert stage.conversation.reference not in said.decode()


@pytest.mark.parametrize("name", sorted(set(NAMES) - NAMELESS))
@pytest.mark.parametrize("role", [Role.AGENT, Role.LEAD])
def test_what_is_in_another_queue_looks_like_what_is_not_there(
    name: str, role: str, cast: Cast, stage: Stage
) -> None:
    Agent.objects.filter(pk=cast.vera.pk).update(role=role)
    cast.vera.refresh_from_db()
    vera = program(cast.vera)
    path = OPERATIONS[name][1]

    answer = ask(vera, name, stage.path(path))

    assert answer[0] == 404
    assert answer == ask(vera, name, path.removeprefix(ROOT).format(**NOWHERE))
    stage.conversation.refresh_from_db()
    assert stage.conversation.is_open
    assert stage.conversation.message_count == 2


@pytest.mark.parametrize("name", sorted(NAMELESS - MAKING))
def test_nothing_of_another_queue_stands_in_a_list(name: str, cast: Cast, stage: Stage) -> None:
    status, said = ask(program(cast.vera), name, OPERATIONS[name][1].removeprefix(ROOT))

    assert status == 200
    for hidden in (SECRET, stage.conversation.reference, "愛子", "Mina", "Kaldera Spain"):
        assert hidden not in said.decode()


@pytest.mark.parametrize(
    "query", ["q=" + SECRET, "view=open", "customer_id={customer}", "assignee_id={mina}",
              "queue_id={care}", "is_open=true", "active_since=2020-01-01T00:00:00Z"],
)  # fmt: skip
def test_no_filter_finds_what_is_in_another_queue(query: str, cast: Cast, stage: Stage) -> None:
    filled = query.format(customer=cast.aiko.pk, mina=cast.mina.pk, care=cast.care.pk)
    vera = program(cast.vera).get(f"/conversations?{filled}")

    assert vera.status_code == 200
    assert vera.json()["items"] == []


def test_nobody_writes_first_to_a_customer_or_in_a_queue_out_of_sight(
    cast: Cast, stage: Stage
) -> None:
    vera = program(cast.vera)
    given = {"customer_id": cast.aiko.pk, "queue_id": cast.elsewhere.pk, "channel_id": cast.channel.pk, "subject": "x", "text": "x"}  # fmt: skip
    foreign = vera.post("/conversations", given)
    missing = vera.post("/conversations", {**given, "customer_id": 999_999})
    assert foreign.status_code == 404
    assert foreign.content == missing.content

    mina = {**given, "queue_id": cast.elsewhere.pk}
    refused = stage.mina.post("/conversations", mina)
    assert refused.status_code == 422
    assert (
        refused.content == stage.mina.post("/conversations", {**mina, "queue_id": 30_000}).content
    )


def test_only_operators_add_customers_and_addresses(cast: Cast, stage: Stage) -> None:
    aiko = f"/customers/{cast.aiko.pk}/identities"
    assert stage.mina.post("/customers", {"display_name": "x"}).status_code == 403
    assert stage.mina.post("/contracts", {"name": "x"}).status_code == 403
    assert stage.mina.post("/calendars", {"name": "x", "zone": "UTC"}).status_code == 403
    assert stage.mina.post(aiko, {"address": "omar@example.sa"}).status_code == 403
    taken = program(cast.ana).post(aiko, {"address": "omar@example.sa"})
    assert (taken.status_code, taken.json()["code"]) == (409, "address_taken")


def test_raw_mail_is_for_operators(cast: Cast, stage: Stage) -> None:
    path = f"/messages/{stage.received.pk}/raw"
    assert stage.mina.get(path).json()["code"] == "operators_only"
    answer = program(cast.ana).get(path)
    assert b"aiko@example.jp" in answer.content
    assert answer["Content-Disposition"].startswith("attachment")


def test_who_lost_the_seat_is_refused_at_once(cast: Cast, stage: Stage) -> None:
    Agent.objects.filter(pk=cast.mina.pk).update(is_active=False)
    assert stage.mina.get("/token").status_code == 401
