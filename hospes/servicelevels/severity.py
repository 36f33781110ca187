"""Complaints that are worded mildly press more than they read: the rule of the market says by how much.

What customers of a market usually mean by mild words is a default of culture, known from the market they chose or wrote
to, never from a name. It raises a priority, with its reason in the timeline, and does nothing else; whoever answers sets
it back, and then no rule touches it again.
"""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.actions.classifying import raise_priorities
from hospes.conversations.events import MessageReceived, Reason
from hospes.conversations.models import Message, Priority
from hospes.events.recording import Recorded
from hospes.language.phrasebook import phrases_in
from hospes.servicelevels.ruling import profile_for

MOST_CHARS = 5000
AS_STATED = "as_stated"


def read_between_the_lines(recorded: Sequence[Recorded]) -> None:
    """Raise the priority of what reads like a mildly worded complaint, where the market's rule says so: a reaction."""
    ids = [one.event.message_id for one in recorded if isinstance(one.event, MessageReceived)]
    letters = Message.objects.filter(pk__in=ids, is_automatic=False).select_related(
        "conversation__customer__market", "conversation__customer__contract__market",
        "conversation__channel__market", "conversation__queue__market",
    )  # fmt: skip
    rules: dict[str, str] = {}
    wanted: dict[int, int] = {}
    for letter in letters.defer("text", "html"):
        one = letter.conversation
        if not is_mild(letter.reply_text, letter.language or one.language):
            continue
        code = one.whereabouts.market
        if code not in rules:
            rules[code] = str(profile_for(code).value("feedback.severity_rule", AS_STATED))
        wanted[one.pk] = max(wanted.get(one.pk, one.priority), raised(one.priority, rules[code]))
    if wanted:
        raise_priorities(wanted, reason=Reason.MILD_WORDS, at=max(one.at for one in recorded))


def is_mild(text: str, language: str) -> bool:
    """Whether a customer understates; False where we know no phrases of the language."""
    phrases = phrases_in(language)
    return phrases is not None and any(
        pattern.search(text[:MOST_CHARS]) for pattern in phrases.mild
    )


def raised(priority: int, rule: str) -> int:
    """Return the priority that a complaint has by a market's rule."""
    if rule == "treat_as_serious":
        return max(priority, Priority.HIGH)
    return min(priority + 1, Priority.URGENT) if rule == "raise_one" else priority
