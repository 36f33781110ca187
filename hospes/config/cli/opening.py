"""Finding the running desk, and saying in one line what is in the way."""

from __future__ import annotations

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
    if now is not None:
        os.environ.setdefault("HOSPES_PORT", str(now.port))  # links name the port it really has
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
    refusal = sys.modules.get("hospes.lib.refusal")
    if refusal is not None and isinstance(error, refusal.Refused):
        return str(error)
    database = sys.modules.get("django.db")
    if database is not None and isinstance(error, database.OperationalError):
        reason = str(error).strip().splitlines()
        return f"The database does not answer: {reason[-1] if reason else 'no reason was given'}"
    if isinstance(error, PermissionError):
        return f"{error.filename}: this account may not do that. Use the one that runs Hospes, or root."
    return None
