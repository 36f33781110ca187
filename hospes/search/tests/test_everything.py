"""Search over conversations, customers and texts, for whoever asks."""

from __future__ import annotations

import pytest

from hospes.search.everything import search
from hospes.search.tests.test_queries import say
from hospes.team.models import Agent
from hospes.texts.actions.writing import About, Form, make_text
from hospes.texts.actions.writing import say as let_say
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
ALL = ("conversations", "customers", "texts")


def found(text: str, agent: Agent, *scopes: str) -> list[tuple[str, str]]:
    return [(one.kind, one.field) for one in search(text, agent=agent, scopes=scopes or ALL, limit=25)]  # fmt: skip


def test_what_was_said_and_what_we_say_are_found_in_one_list(cast: Cast) -> None:
    said = say(cast, "荷物が未着です。", language="ja")
    text = make_text(About("Parcel"), language="en", body="On its way.", by_id=None, at=NOON)
    let_say(text, Form("ja"), "未着のお荷物について", by_id=None, at=NOON)

    (answer,) = search("未着", agent=cast.mina, scopes=["conversations"], limit=5)
    assert (answer.reference, answer.kind, answer.field) == (said.conversation.reference, "conversation", "text")  # fmt: skip
    assert "未着" in answer.snippet
    assert sorted(found("未着", cast.mina)) == [("conversation", "text"), ("text", "body")]
    assert found("未着", cast.mina, "texts") == [("text", "body")]


def test_a_text_is_found_by_its_name_and_its_inflected_words(cast: Cast) -> None:
    make_text(About("Delayed parcel", "late"), language="en", body="Your orders are delayed.", by_id=None, at=NOON)  # fmt: skip

    assert found("delayed", cast.mina, "texts") == [("text", "name")]
    assert found("order", cast.mina, "texts") == [("text", "body")]
    assert found("refund", cast.mina, "texts") == []


def test_customers_are_found_by_name_and_address(cast: Cast) -> None:
    say(cast, "hello")

    assert found("佐藤", cast.mina, "customers") == [("customer", "name")]
    assert found("aiko", cast.mina, "customers") == [("customer", "address")]


def test_nobody_finds_what_is_not_theirs(cast: Cast) -> None:
    say(cast, "the tank", queue=cast.care)

    assert found("tank", cast.vera) == []
    assert found("佐藤", cast.vera) == []
    assert found("tank", cast.mina) == [("conversation", "text")]
