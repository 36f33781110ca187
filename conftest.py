"""What every test may ask for."""

from __future__ import annotations

import pytest

from tests import cast as cast_


@pytest.fixture
def cast(db: None) -> cast_.Cast:
    """The named cast on stage (`tests/cast.py`)."""
    return cast_.gather()
