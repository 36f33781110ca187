"""How many requests a token may make: a bucket for each, refilled steadily, in this process' memory.

With several web processes each counts by itself; the bound is then that many times higher, which is enough to
keep one program from crowding out the others.
"""

from __future__ import annotations

import math
import threading
import time
from dataclasses import dataclass

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hospes.api.problems import Problem

BURST_SECONDS = 2
MAX_BUCKETS = 10_000


@dataclass(frozen=True)
class Allowance:
    """What a token may still ask for."""

    limit: int  # requests in a full bucket
    left: int
    full_in_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={BURST_SECONDS}',
            "RateLimit": f'"token";r={self.left};t={self.full_in_seconds}',
        }


class Buckets:
    """One bucket for each token; full at first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._levels: dict[int, tuple[float, float]] = {}  # token id: level, as of

    def take(self, token_id: int, *, per_second: int, now: float) -> tuple[bool, float]:
        """Take one request out; return whether there was one, and the level now."""
        size = float(per_second * BURST_SECONDS)
        with self._lock:
            level, as_of = self._levels.get(token_id, (size, now))
            level = min(size, level + (now - as_of) * per_second)
            is_allowed = level >= 1
            level -= is_allowed
            if len(self._levels) >= MAX_BUCKETS and token_id not in self._levels:
                self._levels.clear()
            self._levels[token_id] = (level, now)
        return is_allowed, level

    def forget(self) -> None:
        with self._lock:
            self._levels.clear()


buckets = Buckets()


def take(token_id: int) -> Allowance:
    """Count one request. Raises Problem (429) when the token has asked too much."""
    per_second = settings.API_REQUESTS_PER_SECOND
    is_allowed, level = buckets.take(token_id, per_second=per_second, now=time.monotonic())
    size = per_second * BURST_SECONDS
    allowance = Allowance(size, int(level), math.ceil((size - level) / per_second))
    if not is_allowed:
        wait = max(1, math.ceil((1 - level) / per_second))
        raise Problem(
            429,
            _("This token may ask %(limit)d times a second. Slow down.") % {"limit": per_second},
            headers={"Retry-After": str(wait), **allowance.headers},
        )
    return allowance
