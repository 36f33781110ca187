"""What every test of the API may ask for."""

from __future__ import annotations

import pytest

from hospes.api.tests.stage import Stage, set_stage
from tests.cast import Cast


@pytest.fixture
def stage(cast: Cast) -> Stage:
    """A desk with something behind every address."""
    return set_stage(cast)
