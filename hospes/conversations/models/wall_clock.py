"""Moments that were meant as what clocks of a place show."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from hospes.conversations.models.conversation import Conversation
from hospes.conversations.models.outbox import OutboxEntry


class WallClockTime(models.Model):
    """When a snooze ends or a reply leaves, as clocks of a place show it: another moment when their rules change.

    What came otherwise since (it was taken back, awoke, left) makes the row mean nothing; nobody reads it then.
    """

    conversation = models.ForeignKey(Conversation, on_delete=models.CASCADE, related_name="+")
    entry = models.OneToOneField(  # None: until then the conversation is snoozed
        OutboxEntry, null=True, on_delete=models.CASCADE, related_name="+"
    )
    shows = models.CharField(max_length=26)  # 2027-03-28T09:00:00
    zone = models.CharField(max_length=64)  # IANA
    moment = models.DateTimeField()  # by the rules that hold

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation"], condition=Q(entry=None), name="a_snooze_ends_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.shows} {self.zone}"
