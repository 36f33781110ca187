"""Sign an agent out on devices that are not at hand."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session

from hospes.team.models import Agent


def sign_out_elsewhere(agent: Agent, *, but: str, at: datetime) -> int:
    """End every session of the agent except one; return how many there were.

    but: the key of the session that stays.
    """
    others = Session.objects.filter(expire_date__gt=at).exclude(session_key=but)
    theirs = [one.pk for one in others if one.get_decoded().get(SESSION_KEY) == str(agent.pk)]
    Session.objects.filter(pk__in=theirs).delete()
    return len(theirs)
