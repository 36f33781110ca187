"""Take back what an operator said of a fact."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.events.recording import record
from hospes.lib.refusal import Refused
from hospes.markets.events import MarketFactChanged
from hospes.markets.models import OwnValue


@transaction.atomic
def take_back(own: OwnValue, *, by_id: int | None, at: datetime) -> OwnValue:
    """Let what is told hold again; the row stays as history. Raises Refused when it was ended already."""
    own = OwnValue.objects.select_for_update().get(pk=own.pk)
    if own.ended_at is not None:
        raise Refused(_("That was taken back already."), code="ended_already")
    own.ended_at, own.ended_by_id = at, by_id
    own.save(update_fields=["ended_at", "ended_by_id"])
    record(MarketFactChanged(place=own.place, key=own.key, own_value_id=own.pk), at=at, by_id=by_id)
    return own
