"""What is to be sent, and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutboxEntry(models.Model):
    """One message on its way out; the states of docs/developers/reliability.md.

    `unknown` means the final dot was sent and no answer came back: we may have sent it. It is never
    sent again by itself.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENDING = "sending", _("Sending")
        ACCEPTED = "accepted", _("Sent")
        DELIVERED = "delivered", _("Delivered")
        BOUNCED = "bounced", _("Not delivered")
        FAILED = "failed", _("Not sent")
        UNKNOWN = "unknown", _("We do not know if it was sent. Check before you send again.")

    class Stage(models.TextChoices):
        BEFORE_DOT = "before_dot"  # sending again is safe
        AFTER_DOT = "after_dot"  # sending again may send twice

    message = models.OneToOneField(
        "conversations.Message", on_delete=models.CASCADE, related_name="outbox_entry"
    )
    channel = models.ForeignKey("channels.Channel", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(
        max_length=10, choices=Stage.choices, default=Stage.BEFORE_DOT
    )
    due_at = models.DateTimeField()  # not before: the undo window, then the next attempt
    undo_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    lease_until = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=255, blank=True, default="")
    reason = models.TextField(blank=True, default="")  # what the server said, for the agent
    changed_at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=models.Q(state__in=["queued", "sending"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.message_id}"
