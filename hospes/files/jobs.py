"""Work by the clock: forgetting what was kept of other people's pictures."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import Blueprint

from hospes.files.remote_pictures import forget_old

blueprint = Blueprint()


@blueprint.periodic(cron="43 * * * *")
@blueprint.task(name="forget_pictures", queue="clock", priority=0, queueing_lock="forget_pictures")
def forget_old_pictures(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    forget_old(at=timezone.now())
