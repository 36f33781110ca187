from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from hospes.config.cli.moments import read_moment
from tests.cast import NOON  # a Thursday

LJUBLJANA = ZoneInfo("Europe/Ljubljana")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2h", datetime(2026, 11, 19, 14, tzinfo=UTC)),
        ("in 30 minutes", datetime(2026, 11, 19, 12, 30, tzinfo=UTC)),
        ("3 days", datetime(2026, 11, 22, 12, tzinfo=UTC)),
        ("1w", datetime(2026, 11, 26, 12, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("Monday", datetime(2026, 11, 23, 8, tzinfo=UTC)),
        ("thursday", datetime(2026, 11, 26, 8, tzinfo=UTC)),
        ("2026-12-01", datetime(2026, 12, 1, 8, tzinfo=UTC)),
        ("2026-12-01T10:30", datetime(2026, 12, 1, 9, 30, tzinfo=UTC)),
        ("2026-12-01T10:30Z", datetime(2026, 12, 1, 10, 30, tzinfo=UTC)),
    ],
)
def test_a_moment_means_what_it_means_on_the_clock_of_who_says_it(
    said: str, meant: datetime
) -> None:
    assert read_moment(said, now=NOON, zone=LJUBLJANA) == meant


@pytest.mark.parametrize("said", ["", "soon", "2026-13-01", "2x", "-3d", "yesterday"])
def test_what_is_no_moment_is_refused_with_what_would_do(said: str) -> None:
    with pytest.raises(ValueError, match="give a moment such as tomorrow"):
        read_moment(said, now=NOON, zone=LJUBLJANA)
