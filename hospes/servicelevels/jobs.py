"""What the clock of the desk does for the clocks of conversations."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import monotonic

from django.utils import timezone
from procrastinate import Blueprint
from procrastinate.contrib.django import app

from hospes.conversations.models import InboxRow
from hospes.events.recording import Recorded
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.actions.looking import look_at_due
from hospes.servicelevels.actions.moving import move_times_and_list, recount_and_list

blueprint = Blueprint()
BATCH = 500
AT_ONCE_SECONDS = 4.0  # a worker that is told to stop waits for no longer job than that


@blueprint.periodic(cron="* * * * * */15")
@blueprint.task(name="look_at_due", queue="clock", priority=10, queueing_lock="look_at_due")
def look_at_what_is_due(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    """Warn of what is due soon, and tell of what was missed, within a quarter of a minute."""
    look_at_due(at=timezone.now())


@blueprint.periodic(cron="*/5 * * * *")
@blueprint.task(name="count_uncounted", queue="clock", priority=1, queueing_lock="count_uncounted")
def count_uncounted(timestamp: int) -> None:  # noqa: ARG001
    """Count what was open already before there were clocks, or came back from a backup without one."""
    until = monotonic() + AT_ONCE_SECONDS
    while monotonic() < until:
        rows = InboxRow.objects.filter(conversation__clock=None).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return
        recount(ids, at=timezone.now())


@blueprint.task(name="recount_open", queue="clock", priority=1, lock="recount_open")
def recount_open(after: int = 0) -> None:
    """Count what is owed in every open conversation anew, in stretches that a worker can end between."""
    left_at = _in_stretches(lambda ids: recount(ids, at=timezone.now()), after)
    if left_at is not None:
        _defer(left_at)


def _in_stretches(count: Callable[[list[int]], object], after: int) -> int | None:
    """Count open conversations for a while; return the one to go on after, None when all are counted."""
    until = monotonic() + AT_ONCE_SECONDS
    while monotonic() < until:
        rows = InboxRow.objects.filter(pk__gt=after).order_by("pk")
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return None
        count(ids)
        after = ids[-1]
    return after


def count_all_anew(recorded: Sequence[Recorded]) -> None:  # noqa: ARG001 # whatever changed, all may
    """Have every open conversation counted anew: a reaction to what changes the targets or the hours of many."""
    _defer(0)


@blueprint.task(name="recount_by_other_rules", queue="clock", priority=1, lock="recount_open")
def recount_by_other_rules(rules: str, after: int = 0) -> None:
    """Count every open conversation anew after a change of time zones, and list what moved.

    First what was meant by clocks of a place: when a reply leaves stops a clock.
    """
    if not after:
        move_times_and_list(rules=rules, at=timezone.now())
    left_at = _in_stretches(
        lambda ids: recount_and_list(ids, rules=rules, at=timezone.now()), after
    )
    if left_at is not None:
        _defer_by_rules(rules, left_at)


def count_all_by_other_rules(recorded: Sequence[Recorded]) -> None:
    """Have every open conversation counted by the rules of time zones that hold now: a reaction."""
    first, last = recorded[0].event, recorded[-1].event
    _defer_by_rules(f"{first.before or '?'} → {last.now or '?'}", 0)


def _defer_by_rules(rules: str, after: int) -> None:
    job = recount_by_other_rules.configure().make_new_job(rules=rules, after=after)
    app.job_manager.batch_defer_jobs([job])


def _defer(after: int) -> None:
    app.job_manager.batch_defer_jobs([recount_open.configure().make_new_job(after=after)])
