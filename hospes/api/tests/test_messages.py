"""What is said through the API, and what becomes of it."""

from __future__ import annotations

import base64

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from hospes.api.tests.stage import SECRET, Stage, body_of, program, receive
from hospes.channels.models import Channel
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Attachment, Message, OutboxEntry
from hospes.conversations.tests.speaking import received
from tests.cast import NOON, Cast
from tests.mail import letter

REPLY = "/conversations/{reference}/messages"


def test_a_reply_goes_the_way_of_every_reply(cast: Cast, stage: Stage) -> None:
    given = {"text": "すぐ確認します。\r\n— مرحبا", "cc": [{"address": "Omar@Example.SA", "name": "عمر"}], "close": True}  # fmt: skip
    answer = stage.mina.post(stage.path(REPLY), given)

    told = answer.json()
    assert answer.status_code == 201, told
    assert told["text"] == "すぐ確認します。\n— مرحبا"
    assert (told["is_incoming"], told["agent"]["name"]) == (False, "Mina Ortega")
    assert told["delivery"]["state"] == "queued"
    assert told["cc"] == [{"name": "عمر", "address": "Omar@Example.SA"}]
    stage.conversation.refresh_from_db()
    assert not stage.conversation.is_open
    assert cast.omar.identities.get().pk in stage.conversation.participant_ids


def test_files_come_as_base64_or_in_a_form(stage: Stage) -> None:
    packed = base64.b64encode(SECRET.encode()).decode()
    by_json = stage.mina.post(
        stage.path(REPLY),
        {"text": "1", "attachments": [{"name": "水.txt", "content_type": "text/plain", "content": packed}]},
    )  # fmt: skip
    by_form = stage.mina.form(
        stage.path(REPLY),
        {"text": "2", "cc": ["omar@example.sa"], "files": SimpleUploadedFile("水.txt", SECRET.encode(), "text/plain")},
    )  # fmt: skip

    assert by_json.status_code == by_form.status_code == 201, by_form.content
    (one,), (other,) = by_json.json()["attachments"], by_form.json()["attachments"]
    assert {**one, "id": 0, "url": ""} == {**other, "id": 0, "url": ""}
    assert by_form.json()["cc"] == [{"name": "", "address": "omar@example.sa"}]
    file = stage.mina.get(other["url"].removeprefix("/api/v1"))
    assert body_of(file).decode() == SECRET
    assert file["Content-Disposition"] == "attachment; filename*=UTF-8''%E6%B0%B4.txt"
    assert file["Content-Type"] == "application/octet-stream"
    assert file["X-Content-Type-Options"] == "nosniff"


def test_a_reply_that_would_overtake_is_stopped_with_what_was_not_read(
    cast: Cast, stage: Stage
) -> None:
    newer = reply(stage.conversation, text="先に答えました。", by=cast.jonas, at=NOON)
    given = {"text": "x", "last_seen_message_id": stage.answer.pk}

    stopped = stage.mina.post(stage.path(REPLY), given)

    assert (stopped.status_code, stopped.json()["code"]) == (409, "overtaken")
    assert [one["id"] for one in stopped.json()["messages"]] == [newer.pk]
    assert stopped.json()["messages"][0]["text"] == "先に答えました。"
    seen = stage.mina.post(stage.path(REPLY), {**given, "last_seen_message_id": newer.pk})
    assert seen.status_code == 201


@pytest.mark.parametrize(
    ("given", "status", "code"),
    [
        ({"text": " \n"}, 422, "empty"),
        ({"text": "x" * 100_001}, 422, "invalid"),
        ({"text": "x", "cc": [{"address": "a@b, c@d"}]}, 422, "not_an_address"),
        ({"text": "x", "cc": [{"address": "a@b\r\nBcc: c@d"}]}, 422, "not_an_address"),
        ({"text": "x", "cc": [{"address": "a@b.c"}] * 51}, 422, "invalid"),
        ({"text": "x", "attachments": [{"name": "x", "content": "%%%"}]}, 422, "invalid"),
        ({"text": "x", "close": "perhaps"}, 422, "invalid"),
        ({"text": "x", "from": "ceo@kaldera.example"}, 422, "invalid"),
        ({"text": None}, 422, "invalid"),
    ],
)
def test_what_cannot_be_said_is_refused(given: dict, status: int, code: str, stage: Stage) -> None:
    refused = stage.mina.post(stage.path(REPLY), given)

    assert (refused.status_code, refused.json()["code"]) == (status, code)
    assert Message.objects.count() == 2


def test_an_unknown_field_is_named(stage: Stage) -> None:
    refused = stage.mina.post(stage.path(REPLY), {"text": "x", "cc": [{"address": "a@b.c", "bcc": 1}]})  # fmt: skip
    (error,) = refused.json()["errors"]
    assert (error["field"], error["code"]) == ("body/cc/0/bcc", "extra_forbidden")


def test_messages_come_page_by_page_in_either_order(cast: Cast, stage: Stage) -> None:
    for number in range(3):
        reply(stage.conversation, text=f"{number}", by=cast.mina, at=NOON)
    path = stage.path(REPLY)

    for order, ids in (
        ("oldest_first", sorted(Message.objects.values_list("pk", flat=True))),
        ("newest_first", sorted(Message.objects.values_list("pk", flat=True), reverse=True)),
    ):
        found, cursor = [], ""
        while cursor is not None:
            page = stage.mina.get(f"{path}?order={order}&limit=2&cursor={cursor}").json()
            found += [one["id"] for one in page["items"]]
            cursor = page["next_cursor"]
        assert found == ids


def test_statements_of_messages_do_not_grow_with_their_number(cast: Cast, stage: Stage) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            page = stage.mina.get(stage.path(REPLY) + "?limit=100").json()
        assert page["next_cursor"] is None
        return len(caught)

    statements()  # notes that the token was used today
    few = statements()
    Message.objects.bulk_create(
        Message(
            conversation=stage.conversation, channel=cast.channel, direction=0,
            text="x", reply_text="x", at=NOON,
        )
        for _ in range(90)
    )  # fmt: skip
    assert statements() == few <= 5


def test_what_the_desk_sent_by_itself_is_told_as_a_machines_and_no_answer(
    cast: Cast, stage: Stage
) -> None:
    Channel.objects.update(acknowledges=True)
    asked = received(cast, cast.omar)
    (message,) = acknowledge([asked.pk], at=NOON)
    path = f"/conversations/{asked.conversation.reference}"

    told = stage.mina.get(path).json()
    first, second = stage.mina.get(f"{path}/messages").json()["items"]

    assert (first["id"], first["is_automatic"]) == (asked.pk, False)
    assert (second["id"], second["is_automatic"], second["is_incoming"]) == (
        message.pk,
        True,
        False,
    )
    assert (second["agent"], second["language"]) == (None, "en")
    assert told["last_message_id"] == asked.pk
    assert told["waiting_since"] is not None


def test_a_message_tells_what_was_found_out_about_its_sender(stage: Stage) -> None:
    path = f"/messages/{stage.received.pk}"
    Message.objects.update(verdict=None)
    assert stage.mina.get(path).json()["verdict"] is None
    found = {
        "authserv_id": "mx.example", "spf": "pass", "dkim": "pass", "dkim_domains": ["example.jp"],
        "dmarc": "pass", "dmarc_policy": "reject", "from_domain": "example.jp", "same_id": True,
    }  # fmt: skip
    Message.objects.update(verdict=found)

    assert stage.mina.get(path).json()["verdict"] == {
        "found_by": "mx.example", "spf": "pass", "spf_domain": None, "dkim": "pass",
        "dkim_domains": ["example.jp"], "dmarc": "pass", "dmarc_policy": "reject",
        "from_domain": "example.jp", "arc": None, "arc_sealer": None, "forwarder": None, "form": None,
    }  # fmt: skip


def test_a_file_that_the_disk_did_not_take_is_told(stage: Stage) -> None:
    path = f"/messages/{stage.answer.pk}"
    assert [one["is_stored"] for one in stage.mina.get(path).json()["attachments"]] == [True]
    Attachment.objects.update(missing_since=NOON)
    assert [one["is_stored"] for one in stage.mina.get(path).json()["attachments"]] == [False]


def test_the_html_stands_only_with_the_one_message(stage: Stage) -> None:
    Message.objects.filter(pk=stage.received.pk).update(html="<p>水</p>")
    one = stage.mina.get(f"/messages/{stage.received.pk}").json()
    listed = stage.mina.get(stage.path(REPLY)).json()["items"][0]
    assert one["html"] == "<p>水</p>"
    assert "html" not in listed
    assert listed == {name: value for name, value in one.items() if name != "html"}


def test_a_reply_is_taken_back_while_it_has_not_gone(cast: Cast, stage: Stage) -> None:
    sent = stage.mina.post(stage.path(REPLY), {"text": "早すぎた"}).json()
    other = program(cast.jonas).post(f"/messages/{sent['id']}/unsending")
    assert (other.status_code, other.json()["code"]) == (403, "not_yours")

    back = stage.mina.post(f"/messages/{sent['id']}/unsending")

    assert back.json()["text"].startswith("早すぎた")
    assert stage.mina.get(f"/messages/{sent['id']}").status_code == 404


def test_what_nobody_knows_is_sent_again_or_settled_by_hand(stage: Stage) -> None:
    path = f"/messages/{stage.answer.pk}"
    assert stage.mina.post(path + "/resending").json()["code"] == "no_second_try"
    OutboxEntry.objects.update(state="unknown", reason="no_answer", due_at=timezone.now())

    told = stage.mina.get(path, Accept_Language="en").json()["delivery"]
    assert told["explanation"] == "The outgoing server took the text and then did not answer."
    assert stage.mina.post(path + "/settlement").json()["delivery"]["state"] == "accepted"
    came_in = stage.mina.post(f"/messages/{stage.received.pk}/resending")
    assert (came_in.status_code, came_in.json()["code"]) == (409, "came_in")


def test_a_message_in_arabic_is_told_to_run_from_right_to_left(cast: Cast, stage: Stage) -> None:
    text = "مرحبا، وصلت الماكينة مكسورة وأريد استبدالها من فضلك في أقرب وقت ممكن."
    arrived = receive(cast, letter("عمر <omar@example.sa>", subject="ماكينة", text=text))
    told = stage.mina.get(f"/messages/{arrived.pk}").json()
    assert (told["language"], told["direction"]) == ("ar", "rtl")


def test_notes_and_drafts_are_kept(cast: Cast, stage: Stage) -> None:
    path = stage.path("/conversations/{reference}")
    written = stage.mina.post(path + "/notes", {"text": "電話済み"})
    assert written.status_code == 201
    notes = stage.mina.get(path + "/notes").json()["items"]
    assert [one["text"] for one in notes] == [SECRET, "電話済み"]

    draft = path + "/drafts/reply"
    assert stage.mina.get(draft).json()["text"] == SECRET
    late = stage.mina.ask("PUT", draft, {"text": "古い", "version": 1}).json()
    assert (late["text"], late["version"]) == (SECRET, 1)
    newer = stage.mina.ask("PUT", draft, {"text": "新しい", "version": 2}).json()
    assert newer["text"] == "新しい"
    assert stage.mina.ask("DELETE", draft).status_code == 204
    assert stage.mina.get(draft).status_code == 404
    assert program(cast.jonas).get(draft).status_code == 404
    assert stage.mina.get(path + "/drafts/letter").status_code == 422


def test_a_reply_that_came_back_is_sent_to_another_address(stage: Stage) -> None:
    OutboxEntry.objects.update(state="bounced", reason="no_such_address", due_at=timezone.now())
    path = f"/messages/{stage.answer.pk}/resending"

    refused = stage.mina.ask("POST", path, {"to": [{"address": "nobody at all"}]})
    told = stage.mina.ask("POST", path, {"to": [{"address": "aiko@new.example"}]}).json()

    assert refused.json()["code"] == "not_an_address"
    assert told["to"] == [{"name": "", "address": "aiko@new.example"}]
    assert told["delivery"]["state"] == "queued"
