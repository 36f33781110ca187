"""Rows of the markets this installation serves."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from babel import Locale, UnknownLocaleError
from django.db import models
from django.utils.translation import get_language, to_locale
from django.utils.translation import gettext_lazy as _


class Market(models.Model):
    """A country this company serves, with the clock and language that are usual there."""

    id = models.SmallAutoField(primary_key=True)
    site_id = models.SmallIntegerField(default=1)
    code = models.CharField(_("country"), max_length=2)  # ISO 3166-1 alpha-2
    zone = models.CharField(_("time zone"), max_length=64, default="UTC")  # IANA name
    language = models.CharField(_("language"), max_length=16, default="en")  # BCP 47

    class Meta:
        ordering = ("code",)
        constraints = [
            models.UniqueConstraint(fields=["site_id", "code"], name="a_site_has_each_market_once")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The country's name in the reader's language."""
        return territory_name(self.code)

    @property
    def clock(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


def territory_name(code: str) -> str:
    """Return a country's name in the reader's language, or its code when nobody named it."""
    try:
        locale = Locale.parse(to_locale(get_language() or "en"))
    except (UnknownLocaleError, ValueError):
        locale = Locale("en")
    return str(locale.territories.get(code, code))
