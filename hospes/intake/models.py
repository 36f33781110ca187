"""Rows of what came in, byte for byte, and what became of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Raw(models.Model):
    """What came in, byte for byte; never changed once written, and emptied when somebody deletes it."""

    site_id = models.SmallIntegerField(default=1)
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    transport_key = models.TextField()  # exactly-once: what the door calls this delivery
    envelope_from = models.TextField(blank=True, default="")
    envelope_to = models.TextField(blank=True, default="")  # the recipient it came in for
    # Who brought it, where the door faces the internet: address, and the name it gave (HELO).
    peer = models.TextField(blank=True, default="", db_default="")
    helo = models.TextField(blank=True, default="", db_default="")
    received_at = models.DateTimeField()
    body = models.BinaryField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "transport_key"], name="a_delivery_is_stored_once"
            )
        ]

    def __str__(self) -> str:
        return f"raw {self.pk}"


class PendingRaw(models.Model):
    """A raw that nobody has understood yet; deleted in the transaction that writes the outcome."""

    raw = models.OneToOneField(
        Raw, primary_key=True, on_delete=models.CASCADE, related_name="pending"
    )
    attempts = models.SmallIntegerField(default=0)
    # The advisory lock number of the worker that has it; a lock that can be taken means it died.
    claimed_by = models.IntegerField(null=True)
    # Nobody in the DNS answered: asked again then, and how often it was put off.
    not_before = models.DateTimeField(null=True)
    postponed = models.SmallIntegerField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"pending {self.raw_id}"


class HeldReason(models.TextChoices):
    NO_SENDER = "no_sender", _("It names no sender.")
    SEVERAL_SENDERS = (
        "several_senders",
        _("It names several senders, so we cannot tell who wrote it."),
    )
    CLAIMS_COLLEAGUE = (
        "claims_colleague",
        _("It claims to come from one of us, and the sender's server did not prove it."),
    )
    COLLEAGUE = (
        "colleague",
        _("It comes from one of us, but forwards no mail of a customer and answers none of ours."),
    )
    FAILED_PROOF = (
        "failed_proof",
        _("The sender's domain says that mail like this is forged (DMARC)."),
    )
    OUR_OWN = "our_own", _("We sent it ourselves, and it came back.")
    BLOCKED = "blocked", _("Its sender is blocked.")
    SPAM = "spam", _("The spam filter in front of us says that it is spam.")
    STRANGER_IN_CONVERSATION = (
        "stranger_in_conversation",
        _("It answers a conversation, but its sender has no part in it."),
    )
    LOST_REPORT = (
        "lost_report",
        _("A mail server reports on a letter that this desk does not know."),
    )
    CALLED_JUNK = "called_junk", _("Somebody here called it junk.")


JUNK = (HeldReason.BLOCKED, HeldReason.SPAM, HeldReason.CALLED_JUNK)  # nobody is asked about it
MAY_LIE = (HeldReason.FAILED_PROOF, HeldReason.CLAIMS_COLLEAGUE, HeldReason.SEVERAL_SENDERS)
IS_WAITING = models.Q(put_aside_at=None) & ~models.Q(reason__in=JUNK)
IS_JUNK = models.Q(put_aside_at=None, reason__in=JUNK)
IS_ASIDE = models.Q(put_aside_at__isnull=False)


class Block(models.Model):
    """A sender whose mail is junk: one address, or "@" and a domain with all below it."""

    site_id = models.SmallIntegerField(default=1)
    value = models.CharField(max_length=320)  # canonical
    by = models.ForeignKey(
        "team.Agent", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site_id", "value"], name="a_sender_is_blocked_once")
        ]

    def __str__(self) -> str:
        return self.value


class Undecided(models.Model):
    """What mail has that waits for a decision, whatever it waits for."""

    # Somebody wants it neither shown nor asked about any more; it stays whole and can be taken back.
    put_aside_at = models.DateTimeField(null=True)
    put_aside_by = models.ForeignKey(
        "team.Agent", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    # What the virus scanner says of its files; nobody is asked where none is set.
    checked_at = models.DateTimeField(null=True)
    check_tries = models.SmallIntegerField(default=0, db_default=0)
    virus = models.CharField(max_length=200, blank=True, default="", db_default="")

    class Meta:
        abstract = True


class HeldRaw(Undecided):
    """Understood but not trusted; waits for an agent's decision, tells the sender nothing."""

    raw = models.OneToOneField(Raw, primary_key=True, on_delete=models.CASCADE, related_name="held")
    # The raw's, kept here to be counted by; None: it has to be looked up there.
    channel = models.ForeignKey(
        "channels.Channel", null=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=32, choices=HeldReason.choices)
    from_name = models.CharField(max_length=200, blank=True, default="")
    from_address = models.CharField(max_length=320, blank=True, default="")
    subject = models.CharField(max_length=998, blank=True, default="")
    preview = models.CharField(max_length=200, blank=True, default="")
    conversation_id = models.BigIntegerField(null=True)  # the one it wanted to join
    verdict = models.JSONField(null=True)  # as on a message
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["check_tries", "raw"],
                name="held_unchecked",
                condition=models.Q(checked_at=None),
            ),
            # Each box newest first, and counted without its rows, by channel as well.
            models.Index(
                fields=["-raw"], include=["channel"], name="held_waiting", condition=IS_WAITING
            ),
            models.Index(fields=["-raw"], include=["channel"], name="held_junk", condition=IS_JUNK),
            models.Index(
                fields=["-raw"], include=["channel"], name="held_aside", condition=IS_ASIDE
            ),
        ]

    def __str__(self) -> str:
        return f"held {self.raw_id}"

    @property
    def may_lie(self) -> bool:
        """Whether its sender may be somebody who has nothing to do with it: to block them would harm a stranger."""
        return self.reason in MAY_LIE


class QuarantinedRaw(Undecided):
    """Not understood; kept whole, with the reason, to be tried again."""

    raw = models.OneToOneField(
        Raw, primary_key=True, on_delete=models.CASCADE, related_name="quarantined"
    )
    error = models.TextField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(
                fields=["check_tries", "raw"],
                name="quarantined_unchecked",
                condition=models.Q(checked_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"quarantined {self.raw_id}"


class DeletedRaw(models.Model):
    """Somebody deleted it: the raw is empty, and its number stays, so that what came in can still be counted."""

    raw = models.OneToOneField(
        Raw, primary_key=True, on_delete=models.CASCADE, related_name="deleted"
    )
    channel = models.ForeignKey("channels.Channel", on_delete=models.PROTECT, related_name="+")
    by = models.ForeignKey(
        "team.Agent", null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"deleted {self.raw_id}"


class CountedThrough(models.Model):
    """Up to which numbers it is known how many mails there are (`counters.py`); one row for the desk."""

    raw_id = models.BigIntegerField(default=0)
    message_id = models.BigIntegerField(default=0)
    # The next ones, once whatever was under way when they were the highest has long come to an end.
    next_raw_id = models.BigIntegerField()
    next_message_id = models.BigIntegerField()
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"counted through {self.raw_id}"


class CountedChannel(models.Model):
    """How many mails up to those numbers came in by a channel, and how many of them are shown."""

    channel = models.OneToOneField(
        "channels.Channel", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    stored = models.BigIntegerField(default=0)
    shown = models.BigIntegerField(default=0)
    last_at = models.DateTimeField(null=True)  # when the last one came in

    def __str__(self) -> str:
        return f"counted {self.channel_id}"


class FetchState(models.Model):
    """How fetching from a server goes: what a person looks at when mail is missed."""

    server = models.OneToOneField(
        "channels.IncomingServer",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="fetch_state",
    )
    connected_at = models.DateTimeField(null=True)  # signed in last
    looked_at = models.DateTimeField(null=True)  # saw all folders last
    last_mail_at = models.DateTimeField(null=True)  # stored one last
    backlog = models.IntegerField(default=0)  # mails on the server that we do not have yet
    failure = models.CharField(max_length=16, blank=True, default="")  # a kind of `imap.py`
    failure_words = models.TextField(blank=True, default="")  # the server's own
    failing_since = models.DateTimeField(null=True)
    certificate_expires_at = models.DateTimeField(null=True)
    has_idle = models.BooleanField(null=True)

    def __str__(self) -> str:
        return f"fetching {self.server_id}"


class FetchedFolder(models.Model):
    """How far we are in one folder of a server."""

    server = models.ForeignKey(
        "channels.IncomingServer", on_delete=models.CASCADE, related_name="fetched_folders"
    )
    name = models.CharField(max_length=255)
    uidvalidity = models.BigIntegerField()  # another one: all numbers mean other mails
    baseline_uid = models.BigIntegerField()  # the highest there was when we came
    last_uid = models.BigIntegerField(default=0)
    is_known_by_content = models.BooleanField(default=False)  # its mails had other numbers before
    reconciled_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["server", "name"], name="a_folder_is_followed_once")
        ]

    def __str__(self) -> str:
        return self.name


class KnownMail(models.Model):
    """A mail that was fetched once. It stays when the raw is gone: what was deleted never comes back."""

    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.CASCADE, db_index=False, related_name="+"
    )
    digest = models.BinaryField()  # SHA-256 of its bytes
    content_digest = models.BinaryField()  # of its Message-ID and what follows the headers
    raw = models.ForeignKey(Raw, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "digest"], name="a_fetched_mail_is_stored_once"
            )
        ]
        indexes = [
            models.Index(fields=["channel", "content_digest"], name="known_by_content"),
        ]

    def __str__(self) -> str:
        return f"known {self.pk}"


class FetchedUid(models.Model):
    """A number of a folder that is done with: stored, or told why not."""

    class Problem(models.TextChoices):
        TOO_LARGE = "too_large", _("It is larger than the limit.")
        NOT_GIVEN = "not_given", _("The server does not hand it over.")

    folder = models.ForeignKey(
        FetchedFolder, on_delete=models.CASCADE, db_index=False, related_name="uids"
    )
    uid = models.BigIntegerField()
    is_settled = models.BooleanField(default=True)  # what becomes of it on the server is done
    problem = models.CharField(max_length=16, choices=Problem.choices, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["folder", "uid"], name="a_uid_is_done_with_once")
        ]
        indexes = [
            models.Index(
                fields=["folder"], name="uids_to_settle", condition=models.Q(is_settled=False)
            ),
        ]

    def __str__(self) -> str:
        return f"uid {self.uid}"
