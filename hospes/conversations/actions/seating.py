"""Say in which queues an agent works; make the queue of a brand and market."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from hospes.brands.models import Brand
from hospes.conversations.models import Queue, QueueMember
from hospes.events.hints import tell_rights_changed
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
    queue, _ = Queue.objects.get_or_create(
        brand=brand, market=market, team=None, defaults={"name": name}
    )
    return queue
