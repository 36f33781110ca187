"""Find what was said: newest first, in a few bounded steps back in time."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Exists, Max, OuterRef, Q
from django.utils import timezone

from hospes.conversations.models import Conversation, Message
from hospes.people.finding import is_findable, named, reached_by
from hospes.people.models import Customer, Identity
from hospes.search.asking import Asked, asked
from hospes.search.models import SearchDocument
from hospes.search.ranking import SENDER, SUBJECT, TEXT, weigh
from hospes.search.tokens import question

MAX_HITS = 201  # "200+"
NEWEST = 32_768  # messages looked at first
LAST_STEP_MILLISECONDS = 400
MIN_PREFIX_CHARS = 3
SNIPPET_CHARS = 160
WEIGHED = 60  # conversations, at least: the best answers are looked for among so many of the newest


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
    field: str  # where the words were said: subject, sender, text
    score: float  # the higher, the better it answers


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
    """Return the conversations in which all of these words were said in one message, the best answer first.

    text: words, and operators as `asking` has them. queue_ids: what the reader may see; None: everything.
    as_typed: the last word may be unfinished. Of words that were said very often only the newest are weighed.
    """
    wanted = asked(text)
    groups = question(wanted.words, languages)
    if queue_ids == [] or not (groups or wanted.has_conditions):
        return Found([], is_complete=True)
    conditions = Conditions(
        words=_tsquery(groups, as_typed=as_typed), queue_ids=queue_ids, wanted=wanted
    )
    message_ids, is_complete = _matching(conditions, max(limit, WEIGHED))
    return Found(_hits(message_ids, wanted, groups)[:limit], is_complete)


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


@dataclass(frozen=True)
class Conditions:
    """What a message must meet. words: a tsquery, "" for any; queue_ids: None for every queue."""

    words: str
    queue_ids: Sequence[int] | None
    wanted: Asked

    @property
    def sql(self) -> str:
        wanted = self.wanted
        of_document = ["document.message_id >= %(low)s", "document.message_id < %(high)s"]
        if self.words:
            of_document.append("document.tokens @@ %(words)s::tsquery")
        if self.queue_ids is not None:
            of_document.append("document.queue_id = ANY(%(queues)s::smallint[])")
        if wanted.market:
            of_document.append(_IN_MARKET)
        if wanted.before:
            of_document.append("document.at < %(before)s")
        if wanted.after:
            of_document.append("document.at >= %(after)s")
        further = []
        if wanted.sender:
            further.append(_FROM)
        if wanted.language:
            further.append(
                "(message.language = %(language)s OR message.language LIKE %(language)s || '-%%')"
            )
        if wanted.state:
            further.append(
                f"conversation.closed_at IS {'NOT ' if wanted.state == 'closed' else ''}NULL"
            )
        if wanted.phrases:
            further.append(_PHRASES)
        return _STEP.format(
            of_document=" AND ".join(of_document),
            joined=_JOINED if further else "",
            further=" AND ".join(further) or "true",
        )

    @property
    def values(self) -> dict[str, Any]:
        wanted = self.wanted
        return {
            "words": self.words, "queues": None if self.queue_ids is None else list(self.queue_ids),
            "market": wanted.market, "before": wanted.before, "after": wanted.after,
            "sender": f"%{_escaped(wanted.sender)}%", "language": wanted.language,
            "phrases": [f"%{_escaped(one)}%" for one in wanted.phrases], "most": MAX_HITS,
        }  # fmt: skip


def _escaped(text: str) -> str:
    return re.sub(r"([\\%_])", r"\\\1", text)


def _matching(conditions: Conditions, limit: int) -> tuple[list[int], bool]:
    """Walk from the newest messages to the oldest; stop as soon as there is enough to weigh."""
    newest = Message.objects.aggregate(newest=Max("pk"))["newest"] or 0
    found: list[int] = []
    seen: set[int] = set()
    for low, high, is_last in _steps(newest):
        rows = _step(conditions, low, high, is_last=is_last)
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
    SELECT document.message_id, document.conversation_id FROM search_document AS document
    WHERE {of_document}
)
SELECT matching.message_id, matching.conversation_id FROM matching {joined}
WHERE {further} ORDER BY matching.message_id DESC LIMIT %(most)s
"""
_JOINED = """
JOIN conversations_message AS message ON message.id = matching.message_id
JOIN conversations_conversation AS conversation ON conversation.id = matching.conversation_id
"""
_IN_MARKET = """document.queue_id IN (
    SELECT queue.id FROM conversations_queue AS queue JOIN markets_market AS market ON market.id = queue.market_id
    WHERE market.code = %(market)s OR market.code LIKE %(market)s || '-%%'
)"""
_FROM = "(message.from_name ILIKE %(sender)s OR message.from_address ILIKE %(sender)s)"
_PHRASES = "(message.subject || ' ' || regexp_replace(message.text, '\\s+', ' ', 'g')) ILIKE ALL (%(phrases)s)"


def _step(
    conditions: Conditions, low: int, high: int, *, is_last: bool
) -> list[tuple[int, int]] | None:
    """Return what one range holds; None when the last one took too long."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            if is_last:
                cursor.execute(f"SET LOCAL statement_timeout = {LAST_STEP_MILLISECONDS}")
            cursor.execute(conditions.sql, {**conditions.values, "low": low, "high": high})
            rows: list[tuple[int, int]] = cursor.fetchall()
            if is_last:
                cursor.execute("SET LOCAL statement_timeout = 0")
            return rows
    except OperationalError:  # the time is over
        if not is_last:
            raise
        return None


def _hits(message_ids: Sequence[int], wanted: Asked, groups: Sequence[Sequence[str]]) -> list[Hit]:
    """The conversations of these messages, the best answer first; of equal ones the newest."""
    rows = Message.objects.filter(pk__in=message_ids).order_by("-pk").values_list(
        "conversation_id", "conversation__reference", "conversation__subject",
        "conversation__customer__display_name", "at", "language", "direction",
        "conversation__closed_at", "text", "subject", "from_name", "from_address",
    )  # fmt: skip
    now = timezone.now()
    found = []
    for row in rows:
        fields = {TEXT: row[8], SUBJECT: row[9], SENDER: f"{row[10]} {row[11]}"}
        weighed = weigh(groups, wanted.words, fields, now - row[4])
        hit = Hit(
            *row[:6],
            is_ours=row[6] == Message.Direction.OUT,
            is_closed=row[7] is not None,
            snippet=snippet(row[8], wanted.words),
            field=weighed.field,
            score=weighed.score,
        )
        found.append(hit)
    return sorted(found, key=lambda hit: -hit.score)


def snippet(said: str, asked: str) -> str:
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
