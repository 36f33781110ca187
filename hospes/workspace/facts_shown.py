"""Facts of a market as its pages show them: grouped, in words, with where each comes from."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from babel.dates import format_interval
from django.utils.translation import gettext as _

from hospes.language.writing import direction
from hospes.markets import shipped
from hospes.markets.keys import KEYS, Key, Kind
from hospes.markets.labels import confidence_label, kind_label, label_of, section_label
from hospes.markets.models import OwnValue
from hospes.markets.profiles import Profile
from hospes.markets.resolving import Fact, How
from hospes.markets.seasons import Season
from hospes.markets.value_words import is_own_text, value_in_words
from hospes.markets.wording import origin_in_words
from hospes.team.models import Agent
from hospes.workspace.showing import in_order, language_of_country, reader_locale

# What facts say in the language of the market; in all other texts of theirs they speak English.
OF_THE_LANGUAGE = {"address.pronoun", "address.neutral_fallback", "style.greeting", "style.closing"}

# How to write to somebody of a market, beside how they are addressed: five lines in all.
OF_WRITING = ("style.directness", "style.apology")


@dataclass(frozen=True)
class Cited:
    title: str
    url: str
    places: list[str]  # articles or sections


def _place(section: str) -> str:
    """Return an article as one writes it: "art9" is "art. 9"."""
    return re.sub(r"^(art|reg)(?=[\dA-Z])", r"\1. ", section)


@dataclass(frozen=True)
class ShownFact:
    """One fact in the reader's words. state: what is to be thought of it."""

    key: str
    label: str
    value: str
    language: str  # of the value where it is a text of its own, else ""
    direction: str
    origin: str
    kind: str
    state: str  # own, waiver, verified, confirmed, proposal, told, unknown
    state_words: str
    fact: Fact | None

    @property
    def is_known(self) -> bool:
        return self.fact is not None

    @property
    def is_culture(self) -> bool:
        return KEYS[self.key].kind is Kind.CULTURE

    @property
    def sources(self) -> list[Cited]:
        """Where it was found: each work once, with all of its places."""
        found: dict[str, Cited] = {}
        for source in self.fact.sources if self.fact else ():
            places = found[source.title].places if source.title in found else []
            places = [*places, _place(source.section)] if source.section else places
            found[source.title] = Cited(source.title, source.url, places)
        return list(found.values())

    def holds(self, wanted: str) -> bool:
        """Whether what one looks for stands in it."""
        sources = [source.title for source in self.sources]
        note = self.fact.note if self.fact else ""
        texts = [self.key, self.label, self.value, self.origin, note, *sources]
        return all(in_order(word) in in_order(" ".join(texts)) for word in wanted.split())


@dataclass(frozen=True)
class Section:
    name: str
    label: str
    facts: list[ShownFact]

    @property
    def is_culture(self) -> bool:
        """Whether it holds what is said of people in general."""
        return any(fact.is_culture for fact in self.facts)


def shown(profile: Profile, key: str) -> ShownFact:
    """Return one fact of a profile in words, also when nobody knows it."""
    about, fact = KEYS[key], profile[key]
    language = _language_of(about, profile)
    state = _state(fact)
    return ShownFact(
        key=key,
        label=label_of(key),
        value=value_in_words(key, fact.value) if fact else "",
        language=language,
        direction=direction(language) if language else "auto",
        origin=origin_in_words(fact) if fact else "",
        kind=kind_label(about.kind),
        state=state,
        state_words=_state_words(state, fact),
        fact=fact,
    )


def sections_of(facts: Iterable[ShownFact]) -> list[Section]:
    """Return facts by section, each in the order of the keys."""
    grouped = groupby(facts, key=lambda one: KEYS[one.key].section)
    return [Section(name, section_label(name), list(rows)) for name, rows in grouped]


def _language_of(about: Key, profile: Profile) -> str:
    if not is_own_text(about.name):
        return ""
    if about.name in OF_THE_LANGUAGE:
        return language_of_country(profile.country) or "en"
    return "en"


def _state(fact: Fact | None) -> str:
    if fact is None:
        return "unknown"
    if fact.origin.is_own:
        return "waiver" if fact.origin.how is How.WAIVER else "own"
    if fact.is_proposal:
        return "proposal"
    if fact.is_confirmed:
        return "confirmed"
    return "verified" if fact.is_verified else "told"


def _state_words(state: str, fact: Fact | None) -> str:
    if fact is not None and fact.origin.how is How.CORRECTION:
        return _("Corrected by you")
    words = {
        "own": _("Set by you"),
        "waiver": _("Below the law"),
        "proposal": _("To be confirmed"),
        "confirmed": _("Confirmed by you"),
        "verified": _("Verified"),
        "unknown": _("Not known"),
    }
    return words.get(state) or (confidence_label(fact.confidence) if fact else "")


@dataclass(frozen=True)
class Coming:
    """A season that is on or to come; a weekly one stands once."""

    event: str
    effect: str
    days: str
    hours: str


def coming(profile: Profile, *, on: date) -> list[Coming]:
    """Return the seasons of the year ahead."""
    found = []
    weekly: set[str] = set()
    for season in profile.seasons(on, on + timedelta(days=365)):
        is_again = season.event in weekly
        if season.first == season.last:
            weekly.add(season.event)
        if not is_again:
            found.append(_told(season))
    return found


def now_there(profile: Profile, *, on: date) -> list[Coming]:
    """Return the seasons of a day."""
    return [_told(season) for season in profile.seasons(on, on)]


def _told(season: Season) -> Coming:
    days = format_interval(season.first, season.last, "yMMMd", locale=reader_locale())
    hours = "–".join(f"{end // 60:02}:{end % 60:02}" for end in season.hours or ())
    return Coming(season.event, season.effect, days, hours)


@dataclass(frozen=True)
class Told:
    """One line of the history of a fact."""

    row: OwnValue
    who: str
    value: str
    stands: bool
    ended_by: str


def history(place: str, key: str, *, on: date) -> list[Told]:
    """Return what was said of a fact at a place, the latest first."""
    rows = list(OwnValue.objects.filter(place=place, key=key).order_by("-at", "-pk"))
    asked = {n for row in rows for n in (row.by_id, row.ended_by_id) if n is not None}
    names = dict(Agent.objects.filter(pk__in=asked).values_list("pk", "name"))
    return [
        Told(
            row,
            names.get(row.by_id, "") if row.by_id else "",
            value_in_words(key, shipped.frozen(row.value)),
            row.ended_at is None and not row.has_run_out(on),
            names.get(row.ended_by_id, "") if row.ended_by_id else "",
        )
        for row in rows
    ]
