"""Search over all there is: conversations, customers and texts, the best answer first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hospes.conversations.queries import visible_queue_ids
from hospes.search.asking import asked
from hospes.search.queries import find, find_people
from hospes.search.queries import snippet as snippet_of
from hospes.search.tokens import STEMMED, plain, question, tokens
from hospes.team.models import Agent
from hospes.texts.models import Text

MOST_TEXTS = 2_000
NAMED, BEGINS, HOLDS = 3.0, 2.5, 1.5  # how much it says for something that it is called so


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing found. reference: of a conversation; of customers and texts, their numbers. score: comparable over all."""

    reference: str
    kind: str  # conversation, customer, text
    field: str  # where it was found
    snippet: str
    score: float


def search(text: str, *, agent: Agent, scopes: Iterable[str], limit: int) -> list[Answer]:
    """Search in these scopes (conversations, customers, texts) what this agent may see."""
    queue_ids = visible_queue_ids(agent)
    found: list[Answer] = []
    for scope in scopes:
        if scope == "conversations":
            found += _conversations(text, queue_ids, limit)
        elif scope == "customers":
            found += _customers(text, queue_ids, limit)
        elif scope == "texts":
            found += _texts(text)
    return sorted(found, key=lambda one: -one.score)[:limit]


def _conversations(text: str, queue_ids: Sequence[int] | None, limit: int) -> list[Answer]:
    hits = find(text, queue_ids=queue_ids, languages=tuple(STEMMED), limit=limit).hits
    return [
        Answer(hit.reference, "conversation", hit.field, hit.snippet, hit.score) for hit in hits
    ]


def _customers(text: str, queue_ids: Sequence[int] | None, limit: int) -> list[Answer]:
    wanted = plain(text)
    found = []
    for one in find_people(text, queue_ids=queue_ids, limit=limit):
        by_name = wanted in plain(one.name)
        said = one.name if by_name else one.address
        score = _called(wanted, plain(said))
        found.append(Answer(str(one.customer_id), "customer", "name" if by_name else "address", f"{one.name} <{one.address}>", score))  # fmt: skip
    return found


def _texts(text: str) -> list[Answer]:
    wanted = asked(text)
    groups = question(wanted.words, tuple(STEMMED))
    if not groups or wanted.has_conditions:
        return []
    found = []
    rows = Text.objects.filter(archived_at=None).prefetch_related("variants")[:MOST_TEXTS]
    for row in rows:
        named = plain(f"{row.name} {row.shortcut}")
        if plain(wanted.words) in named:
            source = next(one for one in row.variants.all() if one.is_source_of(row))
            score = _called(plain(wanted.words), plain(row.name))
            found.append(Answer(str(row.pk), "text", "name", f"{row.name}: {source.body[:120]}", score))  # fmt: skip
            continue
        for variant in row.variants.all():
            held = tokens(variant.body, variant.language)
            if all(held.intersection(group) for group in groups):
                exact = sum(group[0] in held for group in groups) / len(groups)
                said = snippet_of(variant.body, wanted.words)
                found.append(Answer(str(row.pk), "text", "body", said, round(0.5 + exact, 4)))
                break
    return found


def _called(wanted: str, name: str) -> float:
    if wanted == name:
        return NAMED
    return BEGINS if name.startswith(wanted) else HOLDS
