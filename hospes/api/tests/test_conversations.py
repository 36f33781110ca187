"""What is done with conversations through the API is what the workspace does."""

from __future__ import annotations

import pytest

from hospes.api.tests.stage import SECRET, Stage, program, receive
from hospes.conversations.models import Conversation, OutboxEntry, QueueMember
from hospes.events.models import Event
from hospes.people.models import Customer
from tests.cast import Cast
from tests.mail import letter


def test_a_conversation_tells_its_language_and_which_way_it_is_written(
    cast: Cast, stage: Stage
) -> None:
    told = stage.mina.get(stage.path("/conversations/{reference}")).json()

    assert told["reference"] == stage.conversation.reference
    assert told["subject"] == SECRET
    assert (told["language"], told["direction"]) == ("ja", "ltr")
    assert (told["customer"]["id"], told["customer"]["display_name"]) == (cast.aiko.pk, "佐藤 愛子")
    assert told["assignee"] == {"id": cast.mina.pk, "name": "Mina Ortega"}
    assert told["opened_at"] == "2026-11-19T12:00:00Z"
    assert told["last_message_id"] == stage.answer.pk


@pytest.mark.parametrize("typed", ["{0}", "h-{1}", "{1}"])
def test_a_reference_may_be_typed_carelessly(typed: str, stage: Stage) -> None:
    reference = stage.conversation.reference
    given = typed.format(reference, reference.removeprefix("H-").lower())
    assert stage.mina.get(f"/conversations/{given}").json()["reference"] == reference


def test_closing_and_reopening_is_done_by_the_agent_of_the_token(cast: Cast, stage: Stage) -> None:
    path = stage.path("/conversations/{reference}")

    assert stage.mina.post(path + "/closure").json()["status"] == "closed"
    again = stage.mina.post(path + "/closure")
    assert (again.status_code, again.json()["code"]) == (409, "closed_already")
    assert stage.mina.post(path + "/reopening").json()["status"] == "open"
    done = Event.objects.filter(kind__in=["ConversationClosed", "ConversationReopened"])
    assert [one.by_id for one in done] == [cast.mina.pk] * 2


def test_snoozing_needs_a_moment_ahead_with_its_offset(stage: Stage) -> None:
    path = stage.path("/conversations/{reference}/snooze")

    told = stage.mina.post(path, {"until": "2099-01-01T09:00:00+09:00"}).json()
    assert (told["status"], told["snoozed_until"]) == ("snoozed", "2099-01-01T00:00:00Z")
    assert stage.mina.ask("DELETE", path).json()["status"] == "open"
    for until, code in [
        ("2099-01-01T09:00:00", "invalid"), ("tomorrow", "invalid"), (4070908800, "invalid"),
        ("2099-02-30T09:00:00Z", "invalid"), ("9999-12-31T23:59:59-23:59", "invalid"),
        ("2020-01-01T00:00:00Z", "in_the_past"),
    ]:  # fmt: skip
        refused = stage.mina.post(path, {"until": until})
        assert (refused.status_code, refused.json()["code"]) == (422, code), until


def test_assigning_to_who_does_not_work_there_is_refused(cast: Cast, stage: Stage) -> None:
    path = stage.path("/conversations/{reference}/assignment")

    told = stage.mina.post(path, {"agent_id": cast.jonas.pk}).json()
    assert told["assignee"]["name"] == "Jonas Weber"
    assert stage.mina.post(path, {"agent_id": None}).json()["assignee"] is None
    out_of_sight = stage.mina.post(path, {"agent_id": cast.vera.pk})
    missing = stage.mina.post(path, {"agent_id": 999_999})
    assert out_of_sight.status_code == 422
    assert out_of_sight.content == missing.content
    refused = program(cast.ana).post(path, {"agent_id": cast.vera.pk})
    assert (refused.status_code, refused.json()["code"]) == (409, "assignee_outside_queue")


def test_moving_out_of_the_assignees_sight_takes_them_off(cast: Cast, stage: Stage) -> None:
    QueueMember.objects.create(queue=cast.elsewhere, agent=cast.jonas)
    jonas = program(cast.jonas)
    path = stage.path("/conversations/{reference}")

    told = jonas.post(path + "/queue", {"queue_id": cast.elsewhere.pk}).json()

    assert (told["queue_id"], told["assignee"]) == (cast.elsewhere.pk, None)
    assert stage.mina.get(path).status_code == 404
    assert program(cast.vera).get(path).status_code == 200


def test_a_conversation_of_ours_begins_with_our_message(cast: Cast, stage: Stage) -> None:
    given = {"customer_id": cast.aiko.pk, "queue_id": cast.care.pk, "channel_id": cast.channel.pk, "subject": "ご注文の件", "text": "部品が届きました。"}  # fmt: skip
    answer = stage.mina.post("/conversations", given)

    told = answer.json()
    assert answer.status_code == 201, told
    assert (told["status"], told["waiting_since"], told["message_count"]) == ("open", None, 1)
    (message,) = stage.mina.get(f"/conversations/{told['reference']}/messages").json()["items"]
    assert message["subject"] == "ご注文の件"
    assert message["to"] == [{"name": "佐藤 愛子", "address": "aiko@example.jp"}]
    made = Conversation.objects.get(reference=told["reference"])
    entry = OutboxEntry.objects.get(message__conversation=made)
    assert entry.state == "queued"
    assert made.participant_ids == [cast.aiko.identities.order_by("pk")[0].pk]


def test_a_first_message_needs_the_right_to_send(cast: Cast, stage: Stage) -> None:
    given = {"customer_id": cast.aiko.pk, "queue_id": cast.care.pk, "channel_id": cast.channel.pk, "subject": "x", "text": "x"}  # fmt: skip
    refused = program(cast.mina, "conversations:write").post("/conversations", given)
    assert (refused.status_code, refused.json()["scope"]) == (403, "messages:write")
    assert Conversation.objects.count() == 1


def test_lists_have_the_views_of_the_workspace(cast: Cast, stage: Stage) -> None:
    receive(cast, letter("佐藤 愛子 <aiko@example.jp>", subject="もう一つ", text="x"))

    def subjects(query: str) -> list[str]:
        answer = stage.mina.get(f"/conversations?{query}")
        assert answer.status_code == 200, answer.content
        return [row["subject"] for row in answer.json()["items"]]

    assert subjects("view=unassigned") == ["もう一つ"]
    assert subjects("view=mine") == [SECRET]
    assert subjects("view=closed") == []
    assert set(subjects("is_open=true")) == {"もう一つ", SECRET}
    assert subjects(f"assignee_id={cast.mina.pk}") == [SECRET]
    assert len(subjects(f"customer_id={cast.aiko.pk}&channel_id={cast.channel.pk}")) == 2
    assert subjects("active_since=2099-01-01T00:00:00Z") == []
    assert subjects(f"queue_id={cast.elsewhere.pk}") == []
    refused = stage.mina.get(f"/conversations?view=open&customer_id={cast.aiko.pk}")
    assert refused.json()["code"] == "filters_do_not_combine"


@pytest.mark.parametrize("query", ["", "view=open", "is_open=true", "view=closed"])
def test_pages_hold_every_row_once(query: str, cast: Cast, stage: Stage) -> None:
    for number in range(6):
        receive(cast, letter("佐藤 愛子 <aiko@example.jp>", subject=f"{number}", text="x"))
    if query == "view=closed":
        for row in stage.mina.get("/conversations").json()["items"]:
            stage.mina.post(f"/conversations/{row['reference']}/closure")
    found, following = [], f"/conversations?limit=3&{query}"
    for _page in range(4):
        answer = stage.mina.get(following)
        found += [row["reference"] for row in answer.json()["items"]]
        if not answer.json()["next_cursor"]:
            break
        link = answer["Link"]
        assert link.endswith('>; rel="next"')
        following = link.split("/api/v1", 1)[1].split(">")[0]
    assert len(found) == len(set(found)) == 7


def test_a_cursor_is_good_for_its_own_list_alone(cast: Cast, stage: Stage) -> None:
    receive(cast, letter("佐藤 愛子 <aiko@example.jp>", subject="2", text="x"))
    cursor = stage.mina.get("/conversations?limit=1").json()["next_cursor"]

    assert stage.mina.get(f"/conversations?limit=1&cursor={cursor}").status_code == 200
    forged = cursor[:-2] + ("AA" if cursor[-2:] != "AA" else "BB")
    for bad in (forged, "x", "é", "AAAA", cursor[:10], "=" * 8):
        refused = stage.mina.get(f"/conversations?cursor={bad}")
        assert (refused.status_code, refused.json()["code"]) == (422, "no_such_cursor"), bad
    assert stage.mina.get(f"/conversations?view=open&cursor={cursor}").status_code == 422
    assert stage.mina.get(f"/customers?cursor={cursor}").status_code == 422


@pytest.mark.parametrize(
    "path", ["/conversations", "/conversations?view=open", "/conversations?view=closed",
             "/customers", "/customers?q=ko"],
)  # fmt: skip
def test_statements_of_a_list_do_not_grow_with_its_rows(
    path: str, cast: Cast, stage: Stage, django_assert_max_num_queries: object
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def statements(limit: int) -> int:
        mark = "&" if "?" in path else "?"
        with CaptureQueriesContext(
            connection,
        ) as caught:
            answer = stage.mina.get(f"{path}{mark}limit={limit}")
        assert answer.status_code == 200
        return len(caught)

    _crowd(cast, 110)
    if "closed" in path:
        Conversation.objects.update(closed_at=stage.conversation.opened_at, waiting_since=None)
    statements(1)  # notes that the token was used today
    assert statements(25) == statements(100) <= 5


def _crowd(cast: Cast, count: int) -> None:
    from hospes.conversations.inbox import keep_rows
    from hospes.people.models import Customer, Identity

    one = Conversation.objects.get()
    ids = []
    for number in range(count):
        customer = Customer.objects.create(display_name=f"Aiko {number}", created_at=one.opened_at)
        Identity.objects.create(customer=customer, value=f"aiko{number}@example.jp")
        made = Conversation.objects.create(
            reference=f"H-X{number:04}", queue=cast.care, brand=cast.brand, channel=cast.channel,
            customer=customer, assignee=cast.mina, opened_at=one.opened_at,
            last_activity_at=one.opened_at,
        )  # fmt: skip
        ids.append(made.pk)
    keep_rows(ids)


def test_where_a_customer_lives_is_told_with_whether_it_is_a_guess(
    cast: Cast, stage: Stage
) -> None:
    def told() -> dict[str, object]:
        customer = stage.mina.get(stage.path("/conversations/{reference}")).json()["customer"]
        return {
            name: value for name, value in customer.items() if "market" in name or "zone" in name
        }

    assert told() == {
        "market": "JP", "is_market_guessed": False, "zone": "Asia/Tokyo", "is_zone_guessed": False,
    }  # fmt: skip
    Customer.objects.filter(pk=cast.aiko.pk).update(market=None)
    assert told() == {
        "market": "ES", "is_market_guessed": True, "zone": "Europe/Madrid", "is_zone_guessed": True,
    }  # fmt: skip
    Customer.objects.filter(pk=cast.aiko.pk).update(zone="Asia/Seoul")
    assert (told()["zone"], told()["is_zone_guessed"]) == ("Asia/Seoul", False)
    Customer.objects.filter(pk=cast.aiko.pk).update(
        country="KR", country_by=Customer.CountryBy.PHONE
    )
    assert (told()["market"], told()["is_market_guessed"]) == ("KR", False)
