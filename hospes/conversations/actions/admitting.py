"""Let people into a conversation: their answers then join it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from hospes.channels.contract import Address
from hospes.conversations.models import Conversation
from hospes.lib.addresses import canonical
from hospes.people.actions.recognising import Sender, recognise_all


def let_in(
    conversation: Conversation, people: Sequence[Address], *, at: datetime
) -> dict[str, int]:
    """Make them participants, not yet written; return the identity of each, by canonical address.

    The transaction holds the lock on strangers, taken before that on the conversation.
    """
    if not people:
        return {}
    known = recognise_all([Sender(one.address, one.name) for one in people], at=at)
    found = {canonical(one.address): known[canonical(one.address)].identity_id for one in people}
    conversation.participant_ids = sorted({*conversation.participant_ids, *found.values()})
    return found
