"""Work by the clock: having mail that waits for a decision looked into for viruses."""

from __future__ import annotations

from django.conf import settings
from django.utils import timezone
from procrastinate import Blueprint

from hospes.intake.actions.scanning import check_undecided

blueprint = Blueprint()


@blueprint.task(
    name="check_held", queue="clock", priority=1, queueing_lock="check_held", lock="check_held"
)
def check_held_mail(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    check_undecided(at=timezone.now())


if settings.CLAMD is not None:
    blueprint.periodic(cron="* * * * * */15")(check_held_mail)
