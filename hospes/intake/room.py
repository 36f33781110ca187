"""Whether the disk has room for mail: we stop to take it before the database runs out of space."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from hospes.lib import embedded_postgres


def is_short() -> bool:
    """Whether less is free than the operator keeps back (HOSPES_DISK_RESERVE_PERCENT), wherever mail is written to.

    Files have a place of their own at some: without room there, the words of a mail come in all the same.
    """
    return any(_is_short(place) for place in _places())


def _places() -> Iterator[Path]:
    """Yield the folders that may lie on disks of their own."""
    yield Path(settings.DATA_DIR)
    cluster = embedded_postgres.home(Path(settings.DATA_DIR)) / "data"
    yield from (cluster, cluster / "pg_wal")


def _is_short(place: Path) -> bool:
    with suppress(OSError):  # it is not there, or another account's
        usage = shutil.disk_usage(place)
        return usage.free * 100 < usage.total * settings.DISK_RESERVE_PERCENT
    return False
