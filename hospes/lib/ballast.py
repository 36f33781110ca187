"""A file that is given up when the disk is full, so that the database can start again and write its log."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

PART_OF_FREE = 4  # nobody's disk is filled for it: what is free is a few times as much


@dataclass(frozen=True)
class Ballast:
    path: Path
    size_bytes: int

    @property
    def is_kept(self) -> bool:
        return self._size() == self.size_bytes

    def keep(self) -> None:
        """Have it lie there, as long as there is room enough."""
        with suppress(OSError):
            if self.is_kept:
                return
            if shutil.disk_usage(self.path.parent).free < self.size_bytes * PART_OF_FREE:
                return
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT, 0o600)
            try:
                os.ftruncate(descriptor, 0)  # it may have been larger
                os.posix_fallocate(descriptor, 0, self.size_bytes)
            finally:
                os.close(descriptor)

    def give_up(self) -> bool:
        """Give its space to whoever needs it; whether there was any."""
        had = self._size()
        with suppress(OSError):
            self.path.unlink(missing_ok=True)
        return had > 0

    def _size(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0
