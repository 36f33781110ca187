"""The ground both stand on: one PostgreSQL server with a database for each, and their programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from hospes.lib.embedded_postgres import socket_dir, url
from hospes.lib.embedded_postgres.server import Server

HERE = Path(__file__).resolve().parent
PROJECT = HERE.parent
FOLDER = HERE / ".peer"  # everything a run makes; may be deleted at any time
DESK = FOLDER / "desk"  # our data folder, whose PostgreSQL serves the peer too
MAILS = FOLDER / "mails"
RESULTS = FOLDER / "results.jsonl"
PEER_PYTHON = FOLDER / "venv" / "bin" / "python"
PEER_PACKAGES = ["django-helpdesk==2.6.1", "gunicorn==27.0.1", "psycopg[binary]", "Faker"]
PEER_DATABASE = "peer"
PEER_STAMP = FOLDER / "venv" / ".ready"


def install_peer() -> None:
    """Put django-helpdesk from PyPI into an environment of its own, once."""
    if PEER_STAMP.exists() and PEER_STAMP.read_text() == " ".join(PEER_PACKAGES):
        return
    print("Installing django-helpdesk ...", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", FOLDER / "venv"], check=True)
    words = ["-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
    subprocess.run([PEER_PYTHON, *words, *PEER_PACKAGES], check=True)
    PEER_STAMP.write_text(" ".join(PEER_PACKAGES))


def peer_environment() -> dict[str, str]:
    return {
        **_bare_environment(),
        "PEER_DB": PEER_DATABASE,
        "PEER_HOST": str(socket_dir(DESK)),
        "PEER_USER": "hospes",
        "PEER_MEDIA": str(FOLDER / "media"),
        "DJANGO_SETTINGS_MODULE": "settings",
        "PYTHONPATH": str(HERE / "peer"),
    }


def desk_environment(**more: str) -> dict[str, str]:
    return {
        **_bare_environment(),
        "HOSPES_DATA_DIR": str(DESK),
        "HOSPES_HOST": "127.0.0.1",
        "HOSPES_LOG_LEVEL": "WARNING",
        "DJANGO_SETTINGS_MODULE": "hospes.config.settings",
        "PYTHONPATH": str(PROJECT),
        **more,
    }


def _bare_environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("HOSPES_", "DJANGO_"))}


class Ground:
    """The running PostgreSQL server."""

    def __init__(self, *, with_peer: bool = True) -> None:
        self.with_peer = with_peer
        self.server = Server(DESK, tuning={"log_line_prefix": "%m [%d] "})

    def start(self) -> None:
        self.server.start()
        self.server.wait_until_ready()

    def stop(self) -> None:
        self.server.stop(seconds=20)

    @property
    def postmaster(self) -> int:
        assert self.server.process is not None
        return self.server.process.pid

    @contextmanager
    def connection(self, database: str = "hospes") -> Iterator[psycopg.Connection[Any]]:
        with psycopg.connect(url(DESK, database=database), autocommit=True) as connection:
            yield connection

    def make_databases(self) -> None:
        """Begin with two empty databases."""
        with self.connection("postgres") as connection:
            for name in ("hospes", PEER_DATABASE):
                connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                connection.execute(f"CREATE DATABASE {name}")
        shutil.rmtree(DESK / "files", ignore_errors=True)
        if self.with_peer:
            run_peer("manage", "migrate", "-v", "0")
        run_desk("fill.py", "0")

    def settle(self) -> None:
        """Let what a load leaves behind be done before anything is measured."""
        for name in ("hospes", PEER_DATABASE) if self.with_peer else ("hospes",):
            with self.connection(name) as connection:
                connection.execute("VACUUM ANALYZE")
        with self.connection() as connection:
            connection.execute("CHECKPOINT")

    @contextmanager
    def counting(self, database: str) -> Iterator[list[str]]:
        """Gather the statements that reach one database, as its server's log tells them."""
        log = self.server.cluster.log
        found: list[str] = []
        with self.connection("postgres") as connection:
            connection.execute("ALTER SYSTEM SET log_statement = 'all'")
            connection.execute("SELECT pg_reload_conf()")
            time.sleep(0.3)
            start = log.stat().st_size
            yield found
            time.sleep(0.2)
            said = log.read_bytes()[start:].decode("utf-8", "replace")
            connection.execute("ALTER SYSTEM RESET log_statement")
            connection.execute("SELECT pg_reload_conf()")
        for line in said.splitlines():
            head, is_statement, statement = line.partition("LOG:  ")
            if f"[{database}]" not in head or not is_statement:
                continue
            kind, _, text = statement.partition(": ")
            if kind.startswith(("statement", "execute")) and not _is_frame(text):
                found.append(text)


def _is_frame(statement: str) -> bool:
    words = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ", "SHOW ", "DEALLOCATE")
    # Django asks by `SELECT 1` whether a kept connection lives.
    return statement.strip() == "SELECT 1" or statement.lstrip().upper().startswith(words)


def run_desk(script: str, *words: str) -> str:
    """Run one of `benchmarks/desk/` with our program and return what it printed."""
    return _run([sys.executable, HERE / "desk" / script, *words], desk_environment())


def run_peer(script: str, *words: str) -> str:
    """Run one of `benchmarks/peer/` with the peer's program, or Django's own commands (`manage`)."""
    program = ["-m", "django"] if script == "manage" else [str(HERE / "peer" / script)]
    return _run([PEER_PYTHON, *program, *words], peer_environment())


def _run(words: list[Any], environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        list(map(str, words)), env=dict(environment), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"{words}: {done.stdout}\n{done.stderr}")
    return done.stdout


@contextmanager
def running(
    words: list[Any], environment: Mapping[str, str], *, port: int
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server until the block ends; begins when its port answers."""
    with (FOLDER / "servers.log").open("ab") as log:
        process = subprocess.Popen(
            list(map(str, words)), env=dict(environment), stdout=log, stderr=log
        )
    try:
        _wait_for(port, process)
        yield process
    finally:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to end, and end it when it does not."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if process.poll() is not None:
            raise SystemExit(f"It ended by itself; see {FOLDER / 'servers.log'}.")
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit(f"Nothing answers on port {port}.")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])
