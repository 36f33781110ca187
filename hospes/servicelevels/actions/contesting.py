"""Say that a missed due should not count; and decide it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.conversations.locking import check_seat
from hospes.lib.refusal import Refused
from hospes.servicelevels.models import Breach
from hospes.team.models import Agent

MAX_CHARS = 500


@transaction.atomic
def contest(breach: Breach, *, why: str, by: Agent, at: datetime) -> Breach:
    """Say why a missed due should not count; a lead decides. Raises Refused without a reason, or when it is decided."""
    breach = _locked(breach, by)
    why = why.strip()[:MAX_CHARS]
    if not why:
        raise Refused(_("Say why it should not count."), code="no_reason")
    if breach.decided_at is not None:
        raise Refused(_("A lead has decided this already."), code="decided_already")
    breach.why, breach.contested_at, breach.contested_by = why, at, by
    breach.save(update_fields=["why", "contested_at", "contested_by"])
    return breach


@transaction.atomic
def decide(breach: Breach, *, is_excused: bool, by: Agent, at: datetime) -> Breach:
    """Let a missed due count, or not. Raises Refused for whoever leads nobody."""
    breach = _locked(breach, by)
    if not by.is_lead:
        raise Refused(_("A lead decides whether it counts."), code="not_yours")
    breach.is_excused, breach.decided_at, breach.decided_by = is_excused, at, by
    breach.save(update_fields=["is_excused", "decided_at", "decided_by"])
    return breach


def _locked(breach: Breach, by: Agent) -> Breach:
    check_seat(breach.conversation, by=by)
    return Breach.objects.select_for_update().get(pk=breach.pk)
