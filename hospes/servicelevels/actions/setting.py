"""Say what is owed: service levels, and the order in which they are asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from babel.numbers import list_currencies
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.servicelevels.events import ServiceLevelsChanged
from hospes.servicelevels.models import MAX_MINUTES, MAX_WAITING_SECONDS, ServiceLevel
from hospes.team.models import Agent

FIELDS = (
    "name", "first_reply_minutes", "next_reply_minutes", "resolution_minutes", "waiting_seconds", "warn_percent",
    "pauses_while_customer_owes", "tiers", "market_codes", "channel_ids", "priorities", "topics",
    "products", "min_value_minor", "value_currency",
)  # fmt: skip
MINUTES = ("first_reply_minutes", "next_reply_minutes", "resolution_minutes")


@transaction.atomic
def add_level(*, given: Mapping[str, Any], by: Agent, at: datetime) -> ServiceLevel:
    """Return a new service level, asked after all others. Raises Refused when it cannot be."""
    last = ServiceLevel.objects.order_by("-position").values_list("position", flat=True).first()
    level = ServiceLevel(position=(last or 0) + 1)
    return _keep(level, given, by=by, at=at)


@transaction.atomic
def change_level(
    level: ServiceLevel, *, given: Mapping[str, Any], by: Agent, at: datetime
) -> ServiceLevel:
    """Change the fields named; the dues of open conversations are counted anew. Raises Refused when it cannot be."""
    return _keep(ServiceLevel.objects.select_for_update().get(pk=level.pk), given, by=by, at=at)


@transaction.atomic
def remove_level(level: ServiceLevel, *, by: Agent, at: datetime) -> None:
    """Remove it; conversations it held for are counted by the next that applies."""
    _check_operator(by)
    number = level.pk
    level.delete()
    record(ServiceLevelsChanged(number), at=at, by_id=by.pk)


@transaction.atomic
def ask_before(level: ServiceLevel, *, by: Agent, at: datetime) -> None:
    """Let it be asked before the one that is asked before it now; the first stays the first."""
    _check_operator(by)
    levels = list(ServiceLevel.objects.select_for_update())
    place = next(n for n, one in enumerate(levels) if one.pk == level.pk)
    if place == 0:
        return
    levels[place - 1], levels[place] = levels[place], levels[place - 1]
    for position, one in enumerate(levels):
        one.position = position
    ServiceLevel.objects.bulk_update(levels, ["position"])
    record(ServiceLevelsChanged(level.pk), at=at, by_id=by.pk)


def _keep(
    level: ServiceLevel, given: Mapping[str, Any], *, by: Agent, at: datetime
) -> ServiceLevel:
    _check_operator(by)
    for name in FIELDS:
        if name in given:
            setattr(level, name, given[name])
    level.name, level.changed_at = level.name.strip(), at
    _check(level)
    level.save()
    record(ServiceLevelsChanged(level.pk), at=at, by_id=by.pk)
    return level


def _check_operator(by: Agent) -> None:
    if not by.is_operator:
        raise Refused(_("Only operators set service levels."), code="not_yours")


def _check(level: ServiceLevel) -> None:
    if not level.name:
        raise Refused(_("Give it a name."), code="no_name")
    targets = [getattr(level, name) for name in MINUTES]
    seconds = level.waiting_seconds
    if not any(targets) and not seconds:
        raise Refused(_("Give at least one target."), code="no_target")
    if any(one is not None and not 0 < one <= MAX_MINUTES for one in targets):
        raise Refused(_("A target is at least a minute and at most a year."), code="no_such_target")
    if seconds is not None and not 0 < seconds <= MAX_WAITING_SECONDS:
        raise Refused(_("A waiting time is at most a day."), code="no_such_target")
    if not 1 <= level.warn_percent <= 90:
        raise Refused(_("Warn with 1 to 90 percent of the time left."), code="no_such_warning")
    if level.min_value_minor is None:
        level.value_currency = ""
    elif level.min_value_minor < 0 or level.value_currency not in list_currencies():
        raise Refused(_("Give the value as an amount with its currency."), code="no_such_value")
