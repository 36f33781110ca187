"""Let a desk that was restored from a backup write to customers again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Site
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import OutboxEntry
from hospes.events.recording import record_all
from hospes.lib.refusal import Refused

State, Reason = OutboxEntry.State, OutboxEntry.Reason


@dataclass(frozen=True)
class Resumed:
    """How many replies go out now, and how many an agent has to look at first."""

    going_out: int
    unknown: int


@transaction.atomic
def resume_sending(*, send_waiting: bool, at: datetime) -> Resumed:
    """Let replies go out from now on.

    send_waiting: also those that waited already when the backup was made. Only who knows that the first desk
        did not send them any more can say so; else they become `unknown`, which no machine sends. What the desk
        would have sent by itself stays here.

    Raises Refused when nothing holds them back.
    """
    site = Site.objects.select_for_update().get(pk=1)
    held_since = site.sending_held_since
    if held_since is None:
        raise Refused(_("This desk sends already."), code="not_held")
    waiting = OutboxEntry.objects.select_for_update(of=("self",)).filter(
        state__in=[State.QUEUED, State.SENDING]
    )
    waiting = waiting.exclude(reason=Reason.DEMO)
    entries = list(waiting.select_related("message").order_by("pk"))
    doubtful = [] if send_waiting else [one for one in entries if one.message.at < held_since]
    for entry in doubtful:
        entry.state, entry.reason = State.UNKNOWN, Reason.IN_BACKUP
        if entry.message.is_automatic:
            entry.state, entry.reason = State.FAILED, Reason.TOO_LATE
        entry.changed_at = at
    OutboxEntry.objects.bulk_update(doubtful, ["state", "reason", "changed_at"])
    released = Q(reason=Reason.HELD) | Q(message__at__lt=held_since)
    queued = OutboxEntry.objects.filter(released, state=State.QUEUED).exclude(reason=Reason.DEMO)
    going_out = queued.update(due_at=at)
    site.sending_held_since = None
    site.save(update_fields=["sending_held_since"])
    record_all(
        [
            (DeliveryChanged(one.message.conversation_id, one.message_id, one.state), at, None)
            for one in doubtful
        ]
    )
    return Resumed(going_out, sum(one.state == State.UNKNOWN for one in doubtful))
