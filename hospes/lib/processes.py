"""What a process may ask of Linux: to end with its parent, and to be called by its part."""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_NAME = 15
ARG_START, ARG_END = 47, 48  # fields of /proc/<pid>/stat, counted from 0
IS_LINUX = sys.platform == "linux"
_libc = ctypes.CDLL(None, use_errno=True)


def end_with_parent(parent: int, number: signal.Signals) -> None:
    """Have the system send us this signal when our parent ends, and end at once if it has already.

    The wish is forgotten when a process changes its user: ask after that.
    """
    if IS_LINUX:
        _libc.prctl(PR_SET_PDEATHSIG, int(number), 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def call_itself(title: str) -> None:
    """Show this process under another name in `ps` and `top`, as far as its first words have room."""
    if not IS_LINUX:
        return
    _libc.prctl(PR_SET_NAME, title.encode()[:15], 0, 0, 0)
    fields = Path("/proc/self/stat").read_text(encoding="ascii", errors="replace")
    # The second field is a name in brackets that may hold anything.
    numbers = fields.rpartition(")")[2].split()
    start, end = int(numbers[ARG_START - 2]), int(numbers[ARG_END - 2])
    if 0 < start < end:  # 0 where the system does not tell
        # The words the process was started with lie in its own memory; Python has copied them.
        ctypes.memset(start, 0, end - start)
        ctypes.memmove(start, title.encode(), min(len(title.encode()), end - start - 1))
