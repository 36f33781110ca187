"""Keep the search documents: a reaction to what was said."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from hospes.conversations.models import Conversation, Message
from hospes.events.recording import Recorded
from hospes.lib.locks import Lock
from hospes.search.models import SearchDocument
from hospes.search.tokens import RULES, tokens

_known_parts: set[int] = set()


def index_messages(recorded: Sequence[Recorded]) -> None:
    """Make what was said findable: of messages that came in and of replies."""
    index([one.event.message_id for one in recorded])


def index(message_ids: Sequence[int]) -> None:
    """Write the documents of these messages, in two statements."""
    rows = list(
        Message.objects.filter(pk__in=message_ids).values_list(
            "pk", "conversation_id", "conversation__queue_id", "at", "language",
            "conversation__reference", "subject", "text", "from_name", "from_address",
        )
    )  # fmt: skip
    if not rows:
        return
    make_parts(min(row[0] for row in rows), max(row[0] for row in rows))
    found = [sorted(tokens(" ".join(row[5:]), row[4])) for row in rows]
    with connection.cursor() as cursor:
        cursor.execute(
            _INDEX,
            {
                "ids": [row[0] for row in rows],
                "conversations": [row[1] for row in rows],
                "queues": [row[2] for row in rows],
                "moments": [row[3] for row in rows],
                "tokens": ["\x01".join(each) for each in found],
                "rules": RULES,
            },
        )


_INDEX = """
INSERT INTO search_document (message_id, conversation_id, queue_id, at, rules, tokens)
SELECT id, conversation_id, queue_id, at, %(rules)s, array_to_tsvector(string_to_array(tokens, E'\\x01'))
FROM unnest(%(ids)s::bigint[], %(conversations)s::bigint[], %(queues)s::smallint[],
    %(moments)s::timestamptz[], %(tokens)s::text[]) AS one(id, conversation_id, queue_id, at, tokens)
"""


def move_in_index(recorded: Sequence[Recorded]) -> None:
    """Let the documents of a conversation follow it to another queue, which says who may find them.

    To the queue it stands in now: an event that is tried again late must not bring back an old one.
    """
    moved = {one.event.conversation_id for one in recorded}
    for conversation_id, queue_id in Conversation.objects.filter(pk__in=moved).values_list(
        "pk", "queue_id"
    ):
        messages = Message.objects.filter(conversation_id=conversation_id)
        documents = SearchDocument.objects.filter(
            pk__in=list(messages.values_list("pk", flat=True))
        )
        documents.update(queue_id=queue_id)


def forget_messages(recorded: Sequence[Recorded]) -> None:
    """Let nobody find what was taken back."""
    SearchDocument.objects.filter(pk__in=[one.event.message_id for one in recorded]).delete()


def make_parts(first_id: int, last_id: int) -> None:
    """Make the parts of the table that hold these messages, and the one after."""
    wanted = range(first_id // SearchDocument.PART, last_id // SearchDocument.PART + 2)
    missing = [number for number in wanted if number not in _known_parts]
    if not missing:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.SEARCH_PARTS])
        for number in missing:
            low, high = number * SearchDocument.PART, (number + 1) * SearchDocument.PART
            cursor.execute(
                f"CREATE TABLE IF NOT EXISTS search_document_{number} PARTITION OF search_document"
                f" FOR VALUES FROM ({low}) TO ({high})"
            )
    connection.on_commit(lambda: _known_parts.update(missing))
