"""Finding the running desk, and saying in one line what is in the way."""

from __future__ import annotations

import errno
import os
import sys


class NotRunning(Exception):
    """No desk of this data folder is running."""


def desk() -> None:
    """Set Django up for the running desk of HOSPES_DATA_DIR.

    Raises NotRunning when its database is not there, and WrongSetting.
    """
    from hospes.config import env, serving
    from hospes.lib import embedded_postgres

    data_dir = env.data_dir()
    if not env.text("DATABASE_URL") and not embedded_postgres.is_listening(data_dir):
        raise NotRunning(
            f"Hospes is not running here ({data_dir}): start it with `hospes serve`,"
            " or name another folder with --data-dir."
        )
    now = serving.read(data_dir)
    if now is not None and now.port:  # links name the address it really has
        os.environ.setdefault("HOSPES_PORT", str(now.port))
        env.running_at = now.url
    os.environ.setdefault("HOSPES_LOG_LEVEL", "WARNING")
    import django

    django.setup()


def say_why(error: Exception) -> str | None:
    """Return the one line that tells a person what is wrong; None for what nobody expected."""
    from hospes.config.env import WrongSetting
    from hospes.config.serving import AlreadyServing
    from hospes.lib.embedded_postgres import CannotStart

    if isinstance(error, WrongSetting | NotRunning | CannotStart | AlreadyServing):
        return str(error)
    # Only what is loaded already can have been raised.
    archive = sys.modules.get("hospes.config.backup.archive")
    if archive is not None and isinstance(error, archive.NoBackup):
        return str(error)
    refusal = sys.modules.get("hospes.lib.refusal")
    if refusal is not None and isinstance(error, refusal.Refused):
        return str(error)
    of_the_database = _why_the_database(error)
    if of_the_database is not None:
        return of_the_database
    if isinstance(error, FileNotFoundError) and error.filename:
        return f"{error.filename}: there is no such file or folder."
    if isinstance(error, PermissionError):
        return f"{error.filename}: this account may not do that. Use the one that runs Hospes, or root."
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"{error.filename or 'The disk'}: there is no space left."
    return None


def _why_the_database(error: Exception) -> str | None:
    """Return what the database has against it, if it is that: away, or not yet of this release."""
    drivers = (sys.modules.get("django.db"), sys.modules.get("psycopg"))
    if any(driver and isinstance(error, driver.OperationalError) for driver in drivers):
        reason = str(error).strip().splitlines()
        return f"The database does not answer: {reason[0] if reason else 'no reason was given'}"
    errors = sys.modules.get("psycopg.errors")
    missing = (errors.UndefinedTable, errors.UndefinedColumn) if errors else ()
    if isinstance(error.__cause__, missing):
        return (
            "The database is not as this release wants it: `hospes serve` prepares it when it starts."
            " If it is starting, wait until it says that it is running."
        )
    return None
