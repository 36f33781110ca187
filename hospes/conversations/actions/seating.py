"""Say in which queues an agent works; make the queue of a brand and market, and close it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand
from hospes.conversations.models import Conversation, Queue, QueueMember
from hospes.events.hints import tell_desk_changed, tell_rights_changed
from hospes.lib.refusal import Refused
from hospes.markets.models import Market
from hospes.team.models import Agent


@transaction.atomic
def seat(agent: Agent, *, queues: Sequence[Queue]) -> None:
    """Let the agent work in exactly these queues."""
    wanted = {queue.pk for queue in queues}
    QueueMember.objects.filter(agent=agent).exclude(queue_id__in=wanted).delete()
    QueueMember.objects.bulk_create(
        [QueueMember(agent=agent, queue_id=queue_id) for queue_id in sorted(wanted)],
        ignore_conflicts=True,
    )
    tell_rights_changed(agent.pk)


def queue_for(brand: Brand, market: Market | None) -> Queue:
    """Return the queue of a brand in a market, made when there is none."""
    name = f"{brand.name} {market.code}" if market else brand.name
    queue, made = Queue.objects.get_or_create(
        brand=brand, market=market, team=None, defaults={"name": name}
    )
    if made:
        tell_desk_changed()
    return queue


@transaction.atomic
def close_market(market: Market) -> None:
    """Take away a market in which nothing has happened yet, with its queues; its customers have none then.

    Raises Refused when conversations stand in its queues or mail comes in for it.
    """
    if market.channels.exists():
        raise Refused(
            _("A support address belongs to this market. Give the address another market first."),
            code="market_in_use",
        )
    queues = list(Queue.objects.select_for_update().filter(market=market))
    if Conversation.objects.filter(queue__in=queues).exists():
        raise Refused(
            _("Conversations stand in the queue of this market, so it stays."), code="market_in_use"
        )
    agents = set(QueueMember.objects.filter(queue__in=queues).values_list("agent_id", flat=True))
    Queue.objects.filter(market=market).delete()
    market.delete()
    for agent_id in agents:
        tell_rights_changed(agent_id)
