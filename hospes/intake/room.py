"""Whether the disk has room for mail: we stop to take it before the database runs out of space."""

from __future__ import annotations

import shutil

from django.conf import settings


def is_short() -> bool:
    """Whether less is free than the operator keeps back (HOSPES_DISK_RESERVE_PERCENT)."""
    usage = shutil.disk_usage(settings.DATA_DIR)
    return usage.free * 100 < usage.total * settings.DISK_RESERVE_PERCENT
