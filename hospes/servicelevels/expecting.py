"""When a customer will hear from us, as far as anybody can honestly say: a range, from what is known, not from hope.

From how long first answers took in the last weeks to letters that came at this hour; where there are too few of those,
from the service level; where an operator set none, nobody can say. Both count in the opening hours that hold for the
conversation, so what comes in at night is told the morning.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from hospes.channels.models import Channel
from hospes.conversations.acknowledgements import Expected
from hospes.conversations.acknowledging import answer_by_itself
from hospes.conversations.actions.acknowledging import tell_of_delay
from hospes.conversations.events import DueWarned
from hospes.conversations.models import Conversation, Message, Queue
from hospes.events.recording import Recorded
from hospes.markets import working_time
from hospes.markets.working_time import Calendar, NeverOpen
from hospes.people.models import Customer
from hospes.servicelevels.clocks import Due
from hospes.servicelevels.gathering import with_circumstances
from hospes.servicelevels.models import Clock, Whose
from hospes.servicelevels.ruling import Rulebook

ENOUGH = 20  # answers, from which one may tell how long they take
WEEKS = timedelta(weeks=4)
MOST_READ = 2000
SAME_HOUR = timedelta(hours=1, minutes=30)  # before or after
HALF_HOUR = timedelta(minutes=30)
FEW, MOST = 0.25, 0.9  # of the answers come before the range begins, and before it ends
DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Answered:
    """How long a first answer took, in working time, and when it was asked for."""

    asked_at: datetime
    seconds: int


def answer_with_expectation(recorded: Sequence[Recorded]) -> None:
    """Acknowledge what opened a conversation, and say when an answer comes: a reaction."""
    answer_by_itself(recorded, expect=expected_answers)


def tell_before_it_slips(recorded: Sequence[Recorded]) -> None:
    """Tell whoever waits for a first reply that is due soon that it may take longer: a reaction."""
    soon = [one for one in recorded if isinstance(one.event, DueWarned)]
    ids = [one.event.conversation_id for one in soon if one.event.what == Due.FIRST_REPLY]
    at = max(one.at for one in recorded)
    if ids:
        tell_of_delay(ids, at=at, expect=partial(expected_answers, at=at))


def expected_answers(
    letters: Sequence[Message], *, at: datetime | None = None
) -> Mapping[int, Expected]:
    """Return by conversation when each letter will be answered; what nobody can say is missing.

    at: as of when it is told, where that is later than the letter.
    """
    rows = Conversation.objects.filter(pk__in=[one.conversation_id for one in letters])
    conversations = with_circumstances(rows).in_bulk()
    now = at or max(one.at for one in letters)
    book = Rulebook.read(at=now)
    answered = {
        channel_id: answered_lately(channel_id, at=now)
        for channel_id in {one.channel_id for one in letters}
    }
    told = {}
    for letter in letters:
        one = conversations[letter.conversation_id]
        ruling = book.ruling(one)
        target = ruling.rules.targets.first_reply if ruling.level_id is not None else None
        since = at or letter.at
        found = expected(ruling.rules.calendar, since, answered[letter.channel_id], target)
        if found is not None:
            told[one.pk] = Expected(*found, zone=one.customer_zone or ruling.rules.calendar.zone)
    return told


def told_to_anybody(
    channel: Channel, queue: Queue, *, at: datetime
) -> tuple[Calendar | None, tuple[datetime, datetime] | None]:
    """Return the hours that count for somebody of whom nothing is known and who writes now, and the answer to expect.

    queue: where a conversation of the channel begins; both read with their calendars. The hours are None where the desk has
    set none: what is usual in a market is for us to count by, not to tell anybody.
    """
    nobody = Conversation(customer=Customer(), channel=channel, queue=queue, opened_at=at)
    ruling = Rulebook.read(at=at).ruling(nobody)
    target = ruling.rules.targets.first_reply if ruling.level_id is not None else None
    lately = answered_lately(channel.pk, at=at)
    calendar = ruling.rules.calendar
    is_set = ruling.whose not in (Whose.PROFILE, Whose.ALWAYS)
    return calendar if is_set else None, expected(calendar, at, lately, target)


def answered_lately(channel_id: int, *, at: datetime) -> list[Answered]:
    """Return the first answers of the last weeks on a channel, in one statement."""
    rows = Clock.objects.filter(
        channel_id=channel_id,
        first_reply_at__gt=at - WEEKS,
        first_reply_at__lte=at,
        first_reply_seconds__isnull=False,
    )
    found = rows.order_by("-first_reply_at").values_list("opened_at", "first_reply_seconds")
    return [Answered(opened_at, seconds or 0) for opened_at, seconds in found[:MOST_READ]]


def expected(
    calendar: Calendar, asked_at: datetime, answered: Sequence[Answered], target: timedelta | None
) -> tuple[datetime, datetime] | None:
    """Return between which moments an answer comes, to the half hour; None when nobody can say.

    answered: what is known of the last weeks; only letters of about this hour count.
    target: the service level's, for when those are too few.
    """
    took = sorted(one.seconds for one in answered if is_about_this_hour(one.asked_at, asked_at))
    if len(took) >= ENOUGH:
        few, most = (took[min(len(took) - 1, int(len(took) * part))] for part in (FEW, MOST))
    elif target is not None:
        few, most = 0, int(target.total_seconds())
    else:
        return None
    try:
        first = working_time.add(calendar, asked_at, few)
        last = working_time.add(calendar, asked_at, most)
    except NeverOpen:
        return None
    begins, ends = _half_hour(first), _half_hour(last)
    return begins, ends if ends == last and ends > begins else max(ends, begins) + HALF_HOUR


def is_about_this_hour(moment: datetime, now: datetime) -> bool:
    """Whether clocks showed about the same at both moments, whatever the day."""
    apart = (moment - now) % DAY
    return min(apart, DAY - apart) <= SAME_HOUR


def _half_hour(at: datetime) -> datetime:
    """Return the last full or half hour before."""
    return at.replace(minute=at.minute // 30 * 30, second=0, microsecond=0)
