"""Where attachments lie: by SHA-256, written and synced before the row that names them.

A seam of few functions; a later setting may put them elsewhere.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from hospes.lib.refusal import Refused


def root() -> Path:
    return Path(settings.DATA_DIR) / "files"


def path_of(sha256: str) -> Path:
    """Return where the content with this hexadecimal hash lies.

    Raises ValueError for anything that is not such a hash: paths are never built from names.
    """
    if len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
        raise ValueError(f"not a SHA-256: {sha256!r}")
    return root() / sha256[:2] / sha256


def put(content: bytes) -> str:
    """Store the content durably and return its hexadecimal SHA-256; storing it again is free.

    Raises OSError when the disk does not take it.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    path = path_of(sha256)
    _make_folders(path.parent)
    if path.exists():  # whole, since it was renamed after it was synced; its name may not be yet
        _sync_folder(path.parent)
        return sha256
    made = path.with_name(f".{sha256}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        made.rename(path)
    except OSError:
        made.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)
    return sha256


def take(content: bytes) -> str:
    """Store what somebody hands over, as `put` does. Raises Refused when the disk does not take it."""
    try:
        return put(content)
    except OSError as error:
        raise Refused(_("The disk has no room for this file.")) from error


def open_stored(sha256: str) -> BinaryIO:
    """Open the content for reading. Raises FileNotFoundError when it is not here."""
    return path_of(sha256).open("rb")


def _make_folders(folder: Path) -> None:
    for missing in [each for each in (root(), folder) if not each.exists()]:
        missing.mkdir(mode=0o700, parents=True, exist_ok=True)
        _sync_folder(missing.parent)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
