"""Where a page of a list or a timeline ends: a moment and a number, as one opaque word."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime


def make_cursor(at: datetime, *numbers: int) -> str:
    """Return the place as a word that can stand in a URL."""
    text = ".".join([at.isoformat(), *map(str, numbers)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read_cursor(cursor: str, *, numbers: int = 1) -> tuple[datetime, list[int]]:
    """Return the moment and the numbers. Raises ValueError for what is no cursor of ours."""
    try:
        text = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, UnicodeError) as error:
        raise ValueError(f"not a cursor: {cursor!r}") from error
    moment, *rest = text.rsplit(".", numbers)
    at = datetime.fromisoformat(moment)
    if at.tzinfo is None or len(rest) != numbers:
        raise ValueError(f"not a cursor: {cursor!r}")
    return at, [int(number) for number in rest]
