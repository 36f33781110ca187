"""Lay what left into the Sent folder of its mailbox, so that other programs see it too; never twice, never in the way.

A copy that is laid and whose answer is lost is found there by its Message-ID, as is one that the outgoing
server itself has laid there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from hospes.channels.email.compose import compose
from hospes.channels.email.imap import ImapTalk
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.fetching import open_mailbox
from hospes.channels.models import IncomingServer
from hospes.conversations import letters
from hospes.conversations.models import OutboxEntry, SentCopy
from hospes.lib.crash_points import crash_here

RETRY_AFTER = (60, 300, 900, 3600, 3 * 3600, 6 * 3600)  # seconds; the last repeats
GIVE_UP_AFTER = 12  # attempts: more than two days
BATCH = 100
LEFT = {OutboxEntry.State.ACCEPTED, OutboxEntry.State.DELIVERED}

log = structlog.get_logger(__name__)


def want_copies(message_ids: Sequence[int], *, at: datetime) -> int:
    """Note that copies of these are to be laid, where their channel keeps any; return how many are to be laid now."""
    entries = OutboxEntry.objects.filter(
        message_id__in=message_ids, state__in=LEFT, channel__keeps_copies=True
    )
    wanted = [SentCopy(entry_id=pk, due_at=at) for pk in entries.values_list("pk", flat=True)]
    SentCopy.objects.bulk_create(wanted, ignore_conflicts=True)
    return len(wanted)


def lay_copies(*, at: datetime) -> int:
    """Lay the copies that are due, one connection for each mailbox; return how many lie there now."""
    due = SentCopy.objects.filter(due_at__lte=at, gave_up_at=None).select_related(
        "entry__message__conversation", "entry__message__channel__brand__site"
    )
    by_channel: dict[int, list[SentCopy]] = {}
    for copy in due.order_by("due_at", "pk")[:BATCH]:
        by_channel.setdefault(copy.entry.channel_id, []).append(copy)
    return sum(_lay(channel_id, copies, at) for channel_id, copies in by_channel.items())


def _lay(channel_id: int, copies: Sequence[SentCopy], at: datetime) -> int:
    server = IncomingServer.objects.select_related("channel").filter(channel=channel_id).first()
    if server is None or not server.channel.keeps_copies:  # nobody wants them any more
        SentCopy.objects.filter(pk__in=[one.pk for one in copies]).delete()
        return 0
    laid = 0
    try:
        with open_mailbox(server) as talk:
            folder = talk.sent_folder() or "Sent"
            talk.open(folder)  # which fails where there is none, and says so
            for copy in copies:
                _lay_one(talk, folder, copy)
                laid += 1
    except ImapFailed as failure:
        log.warning("copies", channel=channel_id, why=failure.kind)
        _postpone(copies[laid:], failure, at)
    return laid


def _lay_one(talk: ImapTalk, folder: str, copy: SentCopy) -> None:
    message = copy.entry.message
    if not talk.has(message.message_id):
        talk.append(folder, compose(letters.letter(copy.entry)), at=message.at)
        crash_here("copies.after_append")
    copy.delete()


def _postpone(copies: Sequence[SentCopy], failure: ImapFailed, at: datetime) -> None:
    for copy in copies:
        copy.attempts += 1
        wait = RETRY_AFTER[min(copy.attempts, len(RETRY_AFTER)) - 1]
        copy.due_at = at + timedelta(seconds=wait)
        copy.failure = f"{failure.kind}: {failure.words}"[:500]
        copy.gave_up_at = at if copy.attempts >= GIVE_UP_AFTER else None
    SentCopy.objects.bulk_update(copies, ["attempts", "due_at", "failure", "gave_up_at"])
