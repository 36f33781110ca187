"""What a value of a key has to look like. Pure but for the words of a refusal."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused
from hospes.markets.keys import KEYS, Key, Type
from hospes.markets.outdoing import minutes
from hospes.markets.seasons import SEASONS, is_rule
from hospes.markets.shipped import frozen
from hospes.markets.wall_clock import WEEKDAYS

CHANNELS = ("phone_wait", "chat", "messaging", "social", "sms", "email", "web_form")
OPENINGS = ("mon_fri", "sun_thu", *WEEKDAYS)
MAX_CHARS = 1000
_CLOCK = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d|24:00")


class WrongValue(Refused):
    """The value is not what its key asks for; the text says what it asks for."""

    def __init__(self, key: Key, reason: str | Promise) -> None:
        super().__init__(reason, code="wrong_value")
        self.key = key


def checked(key: str, value: Any) -> Any:
    """Return the value as facts hold it: sequences as tuples, tables read-only.

    Raises WrongValue for a wrong type, an enum that is not allowed, a number below zero, a time that is none.
    """
    about = KEYS[key]
    _CHECKS[about.type](about, value)
    return frozen(value)


def _text(key: Key, value: Any) -> None:
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_CHARS:
        raise WrongValue(key, _("Write a text of at most 1000 characters."))


def _texts(key: Key, value: Any) -> None:
    if not isinstance(value, list | tuple) or not value:
        raise WrongValue(key, _("Write one or more, each on a line of its own."))
    for each in value:
        _text(key, each)


def _choice(key: Key, value: Any) -> None:
    if not isinstance(value, str) or value not in key.choices:
        raise WrongValue(
            key, _("Choose one of these: %(choices)s.") % {"choices": ", ".join(key.choices)}
        )


def _choices(key: Key, value: Any) -> None:
    _texts(key, value)
    for each in value:
        _choice(key, each)


def _whole(key: Key, value: Any) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise WrongValue(key, _("Write a whole number, such as 14."))


def _number(key: Key, value: Any) -> None:
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 <= value <= 100_000:
        raise WrongValue(key, _("Write a number, such as 22 or 8.1."))


def _yes_or_no(key: Key, value: Any) -> None:
    if not isinstance(value, bool):
        raise WrongValue(key, _("Choose yes or no."))


def _table(key: Key, value: Any) -> None:
    if not isinstance(value, Mapping) or not value:
        raise WrongValue(key, _("Something is missing."))
    SHAPES[key.name](key, value)


def _tables(key: Key, value: Any) -> None:
    is_list = isinstance(value, list | tuple)
    if not is_list or not value or not all(isinstance(each, Mapping) for each in value):
        raise WrongValue(key, _("Something is missing."))
    for each in value:
        SHAPES[key.name](key, each)


def _honorifics(key: Key, value: Mapping[str, Any]) -> None:
    texts = [value.get(name) for name in ("male", "female", "neutral")]
    known = set(value) <= {"male", "female", "neutral", "position"}
    if not known or value.get("position") not in {"before", "after"}:
        raise WrongValue(key, _("Say whether it stands before or after the name."))
    if not all(isinstance(text, str) and len(text) <= 60 for text in texts):
        raise WrongValue(key, _("Something is missing."))


def _by_channel(key: Key, value: Mapping[str, Any]) -> None:
    if not set(value) <= set(CHANNELS):
        raise WrongValue(key, _("Name only channels that there are."))
    for each in value.values():
        _whole(key, each)


def _openings(key: Key, value: Mapping[str, Any]) -> None:
    if not set(value) <= set(OPENINGS):
        raise WrongValue(key, _("Name only days that there are."))
    for times in value.values():
        if not isinstance(times, list | tuple) or len(times) % 2:
            raise WrongValue(
                key, _("Give each opening a beginning and an end, such as 09:00-18:00.")
            )
        ends = [_clock(key, each) for each in times]
        if ends != sorted(set(ends)):
            raise WrongValue(key, _("The hours of a day must follow each other."))


def _window(key: Key, value: Mapping[str, Any]) -> None:
    days = value.get("days")
    if set(value) != {"days", "from", "to"} or not days or not set(days) <= set(WEEKDAYS):
        raise WrongValue(key, _("Name only days that there are."))
    if _clock(key, value["from"]) >= _clock(key, value["to"]):
        raise WrongValue(key, _("The hours of a day must follow each other."))


def _clock(key: Key, value: Any) -> int:
    """Return the minute of the day."""
    if not isinstance(value, str) or not _CLOCK.fullmatch(value):
        raise WrongValue(key, _("Write times as 09:00."))
    return minutes(value)


def _amount(key: Key, value: Mapping[str, Any]) -> None:
    if set(value) != {"amount", "currency"}:
        raise WrongValue(key, _("Something is missing."))
    if not re.fullmatch("[A-Z]{3}", str(value["currency"])):
        raise WrongValue(key, _("Write the currency as three letters, such as EUR."))
    if not isinstance(value["amount"], int | float) or not 0 <= value["amount"] <= 10**9:
        raise WrongValue(key, _("Write a number, such as 22 or 8.1."))


def _season(key: Key, value: Mapping[str, Any]) -> None:
    for name in ("event", "effect", "when"):
        _text(key, value.get(name))
    for rule in value.get("rules", ()):
        if not is_rule(rule):
            raise WrongValue(key, _("Write days as 12-24."))


SHAPES: Mapping[str, Callable[[Key, Mapping[str, Any]], None]] = {
    "address.honorifics": _honorifics,
    "response.first_reply_minutes": _by_channel,
    "response.business_hours": _openings,
    SEASONS: _season,
    "marketing.call_windows": _window,
    "marketing.message_windows": _window,
    "customs.duty_de_minimis": _amount,
    "customs.tax_de_minimis": _amount,
}

_CHECKS: Mapping[Type, Callable[[Key, Any], None]] = {
    Type.STR: _text,
    Type.STRS: _texts,
    Type.ENUM: _choice,
    Type.ENUMS: _choices,
    Type.INT: _whole,
    Type.NUM: _number,
    Type.BOOL: _yes_or_no,
    Type.TABLE: _table,
    Type.TABLES: _tables,
}
