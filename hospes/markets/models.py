"""Rows of the markets this installation serves."""

from __future__ import annotations

import uuid
from datetime import date
from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language, gettext, to_locale
from django.utils.translation import gettext_lazy as _

from hospes.markets.public_holidays import PUBLIC, Where, part_name


class Calendar(models.Model):
    """When work is done: a week of openings in a time zone, the public holidays of a place, and single days."""

    site_id = models.SmallIntegerField(default=1)
    name = models.CharField(_("name"), max_length=80)
    zone = models.CharField(_("time zone"), max_length=64)  # IANA name
    hours = models.JSONField(default=list)  # seven days from Monday, each [[start, end]] in minutes
    country = models.CharField(
        _("country"), max_length=2, blank=True, default=""
    )  # "": no holidays
    subdivision = models.CharField(max_length=32, blank=True, default="")
    with_observed = models.BooleanField(default=True)
    categories = models.JSONField(default=list)  # none: the public ones
    # The market whose seasons close it, and what they are called in its facts; "": none.
    season_place = models.CharField(max_length=16, blank=True, default="", db_default="")
    seasons = models.JSONField(default=list, db_default=models.Value([], models.JSONField()))
    revision = models.UUIDField(default=uuid.uuid4, editable=False)  # another after every change
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ("name",)
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "name"], name="calendars_are_told_apart_by_name"
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)

    @property
    def where(self) -> Where | None:
        """Whose public holidays close it; None: nobody's."""
        if not self.country:
            return None
        return Where(
            self.country,
            self.subdivision,
            self.with_observed,
            tuple(map(str, self.categories)) or (PUBLIC,),
        )


class CalendarDay(models.Model):
    """A day on which a calendar is not as in every week."""

    class Kind(models.TextChoices):
        CLOSED = "closed"
        OPEN = "open"

    calendar = models.ForeignKey(Calendar, on_delete=models.CASCADE, related_name="days")
    on = models.DateField()
    kind = models.CharField(max_length=6, choices=Kind.choices)
    # Open: then, instead of the week, also on a public holiday. Closed: then, or the whole day when empty.
    spans = models.JSONField(default=list)
    reason = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ("on",)
        constraints = [
            models.UniqueConstraint(fields=["calendar", "on"], name="a_day_differs_in_one_way")
        ]

    def __str__(self) -> str:
        return f"{self.calendar_id} {self.on}: {self.kind}"


class ZoneRules(models.Model):
    """The rules of time zones that what is stored was counted by; one row."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.CharField(max_length=16, blank=True, default="")  # "": nobody says which
    fingerprint = models.CharField(max_length=32)
    since = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(id=1), name="all_is_counted_by_the_same_rules_of_time_zones"
            )
        ]

    def __str__(self) -> str:
        return self.version or self.fingerprint


class Market(models.Model):
    """A country this company serves, or a part of one, with the clock and language that are usual there."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    # ISO 3166-1 alpha-2, or of a part of a country ISO 3166-2: JP, US-CA.
    code = models.CharField(_("country"), max_length=6)
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")  # IANA name
    language = models.CharField(_("language"), max_length=16, default="en")  # BCP 47
    calendar = models.ForeignKey(
        Calendar, null=True, blank=True, on_delete=models.PROTECT, related_name="markets"
    )

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["site_id", "code"], name="a_site_has_each_market_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """Its name in the reader's language."""
        return territory_name(self.code)

    @property
    def country(self) -> str:
        """The country it is, or is part of: what phone numbers and addresses go by."""
        return self.code.partition("-")[0]

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def territory_name(code: str) -> str:
    """Return the name of a country, or of a part of one, in the reader's language; its code when nobody named it."""
    country, _hyphen, part = code.partition("-")
    try:
        locale = Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    name = str(locale.territories.get(country, country))
    if not part:
        return name
    return gettext("%(country)s, %(part)s") % {"country": name, "part": part_name(country, part)}


class OwnValue(models.Model):
    """What an operator said of one fact of one place. Never changed: what comes after ends it, and it stays as history."""

    class How(models.TextChoices):
        OVERRIDE = "override", _("own value")
        WAIVER = "waiver", _("own value below the law")
        CORRECTION = "correction", _("correction")
        CONFIRMATION = "confirmation", _("confirmation")

    site_id = models.SmallIntegerField(default=1)
    place = models.CharField(max_length=16)  # as facts have it: JP, US-CA, EU, _global
    key = models.CharField(max_length=64)
    how = models.CharField(max_length=12, choices=How.choices)
    value = models.JSONField()
    at = models.DateTimeField()
    by_id = models.IntegerField(null=True)  # the agent; None: a program of whoever runs the desk
    reason = models.TextField(blank=True, default="")
    until = models.DateField(null=True)  # of a waiver, its last day
    citation = models.TextField(blank=True, default="")  # of a correction, where it says so
    cited_on = models.DateField(null=True)  # and of which day that is
    ended_at = models.DateTimeField(null=True)  # None: it stands, if its time has not run out
    ended_by_id = models.IntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site_id", "place", "key"],
                condition=Q(ended_at=None, how__in=["override", "waiver"]),
                name="a_fact_has_one_own_value_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["site_id", "place", "key", "how"],
                condition=Q(ended_at=None, how__in=["correction", "confirmation"]),
                name="a_fact_is_corrected_and_confirmed_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(how="waiver") | (~Q(reason="") & Q(until__isnull=False)),
                name="a_waiver_says_why_and_until_when",
            ),
            models.CheckConstraint(
                condition=~Q(how="correction") | (~Q(citation="") & Q(cited_on__isnull=False)),
                name="a_correction_says_where_it_was_read",
            ),
        ]
        indexes = [models.Index(fields=["place", "key", "-at"], name="own_value_history")]

    def __str__(self) -> str:
        return f"{self.place} {self.key}: {self.how}"

    def has_run_out(self, on: date) -> bool:
        return self.until is not None and self.until < on
