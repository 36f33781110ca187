"""The database of a test run: one server for all processes, gone with the run.

The server is the embedded one; HOSPES_TEST_POSTGRES=system runs the PostgreSQL installed on the system in its
place, and HOSPES_TEST_DATABASE_URL names a server that runs already (with a superuser of its own).
"""

from __future__ import annotations

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from hospes.lib.embedded_postgres.programs import Programs, on_system
from hospes.lib.embedded_postgres.server import Server

# Pages need their static files and translations, as after `hospes serve`.
BUILD = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "hospes.config.settings"
import django; django.setup()
from hospes.config.preparing import build_files; build_files()
"""

# What is lost in a crash of the machine does not matter here.
TUNING = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


def _start() -> None:
    """Give the run an installation of its own, before Django reads its settings."""
    folder = Path(tempfile.mkdtemp(prefix="hospes-run-"))
    folder.chmod(0o755)
    for name in [name for name in os.environ if name.startswith("HOSPES_")]:
        if not name.startswith(("HOSPES_TEST_", "HOSPES_FAULT_", "HOSPES_C")):  # corpora, Chromium
            del os.environ[name]
    os.environ["HOSPES_DATA_DIR"] = str(folder / "desk")
    os.environ["HOSPES_LOG_LEVEL"] = "CRITICAL"
    subprocess.run([sys.executable, "-c", BUILD], check=True)
    given = os.environ.get("HOSPES_TEST_DATABASE_URL")
    if given:
        os.environ["HOSPES_DATABASE_URL"] = given
        atexit.register(shutil.rmtree, folder, ignore_errors=True)
        return
    server = Server(folder / "desk", programs=_programs(), tuning=TUNING)
    server.start()
    server.wait_until_ready()
    atexit.register(_end, server, folder)


def _programs() -> Programs | None:
    """Return the programs that were asked for; None: those that Hospes brings along."""
    if os.environ.get("HOSPES_TEST_POSTGRES") != "system":
        return None
    installed = on_system()
    if not installed:
        sys.exit("HOSPES_TEST_POSTGRES=system: none is installed (apt-get install postgresql).")
    return installed[0]


def _end(server: Server, folder: Path) -> None:
    server.stop()
    for link in (path for path in folder.rglob("postgres") if path.is_symlink()):
        shutil.rmtree(link.resolve(), ignore_errors=True)
    shutil.rmtree(folder, ignore_errors=True)


if "PYTEST_XDIST_WORKER" not in os.environ:
    _start()
