"""Correct a fact that is wrong or old."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets.actions.writing import place_lock, told_fact, write
from hospes.markets.models import OwnValue
from hospes.markets.profiles import canonical
from hospes.markets.values import checked


@dataclass(frozen=True)
class Citation:
    """Where it was read, and as of which day that holds."""

    text: str
    of: date


@transaction.atomic
def correct(
    place: str, key: str, value: Any, citation: Citation, *, by_id: int | None, at: datetime
) -> OwnValue:
    """Let a fact be another from now on, own values standing above it as before.

    Raises UnknownMarket, WrongValue, and Refused without a citation or for what holds already.
    """
    place, value = canonical(place), checked(key, value)
    if not citation.text.strip():
        raise Refused(_("Say where you read it: the law and its article."), code="no_citation")
    if citation.of > at.date():
        raise Refused(_("Choose a day that is not still to come."), code="day_is_to_come")
    place_lock()
    told = told_fact(place, key)
    if told is not None and told.value == value:
        raise Refused(_("That is what we have; confirm it instead."), code="holds_already")
    return write(
        place, key, OwnValue.How.CORRECTION, value, by_id=by_id, at=at,
        citation=citation.text.strip(), cited_on=citation.of,
    )  # fmt: skip
