"""Pictures that mails name elsewhere: fetched by us when somebody wants to see them, and kept for a while.

Whoever put them there learns that somebody looked, and nothing else: not who, not where from, not with what. What is
kept lies in `pictures` in the data folder, by the hash of its address; it is no part of a backup, and may be thrown
away at any time.
"""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings

from hospes.files.raster import Picture, picture_in
from hospes.lib import egress

KINDS = "image/png,image/jpeg,image/gif,image/webp"
MAX_BYTES = 5 * 2**20  # of one, with all that is answered on the way to it
SECONDS = 10.0  # for one, with all hops
KEPT_FOR = timedelta(days=7)
MAX_KEPT_BYTES = 200 * 2**20


class NotToBeHad(Exception):
    """There is no picture, or not one that we show; the text says why, for logs."""


def kept(url: str, *, at: datetime) -> Picture | None:
    """Return the picture from what was fetched before; None when it was not, or too long ago."""
    path = _path_of(url)
    try:
        if path.stat().st_mtime < (at - KEPT_FOR).timestamp():
            return None
        return picture_in(path.read_bytes())
    except FileNotFoundError:
        return None


def fetch(url: str, *, at: datetime) -> Picture:
    """Fetch the picture and keep it. Takes up to ten seconds. Raises NotToBeHad."""
    try:
        body = egress.fetch(
            url,
            allowed=settings.PICTURE_NETWORKS,
            accept=KINDS,
            most_bytes=MAX_BYTES,
            seconds=SECONDS,
        )
    except egress.NoAnswer as error:
        raise NotToBeHad(str(error)) from error
    picture = picture_in(body)
    if picture is None:
        raise NotToBeHad("It is no picture, or not of a kind and size that is shown.")
    with suppress(OSError):  # a full disk keeps nobody from looking
        _keep(url, picture.content, at=at)
    return picture


def forget_old(*, at: datetime) -> None:
    """Delete what was kept long enough, and the oldest of what is too much."""
    found = sorted(_entries(), reverse=True)  # newest first
    total = 0
    for kept_at, size_bytes, path in found:
        total += size_bytes
        if total > MAX_KEPT_BYTES or kept_at < (at - KEPT_FOR).timestamp():
            path.unlink(missing_ok=True)


def _entries() -> list[tuple[float, int, Path]]:
    found = []
    with suppress(FileNotFoundError), os.scandir(_folder()) as entries:
        for entry in entries:
            with suppress(FileNotFoundError):
                state = entry.stat()
                found.append((state.st_mtime, state.st_size, Path(entry.path)))
    return found


def _keep(url: str, content: bytes, *, at: datetime) -> None:
    path = _path_of(url)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    made = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        os.utime(made, (at.timestamp(), at.timestamp()))
        made.rename(path)
    except OSError:
        made.unlink(missing_ok=True)
        raise
    forget_old(at=at)


def _folder() -> Path:
    return Path(settings.DATA_DIR) / "pictures"


def _path_of(url: str) -> Path:
    return _folder() / hashlib.sha256(url.encode("utf-8", "surrogatepass")).hexdigest()
