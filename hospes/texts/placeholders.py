"""The places of a text that are filled for each reader: {first_name}, or {first_name|there} where nobody told it.

What stands in {? ...} is for the agent to write; what stands in two braces is no place, but said so. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# Each place, and what stands there; `filling` of the workspace makes the values, each as its reader writes it.
PLACEHOLDERS: dict[str, str | Promise] = {
    "salutation": _("the salutation, as the customer is addressed"),
    "closing": _("the closing, with the name of whoever writes"),
    "first_name": _("the customer’s first name"),
    "last_name": _("the customer’s last name"),
    "name": _("the customer’s whole name"),
    "reference": _("the reference of the conversation"),
    "subject": _("the subject of the conversation"),
    "agent": _("the name of whoever writes"),
    "brand": _("the name of the brand"),
    "today": _("today’s date, where the customer is"),
    "tomorrow": _("tomorrow’s date, where the customer is"),
    "answer_by": _("when the customer will hear from us, by what is owed"),
    "phone": _("the customer’s phone number"),
    "address": _("the customer’s postal address"),
}
PLACE = re.compile(
    r"(?<!\{)\{\s*(?:(?P<name>[a-z_]{1,40})\s*(?:\|(?P<instead>[^{}\n]{0,200}))?|\?(?P<blank>[^{}\n]{0,200}))\}"
)
BRACED = re.compile(r"(?<!\{)\{(?!\{)[^{}\n]{0,200}\}?")


@dataclass(frozen=True, slots=True)
class Filled:
    """A text as one reader gets it. missing: the places that nobody told what to fill with, and left as they are."""

    text: str
    missing: tuple[str, ...]


def fill(text: str, values: Mapping[str, str]) -> Filled:
    """Fill the places of a text. values: by the names of PLACEHOLDERS; one that is not known is missing or ""."""
    missing: list[str] = []

    def filled(place: re.Match[str]) -> str:
        value = values.get(place["name"] or "", "")
        if value:
            return value
        if place["instead"] is not None:
            return place["instead"]
        missing.append(place[0])
        return place[0]

    return Filled(PLACE.sub(filled, text), tuple(dict.fromkeys(missing)))


def named_in(text: str) -> frozenset[str]:
    """The names of the places in a text."""
    return frozenset(place["name"] for place in PLACE.finditer(text) if place["name"])


def unknown_in(text: str) -> Sequence[str]:
    """What stands in braces and is no place that anybody fills, as it stands."""
    wrong = [
        braced[0]
        for braced in BRACED.finditer(text)
        if not (place := PLACE.fullmatch(braced[0]))
        or (place["name"] and place["name"] not in PLACEHOLDERS)
    ]
    return list(dict.fromkeys(wrong))


def left_in(text: str) -> Sequence[str]:
    """The places that nobody filled: a letter with one of them must not leave."""
    found = [
        place[0]
        for place in PLACE.finditer(text)
        if place["blank"] is not None or place["name"] in PLACEHOLDERS
    ]
    return list(dict.fromkeys(found))
