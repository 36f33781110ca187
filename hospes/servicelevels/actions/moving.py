"""Count dues anew after the rules of time zones changed, and list those that moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

import structlog
from django.db import transaction

from hospes.conversations.actions.timing import move_wall_clock_times
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.clocks import Due
from hospes.servicelevels.models import Clock, MovedDue

log = structlog.get_logger(__name__)


@transaction.atomic
def recount_and_list(
    conversation_ids: Sequence[int], *, rules: str, at: datetime
) -> list[MovedDue]:
    """Count what is owed in these conversations anew; return and keep the dues that are others than before.

    rules: what changed, such as "2026b → 2026c". What was answered in time already is not listed.
    """
    before = Clock.objects.in_bulk(list(conversation_ids))
    rows = recount(conversation_ids, at=at)
    moved = [
        MovedDue(
            conversation_id=row.pk,
            what=what,
            before=was,
            now=now,
            zone=row.zone,
            rules=rules,
            at=at,
        )
        for row in rows
        if row.pk in before
        for what, was, now in _moved(before[row.pk], row)
    ]
    return _listed(moved)


@transaction.atomic
def move_times_and_list(*, rules: str, at: datetime) -> list[MovedDue]:
    """Count snoozes and replies that were meant by clocks of a place anew; return and keep those that moved."""
    moved = [
        MovedDue(
            conversation_id=one.conversation_id,
            what="reply" if one.is_reply else "snooze",
            before=one.before,
            now=one.now,
            zone=one.zone,
            rules=rules,
            at=at,
        )
        for one in move_wall_clock_times(at=at)
    ]
    return _listed(moved)


def _listed(moved: list[MovedDue]) -> list[MovedDue]:
    MovedDue.objects.bulk_create(moved)
    for one in moved:
        log.info(
            "time zones: a due moved", conversation=one.conversation_id, due=one.what,
            before=one.before, now=one.now, zone=one.zone, rules=one.rules,
        )  # fmt: skip
    return moved


def _moved(was: Clock, row: Clock) -> Iterator[tuple[Due, datetime | None, datetime | None]]:
    """Yield each due that is still owed and another now; a question that is another one has not moved."""
    if row.first_reply_at is None and was.first_reply_due != row.first_reply_due:
        yield Due.FIRST_REPLY, was.first_reply_due, row.first_reply_due
    is_same_question = was.next_reply_since == row.next_reply_since
    if is_same_question and was.next_reply_due != row.next_reply_due:
        yield Due.NEXT_REPLY, was.next_reply_due, row.next_reply_due
    if row.resolved_at is None and was.resolution_due != row.resolution_due:
        yield Due.RESOLUTION, was.resolution_due, row.resolution_due
