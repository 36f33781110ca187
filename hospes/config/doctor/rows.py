"""Look at what must agree: conversations and their inbox rows, messages and search, rows and files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import partial

from django.db import connection, transaction

from hospes.config.doctor.findings import Finding, fail, ok, warn
from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Attachment, Conversation
from hospes.files import store
from hospes.search.indexing import index
from hospes.team.models import Agent, Role

MEND = "hospes doctor --mend"
BATCH = 1000
CHUNK_BYTES = 2**20

_ROWLESS = """
SELECT c.id FROM conversations_conversation c
LEFT JOIN conversations_inboxrow r ON r.conversation_id = c.id
WHERE c.closed_at IS NULL AND (r.conversation_id IS NULL OR r.queue_id <> c.queue_id
    OR r.assignee_id <> coalesce(c.assignee_id, 0) OR r.last_message_id IS DISTINCT FROM c.last_message_id
    OR r.snoozed_until IS DISTINCT FROM c.snoozed_until
    OR r.waiting_since IS DISTINCT FROM c.waiting_since OR r.next_due_at IS DISTINCT FROM c.next_due_at
    OR r.priority <> c.priority)
"""
_LEFT_OVER = """
SELECT r.conversation_id FROM conversations_inboxrow r
JOIN conversations_conversation c ON c.id = r.conversation_id WHERE c.closed_at IS NOT NULL
"""
# What is younger, or waits for its reactions, may still be on its way; what the desk sent by itself is not looked for.
_UNFINDABLE = """
SELECT m.id FROM conversations_message m
WHERE m.at < now() - interval '5 minutes' AND NOT (m.direction = 1 AND m.is_automatic)
    AND NOT EXISTS (SELECT FROM search_document d WHERE d.message_id = m.id)
    AND NOT EXISTS (SELECT FROM events_pendingevent p JOIN events_event e ON e.id = p.event_id
        WHERE e.conversation_id = m.conversation_id)
"""


def look_at_inbox() -> Iterator[Finding]:
    missing, left_over = _ids(_ROWLESS), _ids(_LEFT_OVER)
    if missing:
        yield fail(
            "inbox", f"Open conversations that do not stand in it as they are: {len(missing)}.", MEND,
            partial(_keep_rows, missing),
        )  # fmt: skip
    if left_over:
        yield fail(
            "inbox", f"Closed conversations that stand in it: {len(left_over)}.", MEND,
            partial(_keep_rows, left_over),
        )  # fmt: skip
    if not missing and not left_over:
        yield ok("inbox", "exactly the open conversations stand in it")


def look_at_search() -> Finding:
    missing = _ids(_UNFINDABLE)
    if missing:
        return fail(
            "search",
            f"Messages that cannot be found: {len(missing)}.",
            MEND,
            partial(_index, missing),
        )
    return ok("search", "every message can be found")


def look_at_files(*, thorough: bool) -> Iterator[Finding]:
    """Whether every file that a message names is there; thorough: and is what it was."""
    unstored = Attachment.objects.exclude(missing_since=None).count()
    if unstored:
        yield warn(
            "files", f"Files that the disk did not take when their mail came in: {unstored}.",
            "Make room; they are stored by themselves then.",
        )  # fmt: skip
    named = Attachment.objects.filter(missing_since=None)
    rows = named.order_by("sha256").distinct("sha256").values_list("sha256", "message_id")
    missing: list[tuple[str, int]] = []
    damaged: list[tuple[str, int]] = []
    count = 0
    for sha256, message_id in rows.iterator(chunk_size=BATCH):
        count += 1
        path = store.path_of(sha256)
        if not path.exists():
            missing.append((sha256, message_id))
        elif thorough and _sum_of(sha256) != sha256:
            damaged.append((sha256, message_id))
    for what, found in (("missing", missing), ("damaged", damaged)):
        if found:
            yield fail(
                "files", f"{what.title()}: {len(found)}, {_named(found)}.",
                "Put them back from a backup: each is a file called files/<name>.",
            )  # fmt: skip
    if not missing and not damaged and not unstored:
        yield ok(
            "files", f"all of them are there ({count})" + (" and as they were" if thorough else "")
        )


def look_at_team() -> Finding:
    if Agent.objects.filter(role=Role.OPERATOR, is_active=True).exists():
        return ok("team", f"seats: {Agent.objects.filter(is_active=True).count()}")
    return warn(
        "team", "There is no operator.", "hospes team add EMAIL --name NAME --role operator"
    )


def _ids(statement: str) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return [row[0] for row in cursor.fetchall()]


def _keep_rows(ids: list[int]) -> str:
    for start in range(0, len(ids), BATCH):
        some = ids[start : start + BATCH]
        with transaction.atomic():
            locked = Conversation.objects.select_for_update(of=("self",)).filter(pk__in=some)
            keep_rows([one.pk for one in locked.order_by("pk")])
    return f"Inbox rows that are as they should be: {len(ids)}."


def _index(ids: list[int]) -> str:
    for start in range(0, len(ids), BATCH):
        with transaction.atomic():
            index(ids[start : start + BATCH])
    return f"Messages that can be found again: {len(ids)}."


def _sum_of(sha256: str) -> str:
    digest = hashlib.sha256()
    with store.open_stored(sha256) as file:
        while chunk := file.read(CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def _named(found: list[tuple[str, int]]) -> str:
    some = [f"{sha256} (message {message_id})" for sha256, message_id in found[:5]]
    return ", ".join(some) + (" ..." if len(found) > 5 else "")
