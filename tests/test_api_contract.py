"""The answers are what the OpenAPI document says, for whatever a program makes of that document."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.config import SchemathesisConfig

from hospes.api.building import schema
from hospes.api.tests.stage import Stage, program, set_stage
from tests.cast import Cast

load_all_checks()
HELD = CHECKS.get_by_names(
    [
        "not_a_server_error", "status_code_conformance", "content_type_conformance",
        "response_schema_conformance", "response_headers_conformance",
    ]
)  # fmt: skip

document = schemathesis.openapi.from_dict(schema(), config=SchemathesisConfig())
document.app = WSGIHandler()


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """Requests share the connection of the test, and so its transaction."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


# The client of schemathesis leaves the file of an answer for Python to close.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@document.parametrize()
@settings(
    max_examples=4, deadline=None, database=None, derandomize=True,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
def test_answers_are_as_described(case: Any, cast: Cast, stage: Stage) -> None:
    who = program(cast.ana)
    names = {"reference": stage.conversation.reference, "message_id": stage.answer.pk, "attachment_id": stage.attachment.pk, "customer_id": cast.aiko.pk, "kind": "note", "contract_id": stage.contract.pk, "calendar_id": stage.calendar.pk, "on": "2026-12-24"}  # fmt: skip
    case.path_parameters = {name: names[name] for name in case.path_parameters or {}}
    case.headers.pop("Authorization", None)

    # The client over WSGI asks for compressed answers and does not read them.
    answer = case.call(headers={**who.headers, "Accept-Encoding": "identity"})

    case.validate_response(answer, checks=HELD)


@pytest.mark.parametrize("path", sorted(schema()["paths"]))
def test_every_operation_says_what_it_is_for(path: str) -> None:
    for operation in schema()["paths"][path].values():
        assert operation["description"]
        assert {"401", "429", "500"} <= set(operation["responses"])
