"""Which customers a few typed characters mean.

One sign of Chinese, Japanese or Korean writing is a word, and often a whole name: 林, 李, 김. An index of trigrams
knows nothing that short, so names in these scripts have an index of their single signs besides.
"""

from __future__ import annotations

import re

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.lookups import DataContains
from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.functions import Lower
from django.db.models.lookups import Contains, Regex

from hospes.people.models import SIGN, Identity

MIN_CHARS = 2
MAX_ADDRESSES = 500
DIALLED = re.compile(r"\+?[\d ()./-]{5,}", re.ASCII)


def in_one_line(text: str) -> str:
    """Return what was typed as it is compared: one line of lower case."""
    return " ".join(text.split()).lower()


def is_findable(text: str) -> bool:
    """Whether it is long enough to mean somebody: two characters, or one sign that is a word."""
    wanted = in_one_line(text)
    return len(wanted) >= MIN_CHARS or bool(re.search(SIGN, wanted))


def named(text: str) -> Q:
    """Whose name holds this."""
    wanted = in_one_line(text)
    holds = Q(Contains(Lower("display_name"), Value(wanted)))  # as the index of trigrams has it
    signs = sorted(set(re.findall(SIGN, wanted)))
    if not signs:
        return holds
    return (
        holds
        & Q(Regex(F("display_name"), Value(SIGN)))  # what the index of signs holds at all
        & Q(DataContains(_signs(), Value(signs, output_field=ArrayField(TextField()))))
    )


def reached_by(text: str) -> list[int]:
    """Return customers whose address holds this.

    As a list, so that PostgreSQL can walk two indexes rather than all customers.
    """
    return list(addressed(text).values_list("customer_id", flat=True)[:MAX_ADDRESSES])


def addressed(text: str) -> QuerySet[Identity]:
    """Return the addresses that hold this; none for one sign, which addresses seldom hold.

    A phone number is meant however it is written: without its country code, with a zero before it, with strokes.
    """
    wanted = in_one_line(text)
    if DIALLED.fullmatch(wanted):
        wanted = re.sub(r"\D", "", wanted).lstrip("0")
    if len(wanted) < MIN_CHARS:
        return Identity.objects.none()
    return Identity.objects.filter(value__contains=wanted)


def _signs() -> Func:
    return Func(
        Lower("display_name"),
        Value(None),
        function="string_to_array",
        output_field=ArrayField(TextField()),
    )
