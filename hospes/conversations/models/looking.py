"""Who looks at a conversation now, and how far each agent has read."""

from __future__ import annotations

from datetime import timedelta

from django.db import models
from django.utils.translation import gettext_lazy as _


class Seen(models.Model):
    """How far one agent has read a conversation."""

    agent = models.ForeignKey(
        "team.Agent", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="+"
    )
    last_message_id = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "conversation"], name="an_agent_has_read_up_to_one_message"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} read {self.conversation_id}"


class Presence(models.Model):
    """An agent with the conversation open, as of the last beat."""

    FADES_AFTER = timedelta(minutes=1)  # without a beat: gone

    class State(models.TextChoices):
        VIEWING = "viewing", _("is viewing")
        WRITING = "writing", _("is writing")
        AWAY = "away", _("has it open in another tab")

    agent = models.ForeignKey(
        "team.Agent", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="+"
    )
    state = models.CharField(max_length=8, choices=State.choices, default=State.VIEWING)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "conversation"], name="an_agent_is_present_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.agent_id} {self.state} {self.conversation_id}"
