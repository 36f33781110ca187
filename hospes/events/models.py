"""Rows of what happened, what still has to follow, and hints for live screens."""

from __future__ import annotations

from django.db import models


class Event(models.Model):
    """Something that happened; the payload is the fields of a frozen dataclass, ids only."""

    site_id = models.SmallIntegerField(default=1)
    kind = models.CharField(max_length=60)  # class name of the event
    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)  # the agent who did it; None: a customer or the system
    conversation_id = models.BigIntegerField(null=True)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["conversation_id", "id"], name="event_conversation")]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"


class PendingEvent(models.Model):
    """An event whose reactions have not all run; deleted in the transaction that ran them."""

    event = models.OneToOneField(
        Event,
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="pending",
        db_constraint=False,
    )
    attempts = models.SmallIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)  # None: at once
    error = models.TextField(blank=True, default="")  # of the last attempt; for the operator

    class Meta:
        db_table_comment = "kept tiny, vacuumed early"

    def __str__(self) -> str:
        return f"pending {self.event_id}"


class Hint(models.Model):
    """Tells open screens that something changed; says what to fetch, never what it holds.

    Written by the one consumer of events, so ids grow in the order of commit: a reader that
    resumes after an id misses nothing.
    """

    at = models.DateTimeField()
    topic = models.CharField(max_length=60)  # such as conversation.48213, list, counts
    queue_id = models.SmallIntegerField(null=True)  # who may see this queue gets the hint
    agent_id = models.IntegerField(null=True)  # or only this agent
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["at"], name="hint_at")]

    def __str__(self) -> str:
        return f"{self.topic} #{self.pk}"
