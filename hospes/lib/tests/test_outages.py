"""What waiting helps against, and what it does not."""

from __future__ import annotations

import errno

import psycopg
import pytest
from django.db import DataError, OperationalError

from hospes.lib.outages import is_outage

ERRORS = [
    (OSError(errno.ENOSPC, "No space left on device"), True),
    (TimeoutError(), True),
    (FileNotFoundError(), False),
    (ValueError("no such word"), False),
    (KeyError("subject"), False),
]
STATES: list[tuple[type[psycopg.Error], bool]] = [
    (psycopg.errors.ConnectionFailure, True),
    (psycopg.errors.DeadlockDetected, True),
    (psycopg.errors.DiskFull, True),
    (psycopg.errors.LockNotAvailable, True),
    (psycopg.errors.AdminShutdown, True),
    (psycopg.errors.QueryCanceled, False),  # too slow, and so it will be again
    (psycopg.errors.UniqueViolation, False),
    (psycopg.errors.CharacterNotInRepertoire, False),
]


@pytest.mark.parametrize(("error", "is_one"), ERRORS, ids=repr)
def test_an_outage_is_told_from_a_failure(error: Exception, is_one: bool) -> None:
    assert is_outage(error) is is_one


@pytest.mark.parametrize(("state", "is_one"), STATES)
def test_it_is_told_by_what_the_database_said_first(
    state: type[psycopg.Error], is_one: bool
) -> None:
    error = (OperationalError if is_one else DataError)("as Django tells it")
    error.__cause__ = state()
    assert is_outage(state()) is is_one
    assert is_outage(error) is is_one
