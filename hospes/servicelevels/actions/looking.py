"""Look at the clocks whose time has come: warn before, tell after."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hospes.conversations.events import DueWarned
from hospes.conversations.models import Conversation
from hospes.events.recording import record_all
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.models import Clock

BATCH = 500


@transaction.atomic
def look_at_due(*, at: datetime) -> int:
    """Warn of what is due soon and note what was missed, at most 500 at once; return how many were looked at.

    Each is warned of once. A warning makes it ours to look at, also where the customer owes the answer.
    """
    found = Clock.objects.filter(look_at__lte=at).order_by("look_at")[:BATCH]
    ids = list(found.values_list("pk", flat=True))
    # The conversation is locked before its clock, as everywhere.
    rows = Conversation.objects.select_for_update(skip_locked=True, no_key=True).filter(pk__in=ids)
    ids = list(rows.order_by("pk").values_list("pk", flat=True))
    clocks = Clock.objects.filter(pk__in=ids, look_at__lte=at)
    soon = [one for one in clocks if _warns(one, at)]
    for one in soon:
        one.warned_due_at = one.next_due_at
    Clock.objects.bulk_update(soon, ["warned_due_at"])
    record_all([(_warned(one), at, None) for one in soon])
    recount(ids, at=at)
    return len(ids)


def _warns(one: Clock, at: datetime) -> bool:
    is_new = one.warned_due_at != one.next_due_at
    return is_new and one.warn_at is not None and one.warn_at <= at


def _warned(one: Clock) -> DueWarned:
    assert one.next_due_at is not None
    return DueWarned(one.conversation_id, one.next_due, one.next_due_at.isoformat())
