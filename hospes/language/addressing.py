"""How a customer is addressed: the salutation and the closing of a letter; pure.

What they told us goes first. Where they did not say it, the market's custom counts for the form of address and for which
part of the name is used, if the letter is in a language of that market; else the custom of the language. Nobody's gender is
guessed: without an honorific of theirs the salutation is one that fits everybody.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from babel.languages import get_official_languages

from hospes.language.forms import FAMILY_FIRST, written_name
from hospes.language.phrasebook import Phrases, base_of, phrases_in, table_of
from hospes.language.speaking import spoken
from hospes.markets.profiles import Profile

FORMAL, INFORMAL, NEUTRAL = "formal", "informal", "neutral"
FAMILY_USES = {"title_surname", "surname_honorific"}
GIVEN_USES = {"title_first_name", "first_name"}
PLACE = re.compile(r"\{(\w+)\}")
ENDS = (",", ":", "：", "،", "!", "！", ".", "。")


@dataclass(frozen=True, slots=True)
class Person:
    """What a customer told us of their name and how they want to be addressed; "" where they did not."""

    full_name: str
    given_name: str = ""
    family_name: str = ""
    called: str = ""  # instead of all the rest, as it stands
    form: str = ""  # formal, informal, neutral
    honorific: str = ""  # male, female, neutral
    academic_title: str = ""


@dataclass(frozen=True, slots=True)
class Addressing:
    """How a letter begins and ends."""

    language: str
    salutation: str
    closing: str
    form: str  # formal, informal or neutral
    is_form_told: bool  # by the customer; else it is the market's custom

    @property
    def first_line(self) -> str:
        """The line that names the customer."""
        return self.salutation.partition("\n")[0]

    @property
    def last_words(self) -> str:
        """The closing without the name of whoever writes."""
        return self.closing.rpartition("\n")[0].strip() or self.closing


def address(
    person: Person, *, language: str, profile: Profile, agent: str, company: str
) -> Addressing:
    """Return how one of us begins and ends a letter to somebody.

    language: BCP 47, of the letter; one that we have no phrases of is answered in English.
    profile: of the market they are in. agent, company: who writes, and for which brand.
    """
    tongue = spoken(language)
    phrases = phrases_in(tongue)
    assert phrases is not None  # `spoken` names no other
    form = person.form or profile.value("address.default_form", FORMAL)
    region = profile.country
    informal = form == INFORMAL
    words = {"company": company, "agent": agent}
    closing = phrases.text(f"closing_{INFORMAL if informal else FORMAL}", region=region)
    return Addressing(
        language=tongue,
        salutation=_filled(_salutation(person, form, phrases, profile), **words),
        closing=_filled(closing, **words),
        form=form,
        is_form_told=bool(person.form),
    )


def _salutation(person: Person, form: str, phrases: Phrases, profile: Profile) -> str:
    """Return the salutation with the places of `company` and `agent` left open."""
    frames = _frames(phrases.language, profile.country)
    is_own = _is_language_of(phrases.language, profile.country)
    # Whoever wants another form than is usual there does not want the names that go with that one either.
    is_usual = is_own and form == profile.value("address.default_form", FORMAL)
    if person.called:
        return _filled(frames.get("called") or frames[NEUTRAL], name=person.called)
    whole = _whole(person, phrases.language, profile, is_own=is_own)
    if not whole:
        nameless = frames.get("nameless_informal") if form == INFORMAL else None
        return str(nameless or frames["nameless"])
    if is_usual and form != INFORMAL and not _honour(person, frames) and not person.academic_title:
        fallback = str(profile.value("address.neutral_fallback", ""))
        if _fits(fallback, person):
            return _fallen_back(fallback, person, whole, frames)
    if form == FORMAL:
        return _formal(person, whole, frames, profile, is_usual=is_usual)
    name = _part(person, frames.get(f"{form}_uses", "first_name")) or whole
    honour = frames.get("for_friends" if form == INFORMAL else "for_everybody", "")
    if not honour or not frames.get("behind"):
        return _filled(frames[form], name=name)
    between = "" if form == INFORMAL else frames["between"]
    return _filled(frames[form], name=f"{name}{between}{honour}")


def _formal(
    person: Person, whole: str, frames: Mapping[str, Any], profile: Profile, *, is_usual: bool
) -> str:
    honour = _honour(person, frames)
    custom = profile.value("address.name_use") if is_usual and not frames.get("is_always") else None
    is_rare = profile.value("address.academic_titles") == "rare"
    title = "" if is_rare else person.academic_title
    # A surname alone is no way to name anybody.
    name = (_part(person, custom or frames["uses"]) if honour or title else "") or whole
    return _filled(
        _gendered(person, frames) or frames[FORMAL], name=_joined(honour, title, name, frames)
    )


def _gendered(person: Person, frames: Mapping[str, Any]) -> str:
    """Return what fits the gender they told, where the language says it in the salutation; else ""."""
    return str(frames.get(person.honorific, "")) if person.honorific in {"male", "female"} else ""


def _honour(person: Person, frames: Mapping[str, Any]) -> str:
    return str(frames["honorifics"].get(person.honorific, "") or frames.get("for_everybody", ""))


def _part(person: Person, uses: str) -> str:
    """Return the part of the name that is used; "" where that is the whole name, or they did not tell it."""
    if uses in FAMILY_USES:
        return person.family_name
    return person.given_name if uses in GIVEN_USES else ""


def _joined(honour: str, title: str, name: str, frames: Mapping[str, Any]) -> str:
    """Return the name with what stands before or behind it; behind, a title stands instead of the honorific."""
    if frames.get("behind"):
        behind = title or honour
        return f"{name}{frames.get('between', '')}{behind}" if behind else name
    return " ".join(filter(None, (honour, title, name)))


def _fits(fallback: str, person: Person) -> bool:
    """Whether what is usual there without a gender names the person, and says one thing only."""
    has_part = bool(person.given_name) or "{first_name}" not in fallback
    return "{" in fallback and "/" not in fallback and "(" not in fallback and has_part


def _fallen_back(fallback: str, person: Person, whole: str, frames: Mapping[str, Any]) -> str:
    said = _filled(
        fallback,
        full_name=whole,
        first_name=person.given_name or whole,
        surname=person.family_name or whole,
    )
    return said if said.endswith(ENDS) else said + str(frames["nameless"])[-1]


def _whole(person: Person, language: str, profile: Profile, *, is_own: bool) -> str:
    """Return the whole name: of its parts where both are known, else as they write it themselves."""
    if not (person.given_name and person.family_name):
        return (
            person.full_name
            if _is_name(person.full_name)
            else person.given_name or person.family_name
        )
    order = profile.value("address.name_order") if is_own else None
    first = (
        order == "family_given" if order else base_of(language).partition("-")[0] in FAMILY_FIRST
    )
    return written_name(
        person.given_name, person.family_name, language=language, is_family_first=first
    )


def _is_name(text: str) -> bool:
    """Whether this names somebody: what came without a name stands under its address."""
    return bool(text.strip()) and "@" not in text


def _filled(frame: str, **words: str) -> str:
    """Put words into the places of a frame; what a name holds stays as it is."""
    return PLACE.sub(lambda place: words.get(place[1], place[0]), str(frame))


@cache
def _frames(language: str, country: str) -> Mapping[str, Any]:
    """Return how letters begin in a language, as a country has it."""
    table: dict[str, Any] = table_of(language)["salutation"]
    return {**table, **table.get(country, {})}


@cache
def _is_language_of(language: str, country: str) -> bool:
    """Whether the customs of a country are those of this language."""
    return base_of(language) in {
        base_of(one) for one in get_official_languages(country, de_facto=True)
    }
