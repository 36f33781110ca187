"""Confirm laws that nobody had made sure of: once for each market, from when on they may refuse and start clocks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets.actions.writing import place_lock, told_fact, write
from hospes.markets.keys import KEYS
from hospes.markets.models import OwnValue
from hospes.markets.profiles import canonical


@transaction.atomic
def confirm(place: str, keys: Iterable[str], *, by_id: int | None, at: datetime) -> list[OwnValue]:
    """Note that an operator has read that the law of a market is as told; what is sure already stays as it is.

    A later release that tells another value has to be confirmed anew. Raises UnknownMarket, and Refused
    when nothing of it is to be confirmed.
    """
    place = canonical(place)
    place_lock()
    told = {key: told_fact(place, key) for key in dict.fromkeys(keys) if key in KEYS}
    open_ = {key: fact for key, fact in told.items() if fact is not None and fact.is_proposal}
    if not open_:
        raise Refused(_("Choose what you confirm."), code="nothing_to_confirm")
    return [
        write(place, key, OwnValue.How.CONFIRMATION, fact.value, by_id=by_id, at=at)
        for key, fact in open_.items()
    ]
