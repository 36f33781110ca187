"""What every test may ask for."""

from __future__ import annotations

import shutil
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.test import TransactionTestCase

from tests import cast as cast_

# What waits long for processes and servers goes first, so that no run ends with one process waiting alone.
WAITING = ("tests/faults/", "tests/journeys/", "tests/")
# Rooms whose SQL leans on the server: their tests run on every PostgreSQL we support.
ROOMS_OF_SQL = tuple(f"hospes/{room}/" for room in ("intake", "search", "events", "conversations"))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Generator[None]:
    """Mark what those rooms ask of the database, so that nobody has to think of it, and sort by turns."""
    for item in items:
        asks = "db" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db")
        if asks and item.nodeid.startswith(ROOMS_OF_SQL):
            item.add_marker("database")
    yield
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    places = [place for place, start in enumerate(WAITING) if item.nodeid.startswith(start)]
    return places[0] if places else len(WAITING)


@pytest.fixture(autouse=True)
def _no_database_stays(request: pytest.FixtureRequest) -> Iterator[None]:
    """Of a desk that a test had in its own folder nothing is left elsewhere."""
    if "tmp_path" not in request.fixturenames:
        yield
        return
    folder = request.getfixturevalue("tmp_path")
    yield
    _remove_databases_of(folder)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """The same for the desks that several tests shared."""
    factory = getattr(session.config, "_tmp_path_factory", None)
    if factory is not None and factory._basetemp is not None:
        _remove_databases_of(factory._basetemp)


def _remove_databases_of(folder: Path) -> None:
    """Remove databases that lie outside: started by root they run as an account that may not enter the folders of tests."""
    for depth in ("postgres", "*/postgres", "*/*/postgres"):
        for link in folder.glob(depth):
            if link.is_symlink() and link.readlink().name.startswith("hospes-postgres-"):
                shutil.rmtree(link.readlink(), ignore_errors=True)
                link.unlink()


@pytest.fixture
def cast(db: None) -> cast_.Cast:
    """The named cast on stage (`tests/cast.py`)."""
    return cast_.gather()


def _empty_tables(self: TransactionTestCase) -> None:
    """Leave the database as migrations made it, after a test that committed.

    Django cuts every table off and asks every app for its rows anew, which takes half a second.
    """
    kept = {"django_migrations", "django_content_type", "auth_permission"}
    tables = set(connection.introspection.django_table_names(only_existing=True)) - kept
    tables |= {"search_document", "procrastinate_periodic_defers", "procrastinate_events"}
    tables |= {"procrastinate_jobs", "procrastinate_workers"}
    deletions = "; ".join(f'DELETE FROM "{table}"' for table in sorted(tables))
    with connection.cursor() as cursor:
        cursor.execute(f"SET session_replication_role = replica; {deletions}")
        cursor.execute("RESET session_replication_role")


TransactionTestCase._fixture_teardown = _empty_tables  # type: ignore[attr-defined]
