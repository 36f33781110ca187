"""The database of a desk that does not run, for whoever needs it alone and for a while."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from hospes.config import env, serving
from hospes.lib import embedded_postgres
from hospes.lib.embedded_postgres.server import Server


@contextmanager
def alone(data_dir: Path, *, what: str) -> Iterator[None]:
    """Keep `hospes serve` from starting here meanwhile. Raises AlreadyServing when it runs.

    what: is done, in a word for whoever tries.
    """
    before = serving.read(data_dir)
    descriptor = serving.take(data_dir, serving.Serving(os.getpid(), 0, what))
    try:
        yield
    finally:
        os.ftruncate(descriptor, 0)
        if before is not None:
            serving.write(descriptor, before)
        os.close(descriptor)


@contextmanager
def database(data_dir: Path) -> Iterator[str]:
    """Give the address of the desk's database, started when it is the embedded one.

    Raises CannotStart.
    """
    given = env.text("DATABASE_URL")
    if given:
        yield given
        return
    server = Server(data_dir)
    server.start()
    try:
        server.wait_until_ready()
        yield embedded_postgres.url(data_dir)
    finally:
        server.stop()
