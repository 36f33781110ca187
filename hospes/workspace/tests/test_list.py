"""The list beside a conversation, and what its rows say."""

from __future__ import annotations

import gzip
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.conversations.actions import assigning, closing, snoozing
from hospes.conversations.actions.moving import move
from hospes.conversations.models import InboxRow
from hospes.markets.models import Market
from hospes.workspace.tests.stage import SECRET, address, receive, set_stage
from tests.cast import NOON, Cast
from tests.mail import letter


@pytest.fixture
def client(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.mina)
    return client


def page(client: Client, reference: str) -> str:
    return client.get(reverse("conversation", args=[reference])).content.decode()


def test_a_conversation_opened_by_its_address_stands_beside_a_list_it_is_in(
    client: Client, cast: Cast
) -> None:
    one = set_stage(cast).conversation

    def beside() -> str:
        return page(client, one.reference).partition('data-view="')[2].partition('"')[0]

    client.get(reverse("inbox", args=["closed"]))
    assert beside() == "mine"
    assigning.assign(one, to=None, by=cast.mina, at=NOON)
    assert beside() == "open"
    client.get(reverse("inbox", args=["unassigned"]))
    assert beside() == "unassigned"
    snoozing.snooze(one, until=timezone.now() + timedelta(hours=1), by=cast.mina, at=NOON)
    assert beside() == "snoozed"
    closing.close(one, by=cast.mina, at=NOON)
    assert beside() == "closed"


def test_what_was_answered_while_it_is_open_stays_and_counts_no_wait(
    client: Client, cast: Cast
) -> None:
    one = set_stage(cast).conversation
    rows = reverse("rows", args=["waiting"])

    assert client.get(rows, {"ids": one.pk}).content == b""
    row = client.get(rows, {"ids": one.pk, "opened": one.pk}).content.decode()

    assert "data-left" in row
    assert "Answered" in row
    assert "Waiting on us" not in row


def test_nothing_of_another_queue_is_shown_because_somebody_says_it_is_open(cast: Cast) -> None:
    one = set_stage(cast).conversation
    vera = Client()
    vera.force_login(cast.vera)

    rows = reverse("rows", args=["waiting"])
    assert vera.get(rows, {"ids": one.pk, "opened": one.pk}).content == b""


def test_what_only_follows_from_the_address_written_to_is_called_a_guess(
    client: Client, cast: Cast
) -> None:
    one = set_stage(cast).conversation
    assert "guessed" not in page(client, one.reference)

    cast.aiko.market = None
    cast.aiko.save()

    assert page(client, one.reference).count(">guessed</span>") == 4


def test_a_move_to_another_queue_changes_no_guess(client: Client, cast: Cast) -> None:
    one = set_stage(cast).conversation
    cast.aiko.market = None
    cast.aiko.save()
    korea = Market.objects.create(code="KR", zone="Asia/Seoul", language="ko")
    cast.channel.market = korea
    cast.channel.save()
    assert "Seoul" in page(client, one.reference)

    move(one, to=cast.elsewhere, by=cast.ana, at=NOON)
    client.force_login(cast.ana)

    assert "Seoul" in page(client, one.reference)
    assert InboxRow.objects.get(pk=one.pk).market_code == "KR"


def test_earlier_conversations_are_spoken_of_only_where_there_are_some(
    client: Client, cast: Cast
) -> None:
    one = set_stage(cast).conversation
    one.is_sender_verified = False
    one.save()
    assert "earlier conversations" not in page(client, one.reference)

    receive(cast, letter(f"<{address(cast)}>", subject="A filter", text="Where is it?"))

    assert "earlier conversations" in page(client, one.reference)


def test_a_page_of_long_letters_weighs_no_more_than_its_budget(client: Client, cast: Cast) -> None:
    set_stage(cast)
    for number in range(30):
        said = " ".join(f"{SECRET}{number * place}" for place in range(60))
        receive(cast, letter(f"<{address(cast)}>", subject=f"{number} {said}", text=said))

    listed = client.get(reverse("inbox", args=["open"]), headers={"HX-Request": "true"}).content

    assert listed.count(b'class="conv-item"') == 25
    assert len(gzip.compress(listed)) <= 5 * 1024
