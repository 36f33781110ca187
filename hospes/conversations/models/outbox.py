"""What is to be sent, and what became of it."""

from __future__ import annotations

from datetime import datetime

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

    class Reason(models.TextChoices):
        """Why it has not gone; what the server itself said stands in `answer`."""

        NO_SERVER = "no_server", _("Waiting: no outgoing server is set.")
        DEMO = "demo", _("Waiting: the demo wrote this reply, so it is never sent.")
        HELD = (
            "held",
            _("Waiting: this desk was restored from a backup and may not send yet."),
        )
        IN_BACKUP = (
            "in_backup",
            _(
                "It waited when the backup was made, and may have left since, before the desk was restored."
            ),
        )
        UNREACHABLE = "unreachable", _("The outgoing server could not be reached. We try again.")
        REFUSED_FOR_NOW = "refused_for_now", _("The outgoing server said: not now. We try again.")
        REFUSED = "refused", _("The outgoing server refused it.")
        GAVE_UP = "gave_up", _("The outgoing server did not take it for two days.")
        BROKEN = "broken", _("It could not be put into a mail.")
        NO_ANSWER = "no_answer", _("The outgoing server took the text and then did not answer.")
        NOT_YET = (
            "not_yet",
            _("The outgoing server took the text and has not answered yet."),
        )
        ASKED_AGAIN = (
            "asked_again",
            _(
                "The provider did not answer. We ask again under the same number, so it cannot go twice."
            ),
        )
        RATE = (
            "rate",
            _("Waiting: only so many letters may leave this address in a minute or an hour."),
        )
        PARTLY = "partly", _("The outgoing server refused some of the recipients.")
        BOUNCED = "bounced", _("The mail server of the customer sent it back.")
        NO_SUCH_ADDRESS = (
            "no_such_address",
            _("The mail server of the customer does not know this address."),
        )
        MAILBOX_FULL = "mailbox_full", _("The mailbox of the customer is full.")
        TOO_LARGE = "too_large", _("It is too large for the mail server of the customer.")
        UNWANTED = "unwanted", _("The mail server of the customer refused it as unwanted.")
        NOT_BY_PROVIDER = (
            "not_by_provider",
            _("The provider did not send it: mail to this address came back to it before."),
        )
        COMPLAINED = "complained", _("Whoever got it reported it as unwanted.")
        DELAYED = "delayed", _("The mail server of the customer has not taken it yet and tries on.")
        TOO_LATE = "too_late", _("It would have come too late.")
        COPY_BOUNCED = "copy_bounced", _("It came back from somebody in copy.")
        UNCHECKED = "unchecked", _("Waiting: the virus scanner does not answer.")
        VIRUS = "virus", _("A virus was found in a file that was to go with it.")
        SUPPRESSED = (
            "suppressed",
            _(
                "Mail to this address came back twice, so nothing more goes there. Send it again to try once more."
            ),
        )

    message = models.OneToOneField(
        "conversations.Message", on_delete=models.CASCADE, related_name="outbox_entry"
    )
    channel = models.ForeignKey("channels.Channel", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=9, choices=State.choices, default=State.QUEUED)
    stage = models.CharField(max_length=10, choices=Stage.choices, default=Stage.BEFORE_DOT)
    due_at = models.DateTimeField()  # not before: the undo window, then the next attempt
    undo_until = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0)
    tried_since = models.DateTimeField(null=True)  # the first of these attempts
    server_id = models.SmallIntegerField(null=True)  # the outgoing server it was handed to last
    # Since when that one may have it; only asked again where it knows what it has by a number of ours.
    doubt_since = models.DateTimeField(null=True)
    provider_id = models.CharField(max_length=255, blank=True, default="")
    reason = models.CharField(max_length=16, choices=Reason.choices, blank=True, default="")
    answer = models.TextField(blank=True, default="")  # what the server said, in its own words
    changed_at = models.DateTimeField()
    # What the reply did besides, so that taking it back takes that back too.
    has_assigned = models.BooleanField(default=False)
    has_closed = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_at"],
                name="outbox_due",
                condition=models.Q(state__in=["queued", "sending"]),
            ),
            models.Index(
                fields=["provider_id"],
                name="outbox_at_provider",
                condition=models.Q(server_id__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.message_id}"

    @property
    def explanation(self) -> str:
        """Why it stands where it stands, in the reader's language; "" when there is nothing to say."""
        return str(self.Reason(self.reason).label) if self.reason else ""

    def may_be_unsent(self, now: datetime) -> bool:
        """Whether the writer can still take it back."""
        is_waiting = self.state == self.State.QUEUED and self.attempts == 0
        return is_waiting and self.undo_until is not None and now < self.undo_until


class SentCopy(models.Model):
    """A letter that left and is still to be laid into the Sent folder of its mailbox; gone when it lies there."""

    entry = models.OneToOneField(
        OutboxEntry, primary_key=True, on_delete=models.CASCADE, related_name="sent_copy"
    )
    attempts = models.SmallIntegerField(default=0)
    due_at = models.DateTimeField()
    failure = models.TextField(blank=True, default="")  # what the mailbox said last
    gave_up_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["due_at"], name="copies_due", condition=models.Q(gave_up_at=None))
        ]

    def __str__(self) -> str:
        return f"copy of {self.entry_id}"
