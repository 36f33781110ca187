"""Code in a process of its own on the test's database: to be killed there as a power cut would."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence

from django.db import connection
from psycopg.conninfo import make_conninfo

SET_UP = "import django; django.setup();"


def start(
    code: str, *, crash_at: str = "", under: Sequence[str] = (), **environment: str
) -> subprocess.Popen[str]:
    """Run Python with Django set up. The rows it needs must be committed: mark the test transactional.

    crash_at: the named point at which the process ends (`hospes/lib/crash_points.py`).
    under: the beginning of a command that runs others.
    """
    asked = connection.settings_dict
    url = make_conninfo(
        dbname=asked["NAME"],
        user=asked["USER"],
        password=asked["PASSWORD"],
        host=asked["HOST"],
        port=asked["PORT"],
    )
    given = {
        **os.environ,
        "HOSPES_DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "hospes.config.settings",
        "CRASH_AT": crash_at,
        **environment,
    }
    return subprocess.Popen(
        [*under, sys.executable, "-c", SET_UP + code],
        env=given,
        stdout=subprocess.PIPE,
        text=True,
    )


def run(code: str, *, crash_at: str = "", **environment: str) -> int:
    """Run it to its end and return how it ended: -9 when it was killed."""
    process = start(code, crash_at=crash_at, **environment)
    process.communicate(timeout=60)
    return process.returncode
