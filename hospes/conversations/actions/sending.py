"""Send what is due: claim it, hand it to the server, write down honestly what became of it.

Three transactions around one attempt: the claim, the moment before the final dot, the outcome. A
process that dies before the dot leaves something that is sent again; one that dies after it
leaves `unknown`, which no machine sends again. Whoever sends holds an advisory lock as long as the
attempt takes: a lock that can be taken tells at once that its holder died.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from django.db import Error as DatabaseError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hospes.channels.actions.departing import depart, stay
from hospes.channels.contract import AnswerLost, DeliveryFailed, Outbound
from hospes.channels.email.lines import Lines
from hospes.channels.sending import NoServer, hand_over, repeatable_for
from hospes.conversations import letters
from hospes.conversations.actions.checking import what_keeps
from hospes.conversations.actions.watching import let_wait
from hospes.conversations.events import DeliveryChanged
from hospes.conversations.models import Message, OutboxEntry
from hospes.conversations.sending_locks import give_lock_back, take_lock
from hospes.events.recording import record
from hospes.lib.crash_points import crash_here

RETRY_AFTER = (30, 120, 300, 900, 1800, 3600)  # seconds; the last repeats
GIVE_UP_AFTER = timedelta(days=2)
WITHOUT_SERVER = timedelta(minutes=1)
WITHOUT_SCANNER = timedelta(seconds=30)
TOO_LATE_AFTER = timedelta(days=1)  # to say by itself that a letter came
BATCH = 100

State, Stage, Reason = OutboxEntry.State, OutboxEntry.Stage, OutboxEntry.Reason
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Outcome:
    """What an attempt came to."""

    state: str
    reason: str = ""
    answer: str = ""  # the server's own words
    provider_id: str = ""
    due_at: datetime | None = None  # of the next attempt
    doubt_since: datetime | None = None  # when it may have gone, if it is asked for again


def send_due(*, at: datetime) -> int:
    """Send everything whose time has come, and settle what a dead process left; return how many."""
    due = OutboxEntry.objects.filter(Q(state=State.QUEUED, due_at__lte=at) | Q(state=State.SENDING))
    due = due.exclude(reason=Reason.DEMO).order_by("due_at", "pk")
    count, full = 0, set[int]()
    with Lines() as lines:
        for outbox_id, channel_id in list(due.values_list("pk", "channel_id")[:BATCH]):
            if channel_id not in full:
                count += send(outbox_id, at=at, lines=lines)
                if let_wait(channel_id, at=at):
                    full.add(channel_id)
    return count


def send(outbox_id: int, *, at: datetime, lines: Lines | None = None) -> bool:
    """Try once to send this entry if it is due; return whether an attempt was made.

    lines: connections that the letters of a batch share.
    Never raises for what a server or a letter may do: the outcome says it.
    """
    if not take_lock(outbox_id):
        return False  # somebody alive is at it
    try:
        entry = _claim(outbox_id, at)
        if entry is None:
            return False
        try:
            outcome = _attempt(entry, letters.letter(entry), at, lines)
        except _TakenOver:
            return True
        except DatabaseError:
            raise  # whoever finds the entry next sees how far it came
        except Exception as error:  # noqa: BLE001 # a letter that breaks something must not stay "Sending"
            outcome = _broken(entry, error)
        _write_down(entry, outcome)
        return True
    finally:
        give_lock_back(outbox_id)


def _broken(entry: OutboxEntry, error: Exception) -> Outcome:
    """Say that the letter could not be made, unless it may have gone before that was found."""
    log.error("outbox: broken", entry=entry.pk, exc_info=error)
    stage = OutboxEntry.objects.values_list("stage", flat=True).get(pk=entry.pk)
    if stage == Stage.AFTER_DOT:
        return Outcome(State.UNKNOWN, Reason.NO_ANSWER)
    return Outcome(State.FAILED, Reason.BROKEN, f"{type(error).__name__}: {error}"[:500])


class _TakenOver(Exception):
    """Somebody else has the entry: our attempt must end before the server has the letter."""


@transaction.atomic
def _claim(outbox_id: int, at: datetime) -> OutboxEntry | None:
    """Take the entry for one attempt; None when it is not due or must not be sent again.

    With its lock in our hands, one that is being sent belongs to somebody who died.
    """
    entry = (
        OutboxEntry.objects.select_for_update(skip_locked=True, of=("self",))
        .select_related("message__conversation", "message__channel__brand__site")
        .select_related("message__channel__outgoing_server", "message__identity")
        .filter(pk=outbox_id)
        .first()
    )
    if entry is None or not _is_due(entry, at):
        return None
    if entry.state == State.SENDING and entry.stage == Stage.AFTER_DOT:
        entry.doubt_since = entry.doubt_since or entry.changed_at
    if entry.doubt_since and not _may_ask_again(entry, at):
        _settle(entry, Outcome(State.UNKNOWN, Reason.NO_ANSWER, entry.answer), at)
        return None
    ahead = _ahead_of(entry)
    if ahead is not None:
        _settle(entry, Outcome(State.QUEUED, ahead.reason, ahead.answer, due_at=ahead.due_at), at)
        return None
    entry.state, entry.stage = State.SENDING, Stage.BEFORE_DOT
    entry.attempts += 1
    entry.tried_since = entry.tried_since or at
    entry.save(update_fields=["state", "stage", "attempts", "tried_since", "doubt_since"])
    return entry


def _ahead_of(entry: OutboxEntry) -> OutboxEntry | None:
    """Return an earlier reply of the conversation that waits until a server is there: this one goes after it."""
    if entry.doubt_since is not None:
        return None
    waits_for_a_server = [Reason.UNREACHABLE, Reason.UNCHECKED]
    waiting = OutboxEntry.objects.filter(state=State.QUEUED, reason__in=waits_for_a_server)
    same = waiting.filter(message__conversation=entry.message.conversation_id)
    return same.filter(pk__lt=entry.pk, channel=entry.channel_id).order_by("pk").first()


def _may_ask_again(entry: OutboxEntry, at: datetime) -> bool:
    """Whether the server that may have it knows by our number what it has."""
    window = repeatable_for(entry.server_id)
    return bool(window) and entry.doubt_since is not None and at < entry.doubt_since + window


def _is_due(entry: OutboxEntry, at: datetime) -> bool:
    if entry.state == State.QUEUED:
        return entry.due_at <= at and entry.reason != Reason.DEMO
    return entry.state == State.SENDING


def _attempt(entry: OutboxEntry, letter: Outbound, at: datetime, lines: Lines | None) -> Outcome:
    if kept_back := _kept_back(entry, at):
        return kept_back
    departure = depart(entry.message.channel, at=at)
    if isinstance(departure, datetime):
        return Outcome(State.QUEUED, Reason.RATE, due_at=departure, doubt_since=entry.doubt_since)
    crash_here("sending.before_dot")
    watching = _Watching(entry)
    try:
        provider_id = hand_over(
            letter,
            channel=entry.message.channel,
            watch=watching,
            lines=lines,
            only=entry.server_id if entry.doubt_since else None,
        )
    except AnswerLost as error:
        return _lost(entry, error, at, watching.repeatable_for)
    except (NoServer, DeliveryFailed) as error:
        if departure is not None:
            stay(departure)
        if isinstance(error, NoServer):
            return Outcome(State.QUEUED, Reason.NO_SERVER, due_at=at + WITHOUT_SERVER)
        return _failed(entry, error, at)
    crash_here("sending.after_answer")
    if watching.not_for:
        answer = "\n".join(f"{address}: {words}" for address, words in watching.not_for.items())
        return Outcome(State.ACCEPTED, Reason.PARTLY, answer, provider_id=provider_id)
    return Outcome(State.ACCEPTED, provider_id=provider_id)


def _kept_back(entry: OutboxEntry, at: datetime) -> Outcome | None:
    """Return what becomes of a letter that no server is asked to take; None when one is."""
    message = entry.message
    if message.channel.brand.site.sending_held_since is not None:
        return Outcome(State.QUEUED, Reason.HELD, due_at=at + WITHOUT_SERVER)
    if message.identity is not None and message.identity.suppressed_at is not None:
        return Outcome(State.FAILED, Reason.SUPPRESSED)
    if message.is_automatic and _comes_too_late(entry, at):
        return Outcome(State.FAILED, Reason.TOO_LATE)
    kept = what_keeps(message, at=at) if entry.doubt_since is None else None
    if kept is None:
        return None
    if kept.virus:
        return Outcome(State.FAILED, Reason.VIRUS, kept.virus)
    return Outcome(State.QUEUED, Reason.UNCHECKED, kept.unknown, due_at=at + WITHOUT_SCANNER)


def _comes_too_late(entry: OutboxEntry, at: datetime) -> bool:
    """Whether what the desk says by itself had to wait so long that it would only puzzle the customer."""
    message = entry.message
    later = Message.objects.filter(conversation_id=message.conversation_id, pk__gt=message.pk)
    is_answered = later.said().filter(direction=Message.Direction.OUT).exists()
    return entry.doubt_since is None and (is_answered or at - message.at > TOO_LATE_AFTER)


@dataclass
class _Watching:
    """Commits, before a server can have the letter, that from now on it may have it."""

    entry: OutboxEntry
    repeatable_for: timedelta = timedelta(0)
    not_for: dict[str, str] = field(default_factory=dict)

    def may_have_it(self, server_id: int | None, *, repeatable_for: timedelta) -> None:
        """Raises _TakenOver when our lock went with a broken connection and somebody else has begun anew."""
        self.repeatable_for = repeatable_for
        self._note(Stage.BEFORE_DOT, Stage.AFTER_DOT, server_id)
        crash_here("sending.after_dot")

    def has_it_not(self) -> None:
        self._note(Stage.AFTER_DOT, Stage.BEFORE_DOT, None)

    def refused(self, words: Mapping[str, str]) -> None:
        self.not_for.update(words)

    def _note(self, before: str, after: str, server_id: int | None) -> None:
        ours = OutboxEntry.objects.filter(
            pk=self.entry.pk, attempts=self.entry.attempts, state=State.SENDING, stage=before
        )
        if not ours.update(stage=after, server_id=server_id, changed_at=timezone.now()):
            raise _TakenOver
        self.entry.stage, self.entry.server_id = after, server_id


def _lost(
    entry: OutboxEntry, error: AnswerLost, at: datetime, repeatable_for: timedelta
) -> Outcome:
    """Say that nobody knows, or ask again where that cannot send it twice."""
    since = entry.doubt_since or at
    due_at = at + timedelta(seconds=_wait(entry))
    if due_at < since + repeatable_for:
        return Outcome(
            State.QUEUED, Reason.ASKED_AGAIN, error.reason, due_at=due_at, doubt_since=since
        )
    return Outcome(State.UNKNOWN, Reason.NO_ANSWER, error.reason)


def _wait(entry: OutboxEntry) -> int:
    return RETRY_AFTER[min(entry.attempts, len(RETRY_AFTER)) - 1]


def _failed(entry: OutboxEntry, error: DeliveryFailed, at: datetime) -> Outcome:
    if error.permanent:
        return Outcome(State.FAILED, Reason.REFUSED, error.reason)
    if (
        entry.doubt_since is None
        and entry.tried_since is not None
        and at - entry.tried_since > GIVE_UP_AFTER
    ):
        return Outcome(State.FAILED, Reason.GAVE_UP, error.reason)
    due_at = at + timedelta(seconds=max(_wait(entry), error.retry_after))
    reason = Reason.REFUSED_FOR_NOW if error.answered else Reason.UNREACHABLE
    if entry.doubt_since:  # what it says now tells nothing of the time before
        reason = Reason.ASKED_AGAIN
    return Outcome(State.QUEUED, reason, error.reason, due_at=due_at, doubt_since=entry.doubt_since)


@transaction.atomic
def _write_down(entry: OutboxEntry, outcome: Outcome) -> None:
    """Keep the outcome, unless somebody else has begun anew meanwhile."""
    attempts = entry.attempts
    entry = (
        OutboxEntry.objects.select_for_update(of=("self",))
        .select_related("message")
        .get(pk=entry.pk)
    )
    if entry.state == State.SENDING and entry.attempts == attempts:
        now = timezone.now()
        _settle(entry, outcome, now)
        if outcome.state == State.ACCEPTED:  # there is a server again for what waited for one
            waiting = OutboxEntry.objects.filter(state=State.QUEUED, reason=Reason.UNREACHABLE)
            waiting.filter(channel=entry.channel_id, due_at__gt=now).update(due_at=now)


def _settle(entry: OutboxEntry, outcome: Outcome, at: datetime) -> None:
    if outcome.reason in {Reason.NO_SERVER, Reason.HELD, Reason.RATE, Reason.UNCHECKED}:
        entry.attempts -= 1  # nothing was tried
        entry.tried_since = entry.tried_since if entry.attempts else None
    is_news = (outcome.state, outcome.reason) != (State.QUEUED, entry.reason)
    entry.state, entry.reason = outcome.state, outcome.reason
    entry.answer, entry.provider_id = outcome.answer[:2000], outcome.provider_id[:255]
    entry.due_at, entry.doubt_since = outcome.due_at or entry.due_at, outcome.doubt_since
    entry.changed_at = at
    entry.save()
    if is_news:
        record(
            DeliveryChanged(entry.message.conversation_id, entry.message_id, outcome.state), at=at
        )
        log.info("outbox", state=outcome.state, reason=outcome.reason, attempts=entry.attempts)
