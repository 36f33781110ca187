"""What search finds, for whom, and within which bounds."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospes.conversations.actions.moving import move
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.events import ConversationMoved, ReplyUnsent
from hospes.conversations.models import Conversation, Message, Queue
from hospes.events.recording import Happening, Recorded
from hospes.people.finding import named
from hospes.people.models import Customer, Identity
from hospes.search import queries
from hospes.search.indexing import forget_messages, index, move_in_index
from hospes.search.models import SearchDocument
from hospes.search.queries import Found, find, find_people
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


def say(
    cast: Cast,
    text: str,
    *,
    queue: Queue | None = None,
    within: Conversation | None = None,
    language: str = "en",
) -> Message:
    """Let a customer have said this, and search know of it."""
    conversation = within or Conversation.objects.create(
        reference=f"H-{Conversation.objects.count():05}", queue=queue or cast.care, brand=cast.brand,
        channel=cast.channel, customer=cast.aiko, subject="About it", opened_at=NOON, last_activity_at=NOON,
    )  # fmt: skip
    message = Message.objects.create(
        conversation=conversation, channel=cast.channel, direction=Message.Direction.IN,
        identity=cast.aiko.identities.order_by("pk")[0], text=text, reply_text=text, language=language, at=NOON, from_address="aiko@example.jp",
    )  # fmt: skip
    index([message.pk])
    return message


def texts(found: Found) -> list[str]:
    return [hit.snippet for hit in found.hits]


def after(happening: Happening) -> list[Recorded]:
    return [Recorded(1, NOON, None, happening)]


def test_the_newest_is_found_first_and_a_conversation_once(cast: Cast) -> None:
    old = say(cast, "the tank leaks")
    say(cast, "my tank is broken")
    say(cast, "tank again", within=old.conversation)
    say(cast, "a kettle")

    found = find("tank", queue_ids=None)

    assert texts(found) == ["tank again", "my tank is broken"]
    assert found.is_complete
    assert found.hits[0].reference == old.conversation.reference


def test_all_words_must_stand_in_one_message(cast: Cast) -> None:
    message = say(cast, "the tank")
    say(cast, "a leak", within=message.conversation)
    say(cast, "the tank has a leak")

    assert texts(find("leak tank", queue_ids=None)) == ["the tank has a leak"]


def test_subject_sender_and_reference_are_found_too(cast: Cast) -> None:
    message = say(cast, "hello")
    Message.objects.filter(pk=message.pk).update(subject="Rechnung 7", from_name="佐藤 愛子")
    SearchDocument.objects.all().delete()
    index([message.pk])

    for asked in ("rechnung", "愛子", "aiko@example.jp", message.conversation.reference):
        assert len(find(asked, queue_ids=None).hits) == 1, asked


def test_nobody_finds_what_stands_in_a_queue_of_others(cast: Cast) -> None:
    say(cast, "the tank", queue=cast.elsewhere)

    assert find("tank", queue_ids=[cast.care.pk]).hits == []
    assert find("tank", queue_ids=[]).hits == []
    assert len(find("tank", queue_ids=[cast.care.pk, cast.elsewhere.pk]).hits) == 1


def test_a_conversation_that_is_moved_is_found_where_it_stands_now(cast: Cast) -> None:
    conversation = say(cast, "the tank").conversation
    move(conversation, to=cast.elsewhere, by=cast.mina, at=NOON)
    there = ConversationMoved(conversation.pk, cast.elsewhere.pk, cast.care.pk)
    back = ConversationMoved(conversation.pk, cast.care.pk, cast.elsewhere.pk)

    move_in_index(after(there))
    move_in_index(after(back))  # of an earlier move, tried again late

    assert find("tank", queue_ids=[cast.care.pk]).hits == []
    assert len(find("tank", queue_ids=[cast.elsewhere.pk]).hits) == 1


def test_a_reply_that_was_taken_back_is_forgotten(cast: Cast) -> None:
    conversation = say(cast, "a question").conversation
    message = reply(conversation, text="the secret price", by=cast.mina, at=NOON)
    index([message.pk])
    unsend(message, by=cast.mina, at=NOON)

    assert find("secret", queue_ids=None).hits == []
    forget_messages(after(ReplyUnsent(conversation.pk, message_id=message.pk)))
    assert not SearchDocument.objects.filter(tokens__isnull=False, pk=message.pk).exists()


def test_indexing_what_is_gone_changes_nothing(cast: Cast) -> None:
    index([999_999])

    assert not SearchDocument.objects.exists()


@pytest.mark.parametrize(
    ("asked", "is_found"),
    [("ta", False), ("tan", True), ("leaking tan", True), ("tan leaking", False)],
)
def test_the_last_word_may_be_unfinished_while_it_is_typed(
    cast: Cast, asked: str, is_found: bool
) -> None:
    say(cast, "the leaking tank")

    assert bool(find(asked, queue_ids=None, as_typed=True).hits) is is_found


@pytest.mark.parametrize(
    "asked",
    ["' | 'b' & !c", "a\\' :*", "(((", "!", ":*", "&|!", "\0", "a\x01b", "\ud800", "' OR 1=1 --"],
)
def test_a_question_is_never_read_as_a_query(cast: Cast, asked: str) -> None:
    say(cast, "b alone")

    assert find(asked, queue_ids=None).hits == []


def test_a_snippet_shows_the_word_in_its_surroundings(cast: Cast) -> None:
    say(cast, "word " * 100 + "the TANK leaks " + "word " * 100)

    (hit,) = find("tank", queue_ids=None).hits
    assert "TANK" in hit.snippet
    assert hit.snippet.startswith("…")
    assert hit.snippet.endswith("…")
    assert len(hit.snippet) <= 162


def test_search_asks_a_few_bounded_questions(cast: Cast) -> None:
    for number in range(30):
        say(cast, f"tank {number}")

    with CaptureQueriesContext(connection) as asked:
        found = find("tank", queue_ids=[cast.care.pk], limit=25)

    assert len(found.hits) == 25
    assert len([one for one in asked if one["sql"].lstrip().startswith(("SELECT", "WITH"))]) <= 4


def test_a_search_that_takes_too_long_says_how_far_it_came(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    say(cast, "tank")
    slow = queries._STEP.replace(
        "WITH matching", "WITH slow AS MATERIALIZED (SELECT pg_sleep(2) AS zz), matching"
    ).replace("FROM search_document", "FROM slow, search_document", 1)
    monkeypatch.setattr(queries, "_STEP", slow)

    found = find("tank", queue_ids=None)

    assert (found.hits, found.is_complete) == ([], False)
    assert Message.objects.exists()  # the surrounding transaction goes on


# People --------------------------------------------------------------------------------------


def known(cast: Cast, name: str, address: str, queue: Queue | None = None) -> Customer:
    customer = Customer.objects.create(display_name=name, created_at=NOON)
    Identity.objects.create(customer=customer, value=address)
    Conversation.objects.create(
        reference=f"H-P{Conversation.objects.count():04}", queue=queue or cast.care, brand=cast.brand,
        channel=cast.channel, customer=customer, opened_at=NOON, last_activity_at=NOON + timedelta(hours=1),
    )  # fmt: skip
    return customer


def test_people_are_found_by_parts_of_name_and_address(cast: Cast) -> None:
    mette = known(cast, "Mette Lund", "mette@lund.example")

    for asked in ("mett", "TE LU", " Mette  Lund ", "lund.exa", "mette@lund.example"):
        assert [one.customer_id for one in find_people(asked, queue_ids=None)] == [mette.pk], asked
    assert find_people("m", queue_ids=None) == []
    assert find_people("%", queue_ids=None) == find_people("__", queue_ids=None) == []


@pytest.mark.parametrize(
    ("name", "asked"),
    [
        ("林 さくら", "林"),
        ("小林 愛子", "林"),
        ("李伟", "李"),
        ("김민준", "김"),
        ("Sakura 林", " 林 "),
        ("さくら", "さ"),
        ("𠮷田 太郎", "𠮷"),
        ("李伟", "李伟"),
    ],
)
def test_one_sign_finds_people_where_one_sign_is_a_word(cast: Cast, name: str, asked: str) -> None:
    known(cast, "Mette Lund", "mette@lund.example")
    theirs = known(cast, name, "someone@mail.example")

    assert [one.customer_id for one in find_people(asked, queue_ids=None)] == [theirs.pk]
    assert find_people("龘", queue_ids=None) == []


def test_one_sign_is_looked_up_in_its_index(cast: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        # On so few rows either index costs the same: which one is chosen hangs on what was there before.
        cursor.execute("DROP INDEX customer_find")

    assert "customer_find_by_sign" in Customer.objects.filter(named("林")).explain()


def test_people_are_found_with_a_conversation_the_reader_may_see(cast: Cast) -> None:
    known(cast, "Mette Lund", "mette@lund.example", cast.elsewhere)

    assert find_people("mette", queue_ids=[cast.care.pk]) == []
    assert find_people("mette@lund.example", queue_ids=[cast.care.pk]) == []
    assert len(find_people("mette", queue_ids=[cast.elsewhere.pk])) == 1


def test_many_of_a_name_elsewhere_hide_nobody_here(cast: Cast) -> None:
    here = known(cast, "Smith", "here@smith.example")
    for number in range(60):
        known(cast, "Smith", f"{number}@smith.example", cast.elsewhere)

    assert [one.customer_id for one in find_people("smith", queue_ids=[cast.care.pk])] == [here.pk]


# Operators and order --------------------------------------------------------------------------


def test_operators_narrow_what_is_found(cast: Cast) -> None:
    tank = say(cast, "the tank leaks")
    other = say(cast, "my tank is broken", queue=cast.elsewhere, language="pt-BR")
    Message.objects.filter(pk=other.pk).update(from_name="Omar", from_address="omar@example.sa")
    SearchDocument.objects.filter(pk=tank.pk).update(at=NOON - timedelta(days=400))
    Conversation.objects.filter(pk=other.conversation_id).update(closed_at=NOON)

    for question, said in {
        "tank from:omar": [other], "tank from:example.jp": [tank], "tank market:JP": [other], "tank market:es": [tank],
        "tank before:2026": [tank], "tank after:2025-12-31": [other], "tank is:closed": [other], "tank is:open": [tank],
        "tank language:pt": [other], '"tank is"': [other], '"is tank"': [], "from:omar": [other], "is:open market:es": [tank],
        "tank from:100%": [], "tank market:zz": [],
    }.items():  # fmt: skip
        references = [hit.reference for hit in find(question, queue_ids=None).hits]
        assert references == [one.conversation.reference for one in said], question


def test_operators_show_nobody_what_is_not_theirs(cast: Cast) -> None:
    say(cast, "the tank", queue=cast.elsewhere)

    assert find("market:jp", queue_ids=[cast.care.pk]).hits == []
    assert find("from:aiko", queue_ids=[cast.care.pk]).hits == []


def test_the_best_answer_stands_first(cast: Cast) -> None:
    titled = say(cast, "hello")
    Message.objects.filter(pk=titled.pk).update(subject="Broken tank")
    SearchDocument.objects.filter(pk=titled.pk).delete()
    index([titled.pk])
    together = say(cast, "there is a broken tank here")
    apart = say(cast, "the tank is not broken, the cup is")

    hits = find("broken tank", queue_ids=None).hits
    assert [hit.reference for hit in hits] == [one.conversation.reference for one in (titled, together, apart)]  # fmt: skip
    assert [hit.field for hit in hits] == ["subject", "text", "text"]
    assert hits[0].score > hits[1].score > hits[2].score
