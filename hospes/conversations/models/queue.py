"""Queues: brand x market x team as one small number, which carries permission everywhere."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Queue(models.Model):
    """Where conversations stand; who may see a queue sees what stands in it."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    brand = models.ForeignKey("brands.Brand", on_delete=models.PROTECT, related_name="queues")
    market = models.ForeignKey(
        "markets.Market", null=True, blank=True, on_delete=models.PROTECT, related_name="queues"
    )
    team = models.ForeignKey(
        "team.Team", null=True, blank=True, on_delete=models.PROTECT, related_name="queues"
    )
    name = models.CharField(_("name"), max_length=80)

    class Meta:
        ordering = ("id",)
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "brand", "market", "team"],
                name="a_brand_market_and_team_share_one_queue",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return self.name


class QueueMember(models.Model):
    """An agent who works in a queue."""

    queue = models.ForeignKey(Queue, on_delete=models.CASCADE, related_name="members")
    agent = models.ForeignKey("team.Agent", on_delete=models.CASCADE, related_name="queue_members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["agent", "queue"], name="an_agent_is_in_a_queue_once")
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} in {self.queue_id}"
