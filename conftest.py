"""What every test may ask for."""

from __future__ import annotations

import pytest

from tests import cast as cast_


@pytest.hookimpl(trylast=True)
def pytest_sessionstart(session: pytest.Session) -> None:
    """Build what pages are made of, once for all processes of a run, as `hospes serve` does."""
    if not hasattr(session.config, "workerinput"):
        from hospes.config.preparing import build_files

        build_files()


@pytest.fixture
def cast(db: None) -> cast_.Cast:
    """The named cast on stage (`tests/cast.py`)."""
    return cast_.gather()
