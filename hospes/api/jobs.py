"""Work by the clock: forgetting answers that nobody asks for again, and buckets that are full."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import Blueprint

from hospes.api.actions.keeping import BATCH, forget_answers, forget_full_buckets

blueprint = Blueprint()


@blueprint.periodic(cron="17 * * * *")
@blueprint.task(name="forget_answers", queue="clock", priority=0, queueing_lock="forget_answers")
def forget_old_answers(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    forget_full_buckets(at=timezone.now())
    while forget_answers(at=timezone.now()) == BATCH:
        pass
