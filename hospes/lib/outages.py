"""Whether something failed by itself, or because what it stands on was away: only then waiting helps."""

from __future__ import annotations

from collections.abc import Iterator

# Beginnings of SQLSTATE: no connection, in the way of another transaction, no room, ending or starting, no disk.
# (57014, a statement that takes too long, is what was asked.)
AWAY = ("08", "40", "53", "55P03", "57P", "58")


def is_outage(error: BaseException) -> bool:
    """Whether the database, the disk or the network failed, and not what was asked of them."""
    return any(map(_is_away, _chain(error)))


def _is_away(error: BaseException) -> bool:
    if isinstance(error, OSError):
        return not isinstance(error, FileNotFoundError)  # a file that is not there will not come
    sqlstate = getattr(error, "sqlstate", None)
    return isinstance(sqlstate, str) and sqlstate.startswith(AWAY)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """This error and what it was raised from."""
    while error is not None:
        yield error
        error = error.__cause__
