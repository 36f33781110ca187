"""How much a page asks of the database: the same for few rows and for many."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from hospes.conversations.actions.closing import close
from hospes.conversations.actions.replying import reply
from hospes.conversations.counting import view_counts
from hospes.conversations.models import Message, Seen
from hospes.conversations.queries import VIEWS, list_page
from hospes.conversations.timeline import timeline
from hospes.intake.actions.blocking import block
from hospes.markets.models import Market
from hospes.people.models import Contract
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.models import Breach, Clock
from tests.arriving import arrive_together, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter


def fill(cast: Cast, count: int) -> None:
    for start in range(0, count, 50):
        mails = [letter(f"{start + n}.{count}@example.com") for n in range(min(50, count - start))]
        arrive_together(cast, *mails)


def statements(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(address).status_code == 200
    return len(asked)


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mina", "ana"])
def test_a_list_asks_the_same_for_25_and_100_rows(who: str, cast: Cast) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    address = reverse("inbox", args=["open"])
    fill(cast, 25)
    client.get(address)
    few = statements(client, address)
    fill(cast, 100)

    assert statements(client, address) == few <= 6


@pytest.mark.django_db
def test_a_conversation_asks_the_same_for_3_and_80_messages(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.mina)
    first = shown(cast, letter("aiko@example.jp", files=[("a.png", "image/png", b"1")]))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.mina, at=NOON))
    address = reverse("conversation", args=[first.conversation.reference])
    client.get(address)
    few = statements(client, address)
    for _ in range(2):
        arrive_together(
            cast, *[letter("aiko@example.jp", text=str(n), answers=ours) for n in range(40)]
        )
    assert Message.objects.filter(conversation=first.conversation).count() == 82
    client.get(address)

    assert statements(client, address) == few <= 7


@pytest.mark.django_db
@pytest.mark.parametrize("who", ["mina", "jonas", "ana"])
def test_a_conversation_asks_eight_times_at_most_whatever_there_is_to_say_of_it(
    who: str, cast: Cast
) -> None:
    client = Client()
    client.force_login(getattr(cast, who))
    earlier = shown(cast, letter("statements@example.es", subject="Before")).conversation
    subject = f"As in {earlier.reference}, H-00000 and H-00001"
    one = shown(cast, letter("statements@example.es", subject=subject)).conversation
    address = reverse("conversation", args=[one.reference])
    assert statements(client, address) <= 8  # and it is noted that it was read
    assert statements(client, address) <= 7

    one.customer.contract = Contract.objects.create(
        name="Statements", market=Market.objects.get(code="JP")
    )
    one.customer.save()
    recount([one.pk], at=NOON)
    Clock.objects.filter(pk=one.pk).update(first_reply_due=NOON)
    Breach.objects.create(
        conversation=one, what="first_reply", since=NOON, due_at=NOON, noticed_at=NOON
    )
    assert statements(client, address) <= 7

    block("statements@example.es", by=cast.mina, at=NOON)
    close(one, by=cast.mina, at=NOON)
    Seen.objects.filter(conversation=one).delete()
    assert statements(client, address) <= 8
    page = client.get(address)
    assert page.context["breach"].what == "first_reply"
    assert page.context["market"] == "Japan"
    assert page.context["related"] == earlier.reference
    assert page.context["blocked"] == "statements@example.es"
    assert [other.subject for other in page.context["others"]] == ["Before"]


@pytest.mark.django_db
def test_what_is_new_in_a_conversation_costs_no_more_than_opening_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.mina)
    one = shown(cast, letter("news@example.es", subject="News"))
    reply(one.conversation, text="Yes.", by=cast.mina, at=NOON)
    address = reverse("conversation", args=[one.conversation.reference])
    client.get(address)
    news = (
        f"{reverse('entries', args=[one.conversation.reference])}?after={one.pk}&changed={one.pk}"
    )

    assert statements(client, news) <= 7
    page = client.get(news).content.decode()
    new, changed = page.split("data-changed")
    assert "Yes." in new
    assert f'data-message="{one.pk}"' in changed
    assert f'data-message="{one.pk}"' not in new


@pytest.mark.django_db
@pytest.mark.parametrize("view", VIEWS)
def test_a_page_of_a_view_is_one_statement(view: str, cast: Cast) -> None:
    fill(cast, 30)
    for queue_ids in (None, [cast.care.pk], [cast.care.pk, cast.elsewhere.pk], []):
        with CaptureQueriesContext(connection) as asked:
            list_page(queue_ids, view=view, agent_id=cast.mina.pk)
        assert len(asked) <= 1
        with CaptureQueriesContext(connection) as asked:
            view_counts(queue_ids, cast.mina.pk)
        assert len(asked) <= 1


@pytest.mark.django_db
def test_a_timeline_is_turned_page_by_page_without_a_gap(cast: Cast) -> None:
    first = shown(cast, letter("aiko@example.jp"))
    ours = as_sent(reply(first.conversation, text="Yes.", by=cast.mina, at=NOON))
    arrive_together(
        cast, *[letter("aiko@example.jp", text=str(n), answers=ours) for n in range(20)]
    )
    number = first.conversation_id
    seen: list[int] = []
    before = None
    while True:
        page = timeline(number, before=before, limit=6)
        seen = [entry.id for entry in page.entries if entry.kind == "message"] + seen
        before = page.earlier_than
        if before is None:
            break

    assert seen == list(
        Message.objects.filter(conversation_id=number).order_by("pk").values_list("pk", flat=True)
    )
