"""Let lists show what follows from a contract: a reaction to a change of one."""

from __future__ import annotations

from collections.abc import Sequence

from hospes.conversations.inbox import keep_rows
from hospes.conversations.models import Conversation
from hospes.events.recording import Recorded


def keep_lists_of_contracts(recorded: Sequence[Recorded]) -> None:
    """Write the rows of open conversations anew whose customers have one of these contracts: its market shows there."""
    contracts = {one.event.contract_id for one in recorded}
    rows = Conversation.objects.open().filter(customer__contract__in=contracts).order_by("pk")
    ids = list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    if ids:
        keep_rows(ids)
