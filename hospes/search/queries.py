"""Find what was said: newest first, in a few bounded steps back in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef, Q

from hospes.conversations.models import Conversation, Message
from hospes.people.finding import is_findable, named, reached_by
from hospes.people.models import Customer, Identity
from hospes.search.models import SearchDocument
from hospes.search.tokens import question

MAX_HITS = 201  # "200+"
NEWEST = 32_768  # messages looked at first
LAST_STEP_MILLISECONDS = 400
MIN_PREFIX_CHARS = 3
SNIPPET_CHARS = 160


@dataclass(frozen=True)
class Hit:
    """One conversation in which it was said."""

    conversation_id: int
    reference: str
    subject: str
    customer_name: str
    at: datetime  # of the newest message that says it
    language: str
    is_ours: bool  # we said it
    is_closed: bool
    snippet: str


@dataclass(frozen=True)
class Found:
    hits: list[Hit]
    is_complete: bool  # False: it was searched back only so far


def find(
    text: str,
    *,
    queue_ids: Sequence[int] | None,
    languages: tuple[str, ...] = ("en",),
    limit: int = 25,
    as_typed: bool = False,
) -> Found:
    """Return the conversations in which all of these words were said in one message.

    queue_ids: what the reader may see; None: everything.
    as_typed: the last word may be unfinished.
    """
    asked = _tsquery(question(text, languages), as_typed=as_typed)
    if not asked or queue_ids == []:
        return Found([], is_complete=True)
    message_ids, is_complete = _matching(asked, queue_ids, limit)
    return Found(_hits(message_ids, text, limit), is_complete)


def _tsquery(groups: Sequence[Sequence[str]], *, as_typed: bool) -> str:
    parts = []
    for place, group in enumerate(groups):
        is_unfinished = as_typed and place == len(groups) - 1 and len(group[0]) >= MIN_PREFIX_CHARS
        words = [_quoted(word) + (":*" if is_unfinished else "") for word in group]
        parts.append(f"({' | '.join(words)})")
    return " & ".join(parts)


def _quoted(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _matching(asked: str, queue_ids: Sequence[int] | None, limit: int) -> tuple[list[int], bool]:
    """Walk from the newest messages to the oldest; stop as soon as there is enough to show."""
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    found: list[int] = []
    seen: set[int] = set()
    for low, high, is_last in _steps(newest):
        rows = _step(asked, queue_ids, low, high, is_last=is_last)
        if rows is None:
            return found, False
        for message_id, conversation_id in rows:
            if conversation_id not in seen:
                seen.add(conversation_id)
                found.append(message_id)
        if len(found) >= limit:
            return found[:limit], is_last
    return found, True


def _steps(newest: int) -> list[tuple[int, int, bool]]:
    """Ranges of message numbers, each looked at in one statement."""
    part = SearchDocument.PART
    bounds = [newest + 1, newest - NEWEST, newest - 2 * part, newest - 6 * part, 0]
    bounds = [max(0, bound) for bound in bounds]
    pairs = [(low, high) for high, low in pairwise(bounds) if low < high]
    return [(low, high, low == 0) for low, high in pairs]


# MATERIALIZED, or the planner walks the messages backwards for a word that does not exist.
_STEP = """
WITH matching AS MATERIALIZED (
    SELECT message_id, conversation_id FROM search_document
    WHERE tokens @@ %(asked)s::tsquery AND message_id >= %(low)s AND message_id < %(high)s
        AND (%(queues)s::smallint[] IS NULL OR queue_id = ANY(%(queues)s::smallint[]))
)
SELECT message_id, conversation_id FROM matching ORDER BY message_id DESC LIMIT %(most)s
"""


def _step(
    asked: str, queue_ids: Sequence[int] | None, low: int, high: int, *, is_last: bool
) -> list[tuple[int, int]] | None:
    """Return what one range holds; None when the last one took too long."""
    queues = None if queue_ids is None else list(queue_ids)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if is_last:
                cursor.execute(f"SET LOCAL statement_timeout = {LAST_STEP_MILLISECONDS}")
            cursor.execute(
                _STEP,
                {"asked": asked, "low": low, "high": high, "queues": queues, "most": MAX_HITS},
            )
            rows: list[tuple[int, int]] = cursor.fetchall()
            if is_last:
                cursor.execute("SET LOCAL statement_timeout = 0")
            return rows
    except OperationalError:  # the time is over
        if not is_last:
            raise
        return None


def _hits(message_ids: Sequence[int], text: str, limit: int) -> list[Hit]:
    rows = Message.objects.filter(pk__in=message_ids).order_by("-pk").values_list(
        "conversation_id", "conversation__reference", "conversation__subject",
        "conversation__customer__display_name", "at", "language", "direction",
        "conversation__closed_at", "text",
    )[:limit]  # fmt: skip
    return [
        Hit(
            *row[:6],
            is_ours=row[6] == Message.Direction.OUT,
            is_closed=row[7] is not None,
            snippet=_snippet(row[8], text),
        )
        for row in rows
    ]


def _snippet(said: str, asked: str) -> str:
    """Return the surroundings of the first word that was asked for."""
    line = " ".join(said.split())
    folded = line.casefold()
    places = [place for word in asked.casefold().split() if (place := folded.find(word)) >= 0]
    start = max(0, min(places, default=0) - SNIPPET_CHARS // 3)
    cut = line[start : start + SNIPPET_CHARS]
    return ("…" if start else "") + cut + ("…" if start + SNIPPET_CHARS < len(line) else "")


@dataclass(frozen=True)
class Person:
    """A customer found by name or address."""

    customer_id: int
    name: str
    address: str
    reference: str  # of the newest conversation the reader may see


def find_people(text: str, *, queue_ids: Sequence[int] | None, limit: int = 8) -> list[Person]:
    """Return customers whose name or address holds this text, with a conversation the reader may see."""
    if not is_findable(text):
        return []
    visible = Conversation.objects.all()
    if queue_ids is not None:
        visible = visible.filter(queue_id__in=queue_ids)
    customers = list(
        Customer.objects.filter(named(text) | Q(pk__in=reached_by(text)))
        .filter(Exists(visible.filter(customer=OuterRef("pk"))))
        .order_by("-pk")[:limit]
    )
    visible = visible.filter(customer__in=customers)
    newest = dict(visible.order_by("pk").values_list("customer_id", "reference"))
    reachable = dict(
        Identity.objects.mail()
        .filter(customer_id__in=newest)
        .order_by("-pk")
        .values_list("customer_id", "value")
    )
    return [Person(c.pk, c.display_name, reachable.get(c.pk, ""), newest[c.pk]) for c in customers]
