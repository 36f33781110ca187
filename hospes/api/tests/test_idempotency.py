"""Asked twice, done once: after a lost answer, side by side, and after a crash in between."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone

from hospes.api.actions.keeping import KEPT_FOR, forget_answers
from hospes.api.models import IdempotencyKey
from hospes.api.tests.stage import Program, Stage, program, set_stage
from hospes.conversations.models import Conversation, Message, Note
from tests.cast import Cast, gather
from tests.running import wait_until

NOTES = "/conversations/{reference}/notes"
REPLY = "/conversations/{reference}/messages"


def test_the_same_key_and_body_get_the_same_answer(stage: Stage) -> None:
    first = stage.mina.post(stage.path(REPLY), {"text": "一", "close": False}, Idempotency_Key="k1")
    path = stage.path(REPLY)
    again = stage.mina.ask("POST", path, raw='{ "close" : false, "text": "一" }'.encode(), Idempotency_Key="k1")  # fmt: skip

    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert "Idempotency-Replayed" not in first
    assert again["Idempotency-Replayed"] == "true"
    assert again["Content-Type"] == first["Content-Type"]
    assert Message.objects.count() == 3


def test_the_same_key_for_something_else_is_refused(stage: Stage) -> None:
    stage.mina.post(stage.path(NOTES), {"text": "一"}, Idempotency_Key="k1")
    for path, body in ((NOTES, {"text": "二"}), (REPLY, {"text": "一"})):
        refused = stage.mina.post(stage.path(path), body, Idempotency_Key="k1")
        assert (refused.status_code, refused.json()["code"]) == (409, "key_used_otherwise")
    assert Note.objects.count() == 2


def test_a_key_is_its_tokens_own(cast: Cast, stage: Stage) -> None:
    for who in (stage.mina, program(cast.jonas), program(cast.mina)):
        assert who.post(stage.path(NOTES), {"text": "一"}, Idempotency_Key="k1").status_code == 201
    assert Note.objects.count() == 4


def test_what_was_refused_may_be_tried_again(stage: Stage) -> None:
    path = stage.path("/conversations/{reference}/reopening")
    assert stage.mina.post(path, Idempotency_Key="k1").json()["code"] == "open_already"
    stage.mina.post(stage.path("/conversations/{reference}/closure"))
    assert stage.mina.post(path, Idempotency_Key="k1").status_code == 200
    assert stage.mina.post(path, Idempotency_Key="k1")["Idempotency-Replayed"] == "true"


def test_a_form_is_the_same_whatever_divides_it(stage: Stage) -> None:
    def send(content: bytes) -> int:
        file = SimpleUploadedFile("水.txt", content, "text/plain")
        path = stage.path(REPLY)
        answer = stage.mina.form(path, {"text": "x", "files": file}, Idempotency_Key="k1")
        return answer.status_code

    body = b'--other\r\nContent-Disposition: form-data; name="files"; filename="\xe6\xb0\xb4.txt"\r\nContent-Type: text/plain\r\n\r\n1\r\n--other\r\nContent-Disposition: form-data; name="text"\r\n\r\nx\r\n--other--\r\n'  # fmt: skip
    assert send(b"1") == 201
    again = stage.mina.ask("POST", stage.path(REPLY), raw=body, content_type="multipart/form-data; boundary=other", Idempotency_Key="k1")  # fmt: skip
    assert again["Idempotency-Replayed"] == "true"
    assert send(b"2") == 409
    assert Message.objects.count() == 3
    (attachment,) = Message.objects.order_by("-pk")[0].attachments.all()
    assert attachment.size_bytes == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "é", "x" * 256])
def test_what_is_no_key_is_refused(key: str, stage: Stage) -> None:
    refused = stage.mina.post(stage.path(NOTES), {"text": "x"}, Idempotency_Key=key)
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_key")


def test_answers_are_kept_for_two_days(stage: Stage) -> None:
    stage.mina.post(stage.path(NOTES), {"text": "x"}, Idempotency_Key="k1")
    now = timezone.now()

    assert forget_answers(at=now + timedelta(hours=47)) == 0
    assert forget_answers(at=now + KEPT_FOR + timedelta(minutes=1)) == 1


def test_after_a_crash_in_between_nothing_was_done(stage: Stage) -> None:
    """The deed and its key are one transaction: what ends it ends both."""
    with transaction.atomic():
        stage.mina.post(stage.path(NOTES), {"text": "x"}, Idempotency_Key="k1")
        assert IdempotencyKey.objects.count() == 1
        transaction.set_rollback(True)
    assert (Note.objects.count(), IdempotencyKey.objects.count()) == (1, 0)

    answer = stage.mina.post(stage.path(NOTES), {"text": "x"}, Idempotency_Key="k1")
    assert (answer.status_code, "Idempotency-Replayed" in answer) == (201, False)


@pytest.mark.django_db(transaction=True)
def test_side_by_side_it_is_done_once() -> None:
    stage = set_stage(gather())
    barrier = threading.Barrier(6)

    def send(_number: int) -> tuple[int, bytes, str]:
        who = Program(**stage.mina.headers)
        barrier.wait()
        try:
            answer = who.post(stage.path(REPLY), {"text": "一"}, Idempotency_Key="k1")
            return answer.status_code, answer.content, answer.headers.get("Retry-After", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(send, range(6)))

    assert Message.objects.count() == 3
    done = {content for status, content, _after in answers if status == 201}
    assert len(done) == 1
    assert {(status, after) for status, _c, after in answers} <= {(201, ""), (409, "1")}


@pytest.mark.django_db(transaction=True)
def test_a_request_in_flight_asks_to_come_back() -> None:
    stage = set_stage(gather())

    def send() -> HttpResponse:
        try:
            return stage.mina.post(stage.path(NOTES), {"text": "x"}, Idempotency_Key="k1")
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        with transaction.atomic():
            Conversation.objects.select_for_update().get(pk=stage.conversation.pk)
            first = pool.submit(send)
            wait_until(somebody_waits, why="the first one is being answered")
            refused = pool.submit(send).result()
        done = first.result()

    assert (refused.status_code, refused.json()["code"]) == (409, "in_flight")
    assert refused["Retry-After"] == "1"
    assert done.status_code == 201
    assert send()["Idempotency-Replayed"] == "true"


def somebody_waits() -> bool:
    """Whether a connection waits for a lock of another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])
