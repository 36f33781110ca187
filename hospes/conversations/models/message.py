"""What was said between us and the customer, among us, and what is not yet said."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class MessageQuerySet(models.QuerySet["Message"]):
    def said(self) -> MessageQuerySet:
        """Leave out what this desk sent by itself: that answers nobody."""
        return self.exclude(direction=Message.Direction.OUT, is_automatic=True)


class Message(models.Model):
    """Said between us and the customer."""

    class Direction(models.IntegerChoices):
        IN = 0, _("From the customer")
        OUT = 1, _("From us")

    site_id = models.SmallIntegerField(default=1)
    conversation = models.ForeignKey(
        "conversations.Conversation",
        on_delete=models.CASCADE,
        db_index=False,
        related_name="messages",
    )
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    direction = models.SmallIntegerField(choices=Direction.choices)
    identity = models.ForeignKey(  # who wrote it, when it came in
        "people.Identity", null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    agent = models.ForeignKey(  # who wrote it, when it goes out; who forwarded it to us, if one did
        "team.Agent", null=True, on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    raw_id = models.BigIntegerField(null=True, unique=True)  # intake.Raw it was understood from
    # The Message-ID with its brackets and the first 8 bytes of its SHA-256: the id itself can be
    # longer than an index entry may be.
    message_id = models.TextField(blank=True, default="")
    message_hash = models.BigIntegerField(null=True)
    from_name = models.CharField(max_length=200, blank=True, default="")
    from_address = models.CharField(max_length=320, blank=True, default="")
    to = models.JSONField(default=list)  # [[name, address], ...]
    cc = models.JSONField(default=list)
    subject = models.CharField(max_length=998, blank=True, default="")
    text = models.TextField()
    reply_text = models.TextField()  # without quoted history and signature
    html = models.TextField(blank=True, default="")  # made safe before it is stored
    language = models.CharField(max_length=16, blank=True, default="")
    is_verified = models.BooleanField(default=False)  # the trusted hop said dmarc=pass
    verdict = models.JSONField(null=True)  # what was found out about the sender, and by whom
    extras = models.JSONField(null=True)  # what a mail has beside words and files (`extras.py`)
    is_automatic = models.BooleanField(default=False)  # a machine wrote it: theirs, or this desk
    # Of ours: it only says that we look into it, and stops no clock. By rule, or as an agent said.
    is_holding = models.BooleanField(default=False, db_default=False)
    sent_at = models.DateTimeField(null=True)  # as the sender claims
    at = models.DateTimeField()  # when it reached us, or was written here

    objects = MessageQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["conversation", "id"], name="message_conversation"),
            models.Index(fields=["message_hash"], name="message_hash"),
        ]

    def __str__(self) -> str:
        return f"message {self.pk}"

    @property
    def is_incoming(self) -> bool:
        return self.direction == self.Direction.IN


class Attachment(models.Model):
    """A file that came or goes with a message; stored by content (`files/store.py`)."""

    message = models.ForeignKey(
        Message, on_delete=models.CASCADE, db_index=False, related_name="attachments"
    )
    position = models.SmallIntegerField()
    name = models.CharField(max_length=255)  # a label only, never part of a path
    content_type = models.CharField(max_length=127)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)
    content_id = models.CharField(max_length=255, blank=True, default="")
    is_inline = models.BooleanField(default=False)
    # The disk did not take it when its mail came in; it is stored as soon as there is room.
    missing_since = models.DateTimeField(null=True)

    class Meta:
        ordering = ("position",)
        constraints = [
            models.UniqueConstraint(
                fields=["message", "position"], name="attachments_stand_in_order"
            )
        ]
        indexes = [
            models.Index(
                fields=["missing_since"],
                name="attachments_to_store",
                condition=models.Q(missing_since__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class Note(models.Model):
    """Said among us; the customer never sees it."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, db_index=False, related_name="notes"
    )
    agent = models.ForeignKey("team.Agent", on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["conversation", "id"], name="note_conversation")]

    def __str__(self) -> str:
        return f"note {self.pk}"


class Draft(models.Model):
    """Not yet said: one for each agent, conversation and kind, kept on the server as it is typed."""

    class Kind(models.TextChoices):
        REPLY = "reply", _("Reply")
        NOTE = "note", _("Note")

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="drafts"
    )
    agent = models.ForeignKey("team.Agent", on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind.choices)
    text = models.TextField()
    # Whom it shall go to, as typed; None: nobody touched it, so whoever is proposed.
    to = models.TextField(null=True)  # noqa: DJ001 # nothing and nobody are two things
    cc = models.TextField(null=True)  # noqa: DJ001
    # Grows with every save of one composer: a save that arrives late cannot undo a newer one, and
    # none can bring back a draft that was sent (the row then stays, empty, with its number).
    version = models.BigIntegerField(default=0)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "agent", "kind"], name="one_draft_for_each_agent_and_kind"
            )
        ]

    def __str__(self) -> str:
        return f"draft {self.pk}"


class DraftFile(models.Model):
    """A file that shall go with a draft, kept as soon as it is chosen."""

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="files")
    name = models.CharField(max_length=255)  # a label only, never part of a path
    content_type = models.CharField(max_length=127)
    size_bytes = models.BigIntegerField()
    sha256 = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.name
