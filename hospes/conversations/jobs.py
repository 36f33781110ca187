"""Work outside the database: sending letters, waking what was snoozed; and the reactions that ask for it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from procrastinate import Blueprint
from procrastinate.contrib.django import app

from hospes.conversations import events as happened
from hospes.conversations.actions.checking import check_waiting, want_older
from hospes.conversations.actions.copying import lay_copies, want_copies
from hospes.conversations.actions.seeing import forget_absent
from hospes.conversations.actions.sending import send, send_due
from hospes.conversations.actions.snoozing import awaken_due
from hospes.conversations.actions.watching import watch_sending
from hospes.conversations.models import Attachment, OutboxEntry
from hospes.events.recording import Recorded
from hospes.files.actions.checking import want_checks
from hospes.lib.places import Places

blueprint = Blueprint()
# Of the jobs a worker does at once (config/job_worker.py) one is never a letter, and few are of one address:
# however slow the mail servers of others are, its letters leave, and somebody looks at what became of them.
TALKS = Places(5)
OF_ONE_CHANNEL: dict[int, Places] = defaultdict(lambda: Places(2))
# How far this process has noted the older files; looking for those that nobody has would read all there are.
OLDER: dict[str, int | None] = {"before": None}
MARGIN = timedelta(milliseconds=50)  # clocks of two processes differ by less


@blueprint.task(name="send_letter", queue="send", priority=10)
def send_letter(outbox_id: int) -> None:
    channel = OutboxEntry.objects.filter(pk=outbox_id).values_list("channel_id", flat=True).first()
    with OF_ONE_CHANNEL[channel or 0].taken() as is_free, TALKS.taken(wanted=is_free) as is_ours:
        if is_ours:  # else it is sent with what is due
            send(outbox_id, at=timezone.now())


@blueprint.periodic(cron="* * * * * */10")
@blueprint.task(name="send_due", queue="clock", priority=5, queueing_lock="send_due")
def send_due_letters(timestamp: int) -> None:  # noqa: ARG001 # what procrastinate hands over
    """Send what a dead worker left, what waited for a server, and second tries."""
    with TALKS.taken() as is_ours:
        if is_ours:
            send_due(at=timezone.now())


@blueprint.periodic(cron="* * * * * */10")
@blueprint.task(name="watch_sending", queue="clock", priority=20, queueing_lock="watch_sending")
def watch_what_is_sent(timestamp: int) -> None:  # noqa: ARG001
    """Tell within a minute of every letter that may have gone and whose answer is missing."""
    watch_sending(at=timezone.now())


@blueprint.periodic(cron="* * * * * */15")
@blueprint.task(name="awaken_due", queue="clock", priority=5, queueing_lock="awaken_due")
def awaken_due_conversations(timestamp: int) -> None:  # noqa: ARG001
    awaken_due(at=timezone.now())
    forget_absent(at=timezone.now())


@blueprint.periodic(cron="* * * * * */30")
@blueprint.task(
    name="lay_copies", queue="clock", priority=1, queueing_lock="lay_copies", lock="lay_copies"
)
def lay_sent_copies(timestamp: int = 0) -> None:  # noqa: ARG001
    lay_copies(at=timezone.now())


@blueprint.task(
    name="check_files", queue="clock", priority=1, queueing_lock="check_files", lock="check_files"
)
def check_files(timestamp: int) -> None:  # noqa: ARG001
    """Have the virus scanner look into what waits; while nothing does, into what came before there was one."""
    at = timezone.now()
    if not check_waiting(at=at) and OLDER["before"] != 0:
        OLDER["before"] = want_older(OLDER["before"], at=at)


if settings.CLAMD is not None:
    blueprint.periodic(cron="* * * * * */5")(check_files)


def ask_to_check(recorded: Sequence[Recorded]) -> None:
    """Note the files of what came in, for the virus scanner; the clock has it look. Nothing where there is none."""
    if settings.CLAMD is None:
        return
    ids = [one.event.message_id for one in recorded if isinstance(one.event, happened.MessageReceived)]  # fmt: skip
    brought = Attachment.objects.filter(message__in=ids).values_list("sha256", "message_id")
    want_checks(dict(brought), at=recorded[-1].at)


def keep_copies(recorded: Sequence[Recorded]) -> None:
    """Note what left and is to be laid into the Sent folder of its mailbox; the clock lays it."""
    left = {OutboxEntry.State.ACCEPTED, OutboxEntry.State.DELIVERED}
    ids = [
        one.event.message_id
        for one in recorded
        if isinstance(one.event, happened.DeliveryChanged) and one.event.state in left
    ]
    if ids:
        want_copies(ids, at=timezone.now())


def ask_to_send(recorded: Sequence[Recorded]) -> None:
    """Defer a job for each letter: for a reply at the moment after which it cannot be taken back."""
    written = (happened.ReplyWritten, happened.AcknowledgementWritten)
    ids = [one.event.outbox_id for one in recorded if isinstance(one.event, written)]
    queued = OutboxEntry.objects.filter(pk__in=ids, state=OutboxEntry.State.QUEUED)
    due = queued.exclude(reason=OutboxEntry.Reason.DEMO)
    jobs = [
        send_letter.configure(schedule_at=entry.due_at + MARGIN).make_new_job(outbox_id=entry.pk)
        for entry in due
    ]
    if jobs:
        app.job_manager.batch_defer_jobs(jobs)
