"""What the desk does by itself about a mail that came in: reactions."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.actions.acknowledging import Expect, acknowledge
from hospes.conversations.actions.turning_away import tell_turned_away
from hospes.conversations.events import (
    AcknowledgementWithheld,
    ColleagueTurnedAway,
    Machine,
    MessageReceived,
    Withheld,
)
from hospes.events.recording import Recorded, record_all


def answer_by_itself(recorded: Sequence[Recorded], *, expect: Expect | None = None) -> None:
    """Acknowledge what opened a conversation; note where machines meet. No statement where no channel asks for it."""
    told = [one.event for one in recorded if isinstance(one.event, MessageReceived)]
    at = recorded[-1].at
    met = [one for one in told if one.machine == Machine.MEETS_ANOTHER]
    if met:
        noted = [
            AcknowledgementWithheld(one.conversation_id, one.message_id, reason=Withheld.LOOP)
            for one in met
        ]
        record_all([(happening, at, None) for happening in noted])
    ids = [
        one.message_id for one in told if one.is_first and one.machine == Machine.MAY_ACKNOWLEDGE
    ]
    if ids:
        acknowledge(ids, at=at, expect=expect)


def tell_colleagues(recorded: Sequence[Recorded]) -> None:
    """Tell colleagues that what they answered to a conversation they lost was kept back: a reaction."""
    for one in recorded:
        turned = one.event
        if isinstance(turned, ColleagueTurnedAway) and turned.conversation_id is not None:
            tell_turned_away(turned.conversation_id, agent_id=turned.agent_id, at=one.at)
