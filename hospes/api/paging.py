"""Pages of a list: a cursor is a sealed word, good for the list it came from and for no other."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, TypeVar

from django.db.models import Model, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext_lazy as _
from ninja import Query

from hospes.api.problems import Problem

Row = TypeVar("Row", bound=Model)

MAX_LIMIT = 200
USUAL_LIMIT = 50
MAC_BYTES = 12
MAX_CURSOR_CHARS = 500

Limit = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many rows a page has at most.")]
Cursor = Annotated[
    str | None,
    Query(
        max_length=MAX_CURSOR_CHARS,
        description="`next_cursor` of the page before, with the same filters.",
    ),
]


def numbered(
    rows: QuerySet[Row], cursor: str | None, *, of: str, limit: int, newest_first: bool = False
) -> tuple[list[Row], str | None]:
    """Return a page of rows in the order of their numbers, with the cursor of the next.

    Raises Problem for what is no cursor of this list.
    """
    after = unseal(cursor, of=of)
    if after:
        rows = rows.filter(pk__lt=int(after)) if newest_first else rows.filter(pk__gt=int(after))
    found = list(rows.order_by("-pk" if newest_first else "pk")[: limit + 1])
    if len(found) <= limit:
        return found, None
    return found[:limit], seal(str(found[limit - 1].pk), of=of)


def seal(place: str | None, *, of: str) -> str | None:
    """Return the place as a word nobody can make but us; None stays None: the last page.

    of: the list with its filters; the word is good for that alone.
    """
    if place is None:
        return None
    return base64.urlsafe_b64encode(_mac(place, of) + place.encode()).decode().rstrip("=")


def unseal(cursor: str | None, *, of: str) -> str | None:
    """Return the place a page begins at. Raises Problem for what we have not sealed for this list."""
    if not cursor:
        return None
    try:
        sealed = base64.b64decode(
            (cursor + "=" * (-len(cursor) % 4)).encode("ascii"), altchars=b"-_", validate=True
        )
        place = sealed[MAC_BYTES:].decode()
    except (binascii.Error, UnicodeError) as error:
        raise _no_cursor() from error
    if not constant_time_compare(sealed[:MAC_BYTES], _mac(place, of)):
        raise _no_cursor()
    return place


def _mac(place: str, of: str) -> bytes:
    return salted_hmac("api.cursor", f"{of}\n{place}", algorithm="sha256").digest()[:MAC_BYTES]


def _no_cursor() -> Problem:
    why = str(_("This cursor does not belong to this list. Begin again without one."))
    error = {"field": "query/cursor", "code": "no_such_cursor", "message": why}
    return Problem(422, why, code="no_such_cursor", errors=[error])
