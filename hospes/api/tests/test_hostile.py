"""Whatever is sent, the answer comes soon, is a problem a program can read, and tells nothing of the inside."""

from __future__ import annotations

import json
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hospes.api import limits
from hospes.api.actions.keeping import forget_full_buckets
from hospes.api.models import Bucket
from hospes.api.tests.stage import Program, Stage, body_of, program
from tests.cast import Cast

REPLY = "/conversations/{reference}/messages"
DEEP = 50_000


def check(answer: object, *statuses: int) -> dict:
    assert answer.status_code in statuses, answer.content[:300]
    assert answer["Content-Type"] == "application/problem+json"
    told = json.loads(answer.content)
    assert told["status"] == answer.status_code
    assert told["type"].endswith(told["code"])
    assert told["title"]
    assert told["detail"]
    return told


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        (b"", 415),
        (b"{", 400),
        (b"null", 400),
        (b"[]", 400),
        (b'"text"', 400),
        (b"\xff\xfe{}", 400),
        (b'{"text": NaN}', 400),
        (b'{"text": -Infinity}', 400),
        (b'{"text": 1e999}', 422),
        (b'{"last_seen_message_id": 1e999}', 422),
        (b'{"last_seen_message_id": ' + b"9" * 5_000 + b"}", 400),
        (b'{"last_seen_message_id": 9223372036854775808}', 422),
        (b'{"last_seen_message_id": -1}', 422),
        (b'{"text": "a", "text": "b"}', 400),
        (b'{"text": "\\ud800"}', 422),
        (b'{"text": "a\\u0000b"}', 422),
        (b'{"\\ud800": 1}', 422),
        (b'{"text": ' + b"[" * DEEP + b"]" * DEEP + b"}", 400),
        (b'{"a":' * DEEP + b"1" + b"}" * DEEP, 400),
        (b'{"text": ' + b"[" * 40 + b"]" * 40 + b"}", 400),
        (b'{"cc": [' + b"{}," * 100_000 + b"{}]}", 422),
        (b"{" + b",".join(b'"%d":1' % n for n in range(50_000)) + b"}", 400),
        (b'{"__proto__": {"close": true}, "text": "x"}', 422),
    ],
)
def test_bodies_that_are_none(raw: bytes, status: int, stage: Stage) -> None:
    began = time.monotonic()
    for headers in ({}, {"Idempotency_Key": "k"}):
        check(stage.mina.ask("POST", stage.path(REPLY), raw=raw, **headers), status)
    assert time.monotonic() - began < 4
    stage.conversation.refresh_from_db()
    assert stage.conversation.message_count == 2


@pytest.mark.parametrize(
    ("method", "path", "given", "field", "says"),
    [
        ("GET", "/customers?q=m", None, "query/q", "at least 2 characters"),
        ("GET", "/customers?q=", None, "query/q", "at least 2 characters"),
        ("GET", "/conversations?view=mien", None, "query/view", "one of mine, unassigned, open,"),
        ("GET", "/conversations?cursor=x", None, "query/cursor", "Begin again without one"),
        ("POST", REPLY, {"body": "Yes."}, "body/body", "no such field"),
        ("POST", REPLY, {"txt": "Yes."}, "body/txt", "no such field"),
        ("POST", REPLY, {}, "body/text", "Write something"),
        ("POST", REPLY, {"text": "Yes.", "cc": [{"address": "aiko"}]}, "body/cc", "aiko is no"),
        ("POST", "/customers", {"body": "Aiko"}, "body/display_name", "is needed"),
        ("POST", "/customers", {"display_name": "A", "addresses": ["a"]}, "body/addresses", "a is no"),
        ("POST", "/customers/{customer_id}/identities", {"address": "aiko"}, "body/address", "aiko is"),
        ("POST", "/customers/{customer_id}/identities", {"address": "a"}, "body/address", "at least 3"),
        ("PATCH", "/customers/{customer_id}", {"zone": "Mars"}, "body/zone", "Choose a time zone"),
        ("POST", "/conversations/{reference}/snooze", {"until": "2001-01-01T00:00:00Z"}, "body/until", "ahead"),
    ],
)  # fmt: skip
def test_a_problem_names_the_field_and_says_what_is_expected(
    method: str, path: str, given: dict | None, field: str, says: str, stage: Stage, cast: Cast
) -> None:
    ana = program(cast.ana)
    answer = (
        ana.get(stage.path(path)) if method == "GET" else ana.ask(method, stage.path(path), given)
    )

    first = check(answer, 422)["errors"][0]

    assert first["field"] == field
    assert says in first["message"]


def test_a_problem_speaks_the_language_of_its_reader(cast: Cast) -> None:
    answer = program(cast.ana, **{"Accept-Language": "ja"}).get("/customers?q=m")

    assert check(answer, 422)["errors"][0]["message"] == "2文字以上で指定してください。"


def test_an_answer_to_a_flood_of_faults_is_short(stage: Stage) -> None:
    raw = b"{" + b",".join(b'"%s%d":1' % (b"x" * 1_000, n) for n in range(90)) + b"}"
    assert len(stage.mina.ask("POST", stage.path(REPLY), raw=raw).content) < 50_000


def test_too_large_is_said_before_it_is_read(stage: Stage) -> None:
    large = b'{"text": "' + b"x" * (8 * 2**20) + b'"}'
    check(stage.mina.ask("POST", stage.path(REPLY), raw=large), 413)
    with override_settings(MAIL_SIZE_LIMIT_BYTES=2**20):
        form = b"x" * (3 * 2**20)
        check(
            stage.mina.ask("POST", stage.path(REPLY), raw=form, content_type="multipart/form-data; boundary=x"),
            413,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("content_type", "raw", "status"),
    [
        ("text/plain", b"x", 415),
        ("application/x-www-form-urlencoded", b"text=x", 415),
        ("application/xml", b"<x/>", 415),
        ("", b"{}", 415),
        ("multipart/form-data", b"x", 400),
        ("multipart/form-data; boundary=", b"x", 400),
        ("multipart/form-data; boundary=x", b"x", 422),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="bcc"\r\n\r\ny\r\n--x--\r\n', 422),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="evil"; filename="../../x"\r\n\r\ny\r\n--x--\r\n', 422),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\ny\r\n' * 2_000 + b"--x--\r\n", 400),
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="files"; filename="y"\r\n\r\ny\r\n' * 200 + b"--x--\r\n", 400),
        ("application/json; charset=utf-16", b"\xff\xfe{\x00}\x00", 400),
    ],
)  # fmt: skip
def test_content_that_is_not_taken(
    content_type: str, raw: bytes, status: int, stage: Stage
) -> None:
    for headers in ({}, {"Idempotency_Key": "k"}):
        answer = stage.mina.ask(
            "POST", stage.path(REPLY), raw=raw, content_type=content_type, **headers
        )
        check(answer, status)


def test_a_body_in_pieces_is_not_taken_for_none(stage: Stage) -> None:
    """Python's servers hand such a body on as an empty one."""
    answer = stage.mina.client.generic(
        "POST", f"/api/v1{stage.path(REPLY)}", b"", content_type="application/json",
        headers={**stage.mina.headers, "Transfer-Encoding": "chunked"},
    )  # fmt: skip
    check(answer, 411)


def test_a_body_that_asks_for_json_says_so(stage: Stage) -> None:
    path = stage.path("/conversations/{reference}/notes")
    check(stage.mina.ask("POST", path, raw=b"text=x", content_type="text/plain"), 415)
    check(stage.mina.ask("POST", path, raw=b""), 422)


@pytest.mark.parametrize(
    "path",
    [
        "/conversations/H%00", "/conversations/%FF%FE", "/conversations/" + "9" * 500,
        "/conversations/..%2f..%2fetc", "/conversations/%25", "/customers/99999999999999999999999",
        "/customers/0", "/messages/99999999999999999999", "/nowhere", "/", "", "/customers/",
        "/attachments/../../secret_key",
    ],
)  # fmt: skip
def test_addresses_that_are_none(path: str, stage: Stage) -> None:
    assert check(stage.mina.get(path), 404) == check(stage.mina.get("/messages/999999999"), 404)


@pytest.mark.parametrize(
    "query",
    [
        "limit=0", "limit=201", "limit=1e3", "limit=-1", "limit=", "view=all", "view=open'--",
        "is_open=maybe", "customer_id=99999999999999999999", "customer_id=x", "q=%00",
        "customer__display_name=x", "limit=5&queue_id__in=1", "sort=-id", "active_since=yesterday",
        "active_since=2026-02-30T00:00:00Z", "cursor=" + "A" * 5_000,
    ],
)  # fmt: skip
def test_filters_that_are_none(query: str, stage: Stage) -> None:
    check(stage.mina.get(f"/conversations?{query}"), 422)


@pytest.mark.parametrize("query", ["q=%EF%BF%BF%F0%9F%92%A5", "q=%27%20OR%201=1--", "q=%5C%25_", "q=" + "x%20" * 500])  # fmt: skip
def test_words_that_are_strange_find_nothing(query: str, stage: Stage) -> None:
    answer = stage.mina.get(f"/conversations?{query}")
    assert (answer.status_code, answer.json()["items"]) == (200, [])


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "TRACE", "PROPFIND", "OPTIONS"])
def test_methods_that_are_none(method: str, stage: Stage) -> None:
    answer = stage.mina.ask(method, "/conversations")
    check(answer, 405)
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}


def test_problems_are_in_the_language_asked_for(stage: Stage) -> None:
    def title(language: str) -> str:
        answer = stage.mina.get("/messages/999999999", Accept_Language=language)
        assert answer["Content-Language"] == language
        return str(check(answer, 404)["code"])

    assert title("ja") == title("ar") == title("en") == "not_found"
    flood = stage.mina.get("/token", Accept_Language="ja," * 10_000)
    assert flood.status_code == 200


def test_no_other_site_may_ask_from_a_browser(stage: Stage) -> None:
    answer = stage.mina.get("/token", Origin="https://evil.example")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]
    assert "Set-Cookie" not in answer.headers
    assert not answer.cookies
    assert answer["Cache-Control"] == "no-store"


def test_what_breaks_inside_tells_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """No code of ours is replaced but the door to the database, which a fault would close."""
    from django.db import OperationalError, connection

    def broken(*_given: object) -> None:
        raise RuntimeError("secret_key=hunter2")

    with connection.execute_wrapper(broken):
        told = check(stage.mina.get("/token"), 500)
    assert "hunter2" not in str(told)

    def away(*_given: object) -> None:
        raise OperationalError("password=hunter2")

    with connection.execute_wrapper(away):
        answer = stage.mina.get("/token")
    assert "hunter2" not in str(check(answer, 503))
    assert answer["Retry-After"]


@override_settings(API_REQUESTS_PER_SECOND=2)
def test_a_token_that_asks_too_much_is_told_when_to_come_back(cast: Cast, stage: Stage) -> None:
    answers = [stage.mina.get("/token") for _ in range(12)]

    refused = [answer for answer in answers if answer.status_code == 429]
    assert answers[0]["RateLimit-Policy"] == '"token";q=4;w=2'
    assert answers[0]["RateLimit"].startswith('"token";r=3;t=')
    assert refused
    check(refused[0], 429)
    assert int(refused[0]["Retry-After"]) >= 1
    assert program(cast.jonas).get("/token").status_code == 200


def ago(name: str, seconds: float) -> None:
    """Let this bucket have been drawn from so long ago."""
    for bucket in Bucket.objects.filter(name=name):
        bucket.as_of -= timedelta(seconds=seconds)
        bucket.save()


@pytest.mark.django_db
def test_buckets_fill_again_steadily_and_never_over() -> None:
    def draw() -> tuple[bool, float]:
        return limits.draw("token:1", size=2, per_second=1)

    assert [draw()[0] for _ in range(3)] == [True, True, False]
    ago("token:1", 1)
    assert draw()[0]
    assert not draw()[0]
    ago("token:1", 100)
    assert draw() == (True, pytest.approx(1, abs=0.2))


@pytest.mark.django_db(transaction=True)
def test_processes_draw_from_the_same_bucket() -> None:
    """Each thread has a connection of its own, as each process has."""

    def draw(_number: int) -> bool:
        try:
            return limits.draw("token:1", size=25, per_second=0.001)[0]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(draw, range(60))) == 25


@pytest.mark.django_db
def test_who_shows_many_wrong_tokens_is_told_to_wait_and_nobody_else_is(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "WRONG_TOKENS_PER_SECOND", 0.001)  # however slow the machine is
    stranger, neighbour = Program("hsp_wrong"), Program("hsp_wrong")
    neighbour.client.defaults["REMOTE_ADDR"] = "203.0.113.9"

    answers = [stranger.get("/token") for _ in range(limits.WRONG_TOKENS + 2)]

    assert {answer.status_code for answer in answers[: limits.WRONG_TOKENS]} == {401}
    assert check(answers[-1], 429)["code"] == "too_many_wrong_tokens"
    assert int(answers[-1]["Retry-After"]) >= 1
    assert neighbour.get("/token").status_code == 401
    assert program(cast.mina).get("/token").status_code == 200


@pytest.mark.django_db
def test_whoever_has_an_ipv6_network_is_one(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "WRONG_TOKENS_PER_SECOND", 0.001)
    for number in range(limits.WRONG_TOKENS):
        stranger = Program("hsp_wrong")
        stranger.client.defaults["REMOTE_ADDR"] = f"2001:db8::{number:x}"
        assert stranger.get("/token").status_code == 401

    assert stranger.get("/token").status_code == 429


@pytest.mark.django_db
def test_full_buckets_are_forgotten_with_the_addresses_they_name() -> None:
    limits.draw("address:203.0.113.9", size=20, per_second=1)
    limits.draw("token:1", size=20, per_second=1)
    ago("address:203.0.113.9", 2 * 3600)

    assert forget_full_buckets(at=timezone.now()) == 1
    assert Bucket.objects.get().name == "token:1"


PIECES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=10,
)  # fmt: skip
NAMES = st.sampled_from(["text", "cc", "attachments", "last_seen_message_id", "close", "until", "agent_id", "queue_id", "display_name", "version"])  # fmt: skip


@settings(
    max_examples=120, deadline=None, database=None, derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
@given(body=st.dictionaries(NAMES | st.text(max_size=8), PIECES, max_size=5), data=st.data())
def test_no_body_is_answered_by_a_fault_of_ours(
    stage: Stage, body: dict, data: st.DataObject
) -> None:
    name, method = data.draw(
        st.sampled_from(
            [("messages", "POST"), ("notes", "POST"), ("assignment", "POST"), ("snooze", "POST"),
             ("queue", "POST"), ("drafts/reply", "PUT")]
        )
    )  # fmt: skip
    answer = stage.mina.ask(method, stage.path("/conversations/{reference}/") + name, body)
    assert answer.status_code < 500
    if answer.status_code >= 400:
        check(answer, 400, 403, 404, 409, 413, 422)


def test_the_documents_are_open_and_nothing_else_is(stage: Stage) -> None:
    assert Program().get("/openapi.json").json()["openapi"] == "3.1.0"
    assert Program().get("/docs").status_code == 200
    assert Client().post("/api/v1/openapi.json").status_code == 405
    assert body_of(Program().get("/nowhere"))
