"""Named points at which a test may end the process as a power cut would.

`CRASH_AT=sending.after_dot:2` kills the process the second time it comes by. Without the variable
a point costs one comparison.
"""

from __future__ import annotations

import os
import signal
from collections import Counter

_NAME, _, _COUNT = os.environ.get("CRASH_AT", "").partition(":")
_passed: Counter[str] = Counter()


def crash_here(name: str) -> None:
    """End this process without any clean-up when `CRASH_AT` asks for it here."""
    if name != _NAME:
        return
    _passed[name] += 1
    if _passed[name] == int(_COUNT or 1):
        os.kill(os.getpid(), signal.SIGKILL)
