"""Set an own value for a fact: as generous as the law or more, or below it by a waiver."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets.actions.writing import place_lock, told_fact, write
from hospes.markets.keys import KEYS, Better
from hospes.markets.models import OwnValue
from hospes.markets.outdoing import is_at_least
from hospes.markets.profiles import canonical
from hospes.markets.value_words import value_in_words
from hospes.markets.values import checked


@dataclass(frozen=True)
class Waiver:
    """Why one may give less than the law asks for, and until when; somebody answers for it by name."""

    reason: str
    until: date


class BelowTheLaw(Refused):
    """The value gives less than the law asks for."""


@transaction.atomic
def set_value(
    place: str,
    key: str,
    value: Any,
    *,
    by_id: int | None,
    at: datetime,
    waiver: Waiver | None = None,
) -> OwnValue:
    """Let a value hold at a place instead of what is told of it.

    Raises UnknownMarket, WrongValue; BelowTheLaw without a waiver for what gives less than the law; Refused
    for what says what the law is, which can only be corrected, and for a waiver that gives no reason or day.
    """
    place, value = canonical(place), checked(key, value)
    place_lock()
    law = told_fact(place, key)
    is_below = law is not None and law.is_law and not is_at_least(key, value, law.value)
    if is_below and KEYS[key].direction is Better.NEITHER:
        raise Refused(
            _("This says what the law is. If it is wrong, correct it."), code="only_corrected"
        )
    if is_below and law is not None and waiver is None:
        raise BelowTheLaw(
            _(
                "The law gives customers more: %(law)s. To go below it, say why and until when; if the law is"
                " another, correct it."
            )
            % {"law": value_in_words(key, law.value)},
            code="below_the_law",
        )
    if is_below and waiver is not None:
        _check(waiver, at)
        return write(
            place, key, OwnValue.How.WAIVER, value, by_id=by_id, at=at,
            reason=waiver.reason.strip(), until=waiver.until,
        )  # fmt: skip
    return write(place, key, OwnValue.How.OVERRIDE, value, by_id=by_id, at=at)


def _check(waiver: Waiver, at: datetime) -> None:
    if not waiver.reason.strip():
        raise Refused(_("Say why you may go below the law."), code="no_reason")
    if waiver.until < at.date():
        raise Refused(_("Choose a day that is still to come."), code="day_is_past")
