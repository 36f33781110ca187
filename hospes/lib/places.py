"""Places for work that waits for others: few at once, and nobody queues behind what is stuck."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

PATIENCE_SECONDS = 2.0  # for a place; whoever holds one for longer is stuck


class Places:
    """So many may be in at once, of all threads of a process."""

    def __init__(self, count: int) -> None:
        self._free = threading.BoundedSemaphore(count)
        self._lock = threading.Lock()
        self._taken_at: dict[object, float] = {}

    @contextmanager
    def taken(self, *, wanted: bool = True) -> Iterator[bool]:
        """Whether a place is ours until the block is left; waits for one only where they are not stuck."""
        is_ours = wanted and (
            self._free.acquire(blocking=False)
            or (not self._are_stuck() and self._free.acquire(timeout=PATIENCE_SECONDS))
        )
        us = object()
        if is_ours:
            with self._lock:
                self._taken_at[us] = time.monotonic()
        try:
            yield is_ours
        finally:
            if is_ours:
                with self._lock:
                    del self._taken_at[us]
                self._free.release()

    def _are_stuck(self) -> bool:
        with self._lock:
            latest = max(self._taken_at.values(), default=time.monotonic())
        return time.monotonic() - latest > PATIENCE_SECONDS
