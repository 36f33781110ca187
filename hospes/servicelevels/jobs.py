"""What the clock of the desk does for the clocks of conversations."""

from __future__ import annotations

from django.utils import timezone
from procrastinate import Blueprint

from hospes.servicelevels.actions.looking import look_at_due

blueprint = Blueprint()


@blueprint.periodic(cron="* * * * * */15")
@blueprint.task(name="look_at_due", queue="clock", priority=10, queueing_lock="look_at_due")
def look_at_what_is_due(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    """Warn of what is due soon, and tell of what was missed, within a quarter of a minute."""
    look_at_due(at=timezone.now())
