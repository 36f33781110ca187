"""The phrases of one language: greetings, closings, apologies, promises, and the marks of tone in what is written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from hospes.language.detect import canonical
from hospes.language.speaking import CUSTOMER_LANGUAGES

FORMALITIES = ("tv", "honorific", "none")
# Each may have variants: `_informal`, and one for each region that speaks otherwise, such as `_pt`.
TEXTS = (
    "greeting_formal", "greeting_informal", "greeting_unknown", "closing_formal", "closing_informal",
    "empathy", "apology", "promise", "approved", "csat", "nps", "ces",
)  # fmt: skip
PATTERNS = ("commit", "mild", "t_markers", "v_markers")
ABOUT = ("name", "formality", "direction", "note", "csat_ends", "nps_source", "ces_source")
OTHERS = (
    "commit_yes",
    "commit_no",
    "v_markers_case_sensitive",
    "salutation",
    "empathy_source",
    "holding",
)
VARIANT = re.compile("_(informal|spoken|[a-z]{2})")
PLACES = re.compile(r"\{(\w+)\}")
MAY_HOLD = {"title", "surname", "first_name", "full_name", "date", "company", "agent", "case_id"}


class PhrasesWrong(ValueError):
    """A file of phrases does not keep to the schema."""


@dataclass(frozen=True, slots=True)
class Phrases:
    """The phrases of one language."""

    language: str  # BCP 47
    name: str  # in English
    formality: str  # tv: two words for "you"; honorific: politeness is in the whole sentence; none
    note: str
    texts: Mapping[str, str]
    csat_ends: tuple[str, str]  # what 1 and 5 mean
    commit: tuple[re.Pattern[str], ...]  # an agent binds us
    mild: tuple[re.Pattern[str], ...]  # a customer understates
    t_markers: tuple[re.Pattern[str], ...]  # informal address
    v_markers: tuple[re.Pattern[str], ...]  # formal address

    def text(self, name: str, *, region: str = "", informal: bool = False) -> str:
        """Return a phrase as it is said in a region, and to whom: "promise" in "PT" is `promise_pt` where there is one.

        region: ISO 3166-1 alpha-2, "" for none. Raises KeyError for a name that no language has.
        """
        for variant in (f"_{region.lower()}", "_informal" if informal else ""):
            if variant != "_" and name + variant in self.texts:
                return self.texts[name + variant]
        return self.texts[name]


@cache
def phrases_in(language: str) -> Phrases | None:
    """Return the phrases of a language; None when we have none. language: BCP 47; a region is passed over."""
    base = base_of(language)
    return _read(base) if base in CUSTOMER_LANGUAGES else None


def base_of(language: str) -> str:
    """Return what a language is filed under: "pt" for pt-BR, "zh-Hant" for zh-TW."""
    tag = canonical(language) if language else ""
    return tag if tag.startswith("zh") else tag.partition("-")[0]


def table_of(language: str) -> dict[str, Any]:
    """Return the file of a language as it stands. language: one of CUSTOMER_LANGUAGES."""
    text = (files("hospes.language.phrases") / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read(language: str) -> Phrases:
    table = table_of(language)
    texts = {name: text for name, text in table.items() if _is_text(name)}
    _check(language, table, texts)
    low, high = table["csat_ends"]
    v_flags = re.UNICODE if table.get("v_markers_case_sensitive") else re.IGNORECASE
    return Phrases(
        language=language,
        name=table["name"],
        formality=table["formality"],
        note=table.get("note", ""),
        texts=MappingProxyType(texts),
        csat_ends=(low, high),
        commit=_compiled(table["commit"]),
        mild=_compiled(table["mild"]),
        t_markers=_compiled(table["t_markers"]),
        v_markers=_compiled(table["v_markers"], v_flags),
    )


def _is_text(name: str) -> bool:
    return name in TEXTS or any(
        name.startswith(text) and VARIANT.fullmatch(name[len(text) :]) for text in TEXTS
    )


def _check(language: str, table: Mapping[str, Any], texts: Mapping[str, str]) -> None:
    """Raise PhrasesWrong for a name that nobody knows, one that is missing, and a place that nobody fills."""
    unknown = set(table) - set(texts) - {*PATTERNS, *ABOUT, *OTHERS}
    missing = {*TEXTS, *PATTERNS, "name", "formality", "csat_ends"} - set(table)
    places = {place for text in texts.values() for place in PLACES.findall(text)} - MAY_HOLD
    if unknown or missing or places:
        wrong = ", ".join(sorted(unknown | missing | places))
        raise PhrasesWrong(f"{language}: unknown or missing: {wrong}")
    if table["formality"] not in FORMALITIES or len(table["csat_ends"]) != 2:
        raise PhrasesWrong(f"{language}: formality or csat_ends")


def _compiled(
    patterns: list[str], flags: re.RegexFlag = re.IGNORECASE
) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(one, flags) for one in patterns)
