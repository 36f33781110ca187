"""Rows of what is owed: the targets, what they mean for each conversation, and what was missed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from hospes.conversations.models import Conversation
from hospes.servicelevels.clocks import Due, Targets

DUE_CHOICES = [
    (Due.FIRST_REPLY.value, pgettext_lazy("due", "First reply")),
    (Due.NEXT_REPLY.value, pgettext_lazy("due", "Next reply")),
    (Due.RESOLUTION.value, pgettext_lazy("due", "Resolution")),
    (Due.WAITING.value, pgettext_lazy("due", "Waiting time")),
]
MOVED_CHOICES = [
    *DUE_CHOICES,
    ("snooze", pgettext_lazy("due", "End of the snooze")),
    ("reply", pgettext_lazy("due", "The reply leaves")),
]
MAX_MINUTES = 366 * 24 * 60
MAX_WAITING_SECONDS = 24 * 3600
MINUTE = timedelta(minutes=1)


def _words() -> ArrayField[list[str], list[str]]:
    return ArrayField(models.CharField(max_length=80), default=list, blank=True)


def _numbers() -> ArrayField[list[int], list[int]]:
    return ArrayField(models.IntegerField(), default=list, blank=True)


def _minutes() -> models.IntegerField[int | None, int | None]:
    within = [MinValueValidator(1), MaxValueValidator(MAX_MINUTES)]
    return models.IntegerField(null=True, blank=True, validators=within)


class ServiceLevel(models.Model):
    """Targets, and the conversations they hold for: of several that apply, the first counts.

    A condition that names nothing holds for everything.
    """

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=80)
    position = models.SmallIntegerField(default=0)  # lowest first
    is_active = models.BooleanField(default=True)
    # Working time until it is due; None: never.
    first_reply_minutes = _minutes()
    next_reply_minutes = _minutes()
    resolution_minutes = _minutes()
    # Until somebody of us is there, in seconds: on the phone nobody waits for minutes.
    waiting_seconds = models.IntegerField(
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(MAX_WAITING_SECONDS)],
    )
    warn_percent = models.SmallIntegerField(  # of the target, that is left when it warns
        default=25,
        validators=[MinValueValidator(1), MaxValueValidator(90)],
    )
    pauses_while_customer_owes = models.BooleanField(default=False)
    tiers = _words()
    market_codes = _words()  # JP, US-CA; a country holds for its parts, too
    channel_ids = _numbers()
    priorities = _numbers()
    topics = _words()
    products = _words()
    min_value_minor = models.BigIntegerField(null=True, blank=True)
    value_currency = models.CharField(max_length=3, blank=True, default="")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("position", "id")
        constraints = [
            models.CheckConstraint(
                name="a_value_has_a_currency",
                condition=Q(min_value_minor=None) | ~Q(value_currency=""),
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def targets(self) -> Targets:
        return Targets(
            first_reply=_span(self.first_reply_minutes, MINUTE),
            next_reply=_span(self.next_reply_minutes, MINUTE),
            resolution=_span(self.resolution_minutes, MINUTE),
            waiting=_span(self.waiting_seconds, timedelta(seconds=1)),
        )

    def applies_to(self, one: Conversation, *, market_code: str) -> bool:
        """Whether each condition names what the conversation has; it must be read with its circumstances."""
        contract = one.customer.contract_in_force
        country = market_code.partition("-")[0]
        named = (
            (self.tiers, contract.tier if contract else ""),
            (self.market_codes, country if country in self.market_codes else market_code),
            (self.channel_ids, one.channel_id),
            (self.priorities, one.priority),
            (self.topics, one.topic),
            (self.products, one.product),
        )
        return all(not wanted or is_ in wanted for wanted, is_ in named) and self._is_worth(one)

    def _is_worth(self, one: Conversation) -> bool:
        if self.min_value_minor is None:
            return True
        is_same_money = one.value_currency == self.value_currency
        return is_same_money and (one.value_minor or 0) >= self.min_value_minor


def _span(number: int | None, unit: timedelta) -> timedelta | None:
    return None if number is None else number * unit


class Whose(models.TextChoices):
    """Whose calendar counts."""

    CONTRACT = "contract", _("the customer's contract")
    MARKET = "market", _("the market's calendar")
    CHANNEL = "channel", _("the channel's calendar")
    TEAM = "team", _("the team's calendar")
    PROFILE = "profile", _("usual opening hours in the market")
    ALWAYS = "always", _("every hour of every day")


class Clock(models.Model):
    """What is owed in one conversation; made anew from its messages and events whenever one of them changes."""

    conversation = models.OneToOneField(
        "conversations.Conversation",
        primary_key=True,
        on_delete=models.CASCADE,
        related_name="clock",
    )
    level = models.ForeignKey(  # None: what is usual in the market
        ServiceLevel, null=True, on_delete=models.SET_NULL, db_index=False, related_name="+"
    )
    whose = models.CharField(max_length=8, choices=Whose.choices, default=Whose.ALWAYS)
    calendar_name = models.CharField(max_length=80, blank=True, default="")
    zone = models.CharField(max_length=64, default="UTC")  # of the calendar that counts
    channel_id = models.SmallIntegerField()
    opened_at = models.DateTimeField()
    first_reply_due = models.DateTimeField(null=True)
    first_reply_at = models.DateTimeField(null=True)
    first_reply_seconds = models.BigIntegerField(null=True)  # of working time
    next_reply_since = models.DateTimeField(null=True)
    next_reply_due = models.DateTimeField(null=True)
    resolution_due = models.DateTimeField(null=True)
    resolved_at = models.DateTimeField(null=True)
    resolution_seconds = models.BigIntegerField(null=True)
    waiting_due = models.DateTimeField(null=True)
    waiting_at = models.DateTimeField(null=True)  # when somebody of us was there
    next_due_at = models.DateTimeField(null=True)
    next_due = models.CharField(max_length=12, choices=DUE_CHOICES, blank=True, default="")
    warn_at = models.DateTimeField(null=True)
    is_paused = models.BooleanField(default=False)
    # When the clock itself has to look: to warn, then to tell that it was missed; None: nothing to wait for.
    look_at = models.DateTimeField(null=True)
    warned_due_at = models.DateTimeField(null=True)  # the due that was warned of

    class Meta:
        indexes = [
            models.Index(fields=["look_at"], name="clocks_to_look_at", condition=~Q(look_at=None)),
            models.Index(
                fields=["channel_id", "-first_reply_at"],
                name="clocks_answered",
                condition=~Q(first_reply_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"clock of {self.conversation_id}"


class MovedDue(models.Model):
    """A due, the end of a snooze or the leaving of a reply that is another since the rules of time zones changed."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="moved_dues"
    )
    what = models.CharField(max_length=12, choices=MOVED_CHOICES)
    before = models.DateTimeField(null=True)  # None: there was none
    now = models.DateTimeField(null=True)
    zone = models.CharField(max_length=64)  # of the calendar that counts
    rules = models.CharField(max_length=40)  # 2026b → 2026c
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="moved_dues_newest")]

    def __str__(self) -> str:
        return f"{self.what} of {self.conversation_id}: {self.before} → {self.now}"


class Breach(models.Model):
    """A due that was missed."""

    conversation = models.ForeignKey(
        "conversations.Conversation", on_delete=models.CASCADE, related_name="breaches"
    )
    what = models.CharField(max_length=12, choices=DUE_CHOICES)
    since = models.DateTimeField()  # when its clock started
    due_at = models.DateTimeField()
    met_at = models.DateTimeField(null=True)  # None: it is still owed
    noticed_at = models.DateTimeField()
    contested_at = models.DateTimeField(null=True)
    contested_by = models.ForeignKey(
        "team.Agent", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    why = models.TextField(blank=True, default="")  # it should not count
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(
        "team.Agent", null=True, on_delete=models.SET_NULL, related_name="+"
    )
    is_excused = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["conversation", "what", "since"], name="a_due_is_missed_once"
            ),
            models.CheckConstraint(
                name="only_what_was_decided_is_excused",
                condition=Q(is_excused=False) | ~Q(decided_at=None),
            ),
        ]
        indexes = [
            models.Index(F("due_at").desc(), F("id").desc(), name="breaches_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.what} of {self.conversation_id}"

    def late_by(self, now: datetime) -> timedelta:
        """By how much time it was missed, as clocks on the wall go."""
        return (self.met_at or now) - self.due_at
