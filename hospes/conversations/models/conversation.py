"""The conversation, and its narrow row in the inbox while it is open."""

from __future__ import annotations

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from hospes.markets.models import Market
from hospes.people.whereabouts import By, Hint, Whereabouts

NEVER = datetime(9999, 12, 31, tzinfo=UTC)  # psycopg cannot read 'infinity'


class ConversationQuerySet(models.QuerySet["Conversation"]):
    def open(self) -> ConversationQuerySet:
        return self.filter(closed_at=None)

    def waiting_on_us(self) -> ConversationQuerySet:
        return self.open().exclude(waiting_since=None)

    def in_queues(self, queue_ids: list[int]) -> ConversationQuerySet:
        return self.filter(queue_id__in=queue_ids)


class Priority(models.IntegerChoices):
    LOW = -1, _("Low")
    NORMAL = 0, _("Normal")
    HIGH = 1, _("High")
    URGENT = 2, _("Urgent")


class Conversation(models.Model):
    """One matter a customer brings to us, on any number of channels, until it is closed."""

    site_id = models.SmallIntegerField(default=1)
    reference = models.CharField(max_length=12, unique=True)  # such as H-7K3F9
    queue = models.ForeignKey(
        "conversations.Queue", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    brand = models.ForeignKey(
        "brands.Brand", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    channel = models.ForeignKey(
        "channels.Channel", on_delete=models.PROTECT, db_index=False, related_name="+"
    )
    customer = models.ForeignKey(
        "people.Customer", on_delete=models.PROTECT, db_index=False, related_name="conversations"
    )
    # Who may join by mail: the identities that wrote here or were let in, never guessed.
    participant_ids = ArrayField(models.BigIntegerField(), default=list)
    assignee = models.ForeignKey(
        "team.Agent",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        db_index=False,
        related_name="+",
    )
    subject = models.CharField(_("subject"), max_length=998, blank=True)
    language = models.CharField(_("language"), max_length=16, blank=True, default="")  # BCP 47
    is_sender_verified = models.BooleanField(default=False)  # of the latest incoming message
    opened_at = models.DateTimeField()
    last_activity_at = models.DateTimeField()
    waiting_since = models.DateTimeField(null=True, blank=True)  # None: the customer owes the reply
    snoozed_until = models.DateTimeField(null=True, blank=True)
    # A snooze ran out and nobody has acted since: it is ours to look at, though nobody waits.
    awoke_at = models.DateTimeField(null=True, blank=True)
    # Since when a reply of ours is known not to have arrived, or not known to have, and nobody wrote another.
    undelivered_since = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    last_message_id = models.BigIntegerField(null=True)
    message_count = models.IntegerField(default=0)
    priority = models.SmallIntegerField(
        choices=Priority.choices, default=Priority.NORMAL, db_default=Priority.NORMAL
    )
    # What it is about, as an agent or a program says; value in minor units of its currency (ISO 4217).
    topic = models.CharField(max_length=80, blank=True, default="", db_default="")
    product = models.CharField(max_length=80, blank=True, default="", db_default="")
    value_minor = models.BigIntegerField(null=True, blank=True)
    value_currency = models.CharField(max_length=3, blank=True, default="", db_default="")
    # What is owed next, counted by the duties above (`servicelevels`): kept here so that lists can be sorted by it.
    next_due_at = models.DateTimeField(null=True, blank=True)
    next_due = models.CharField(max_length=12, blank=True, default="", db_default="")
    due_warn_at = models.DateTimeField(null=True, blank=True)  # from then on it is soon
    due_warned_at = models.DateTimeField(null=True, blank=True)  # since then it is ours to look at

    objects = ConversationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["queue", "-last_activity_at", "-id"], name="conversation_queue"),
            models.Index(fields=["-last_activity_at", "-id"], name="conversation_recent"),
            models.Index(fields=["assignee", "-last_activity_at", "-id"], name="conversation_mine"),
            models.Index(fields=["customer", "-id"], name="conversation_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                name="closed_conversations_wait_for_nobody",
                condition=Q(closed_at=None)
                | Q(waiting_since=None, snoozed_until=None, awoke_at=None),
            ),
        ]

    def __str__(self) -> str:
        return self.subject or self.reference

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    @property
    def is_snoozed(self) -> bool:
        return self.snoozed_until is not None

    @property
    def customer_zone(self) -> str:
        """The customer's time zone as far as we know it: their own, else that of their market; "" when nothing tells."""
        return self.whereabouts.zone

    @property
    def customer_market(self) -> Market | None:
        """The market the customer is in as far as we know; one that is not served here has a code and a clock alone.

        Asks the database only where a phone number or an address tells of another market than those read with it.
        """
        found = self.whereabouts
        if not found.market:
            return None
        near = (self.customer.market, self.channel.market, self.queue.market)
        read = {one.code: one for one in near if one is not None}
        codes = (
            found.profile_code,
            found.market,
        )  # of a part of a country first, where it is served
        if found.profile_code not in read and (found.area or found.market not in read):
            read |= {one.code: one for one in Market.objects.filter(code__in=codes)}
        here = next((read[code] for code in codes if code in read), None)
        return here or Market(code=found.market, zone=found.zone)

    @property
    def whereabouts(self) -> Whereabouts:
        """Where the customer is as far as we know, and by what.

        A queue comes last: colleagues move conversations for reasons of their own.
        """
        return self.customer.whereabouts(
            Hint(By.CHANNEL, *_place(self.channel.market)),
            Hint(By.QUEUE, *_place(self.queue.market)),
        )


def _place(market: Market | None) -> tuple[str, str]:
    return (market.code, market.zone) if market is not None else ("", "")


class InboxRow(models.Model):
    """Exactly the open conversations, with everything the list shows on it.

    Written in the action that changes the conversation (`conversations/inbox.py`), never by a job.
    """

    class Status(models.IntegerChoices):
        OPEN = 0, _("Open")
        SNOOZED = 1, _("Snoozed")

    conversation = models.OneToOneField(
        Conversation, primary_key=True, on_delete=models.CASCADE, related_name="inbox_row"
    )
    queue_id = models.SmallIntegerField()
    assignee_id = models.IntegerField(default=0)  # 0: nobody
    status = models.SmallIntegerField(choices=Status.choices, default=Status.OPEN)
    # What the list is ordered by: by when it is ours to act (where nothing is due: since when), NEVER when the
    # customer owes the reply; for a snoozed one, when it comes back.
    sort_at = models.DateTimeField(default=NEVER)
    waiting_since = models.DateTimeField(null=True)
    last_activity_at = models.DateTimeField()
    reference = models.CharField(max_length=12)
    channel_id = models.SmallIntegerField()
    customer_id = models.BigIntegerField()
    customer_name = models.CharField(max_length=200)
    market_code = models.CharField(max_length=6, blank=True, default="")
    language = models.CharField(max_length=16, blank=True, default="")
    subject = models.CharField(max_length=998, blank=True)
    preview = models.CharField(max_length=200, blank=True, default="")
    is_last_incoming = models.BooleanField(default=True)
    is_sender_verified = models.BooleanField(default=False)
    is_undelivered = models.BooleanField(default=False, db_default=False)
    last_message_id = models.BigIntegerField(null=True)
    snoozed_until = models.DateTimeField(null=True)
    priority = models.SmallIntegerField(default=Priority.NORMAL, db_default=Priority.NORMAL)
    next_due_at = models.DateTimeField(null=True)
    next_due = models.CharField(max_length=12, blank=True, default="", db_default="")
    due_warn_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["sort_at", "conversation"],
                include=["queue_id", "assignee_id", "status"],
                name="inbox_sorted",
            ),
            models.Index(
                fields=["queue_id", "sort_at", "conversation"],
                include=["status", "assignee_id"],
                name="inbox_queue",
            ),
            models.Index(fields=["assignee_id", "sort_at", "conversation"], name="inbox_mine"),
        ]

    def __str__(self) -> str:
        return self.subject or self.reference
