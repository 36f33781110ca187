"""The kinds of values in bodies and answers, and how each is checked."""

from __future__ import annotations

import base64
import binascii
import re
from datetime import UTC, datetime
from typing import Annotated, Any

from django.utils.dateparse import parse_datetime
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from hospes.people.finding import MIN_CHARS, is_findable

MAX_ID = 2**63 - 1
MARKET = "ISO 3166-1 alpha-2, or ISO 3166-2 of a part of a country: `JP`, `US-CA`"
RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


class Given(BaseModel):
    """A body: a field nobody knows is an error that names it."""

    model_config = ConfigDict(extra="forbid")


class Told(BaseModel):
    """An answer: every field is always there, null where nothing is known."""

    model_config = ConfigDict(frozen=True)


def _writable(text: str) -> str:
    """Refuse what neither the database nor a mail can hold: NUL and half of a sign."""
    if "\0" in text or any("\ud800" <= sign <= "\udfff" for sign in text):
        raise PydanticCustomError("unwritable", "cannot be kept")
    return text


def _one_line(text: str) -> str:
    return " ".join(_writable(text).split())


def _findable(text: str) -> str:
    if not is_findable(text):
        raise PydanticCustomError("string_too_short", "too short", {"min_length": MIN_CHARS})
    return text


def _moment(given: Any) -> datetime:
    if not isinstance(given, str) or not RFC_3339.fullmatch(given):
        raise PydanticCustomError("moment", "no moment")
    try:
        found = parse_datetime(given.upper().replace(" ", "T"))
        assert found is not None
        return found.astimezone(UTC)
    except (ValueError, AssertionError, OverflowError) as error:
        raise PydanticCustomError("moment", "no moment") from error


def _base64(given: Any) -> bytes:
    try:
        return base64.b64decode(given, validate=True)
    except (binascii.Error, ValueError, TypeError) as error:
        raise PydanticCustomError("base64", "no base64") from error


Text = Annotated[str, Field(max_length=100_000), AfterValidator(_writable)]
Line = Annotated[str, Field(max_length=200), AfterValidator(_one_line)]
Part = Annotated[Line, AfterValidator(_findable)]
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
Moment = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-11-24T09:00:00Z"]}),
]
Content = Annotated[
    bytes,
    BeforeValidator(_base64),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "examples": ["SGVsbG8="]}),
]
# What we tell: RFC 3339 in UTC.
Instant = Annotated[
    datetime,
    PlainSerializer(
        lambda at: at.astimezone(UTC).isoformat().replace("+00:00", "Z"), return_type=str
    ),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
