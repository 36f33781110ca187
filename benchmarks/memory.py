"""A whole desk at rest, and from the command to the first page."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from benchmarks import ground, processes
from benchmarks.report import Line, Report

REST_SECONDS = 8
MEMORY_LINE = Line(
    "memory at rest, without PostgreSQL (PSS)", "MiB", "<= 256; 1/2 of the peer's server"
)
START_LINE = Line("`hospes serve` to the first page", "s", "<= 1.5")
STOP_LINE = Line("stop at rest", "s", "<= 10")


@dataclass
class Desk:
    """A running `hospes serve`."""

    process: subprocess.Popen[bytes]
    port: int
    lmtp_port: int
    started_in: float  # seconds to the first page

    def parts(self) -> dict[str, list[int]]:
        """Return the processes of each part, those of PostgreSQL under `postgres`."""
        found: dict[str, list[int]] = {"supervisor": [self.process.pid]}
        for pid in processes.tree(self.process.pid)[1:]:
            name = processes.name_of(pid)
            if name.startswith("postgres"):
                found.setdefault("postgres", []).append(pid)
            elif name.startswith("hospes: "):
                found.setdefault(name.removeprefix("hospes: "), []).append(pid)
            else:
                found.setdefault("parser", []).append(pid)
        return found

    def stop(self) -> float:
        """Ask it to end and return the seconds until it has."""
        start = time.perf_counter()
        self.process.terminate()
        self.process.wait(30)
        return time.perf_counter() - start


@contextmanager
def serving() -> Iterator[Desk]:
    """Run the whole desk on the data that is there, as a person would start it."""
    port, lmtp_port = ground.free_port(), ground.free_port()
    words = [
        sys.executable,
        "-m",
        "hospes",
        "serve",
        "--port",
        str(port),
        "--lmtp-port",
        str(lmtp_port),
        "--smtp-port",
        "0",
    ]
    with (ground.FOLDER / "servers.log").open("ab") as log:
        start = time.perf_counter()
        process = subprocess.Popen(words, env=ground.desk_environment(), stdout=log, stderr=log)
    try:
        _first_page(port, process)
        yield Desk(process, port, lmtp_port, time.perf_counter() - start)
    finally:
        ground.end(process)


def _first_page(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while process.poll() is None and time.monotonic() < end:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=60) as page:
                page.read()
                return
        except ConnectionError:
            time.sleep(0.005)
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionError):
                raise
            time.sleep(0.005)
    raise SystemExit(f"The desk did not start; see {ground.FOLDER / 'servers.log'}.")


def measure(report: Report, at: str, *, rounds: int, with_peer: bool) -> None:
    for number in range(rounds):
        with serving() as desk:
            report.add(START_LINE, at, "ours", desk.started_in)
            if number == 0:
                time.sleep(REST_SECONDS)
                parts = {n: processes.pss_mib(pids) for n, pids in desk.parts().items()}
                postgres = parts.pop("postgres", 0.0)
                report.add(
                    MEMORY_LINE, at, "ours", sum(parts.values()), parts=parts, postgres=postgres
                )
                print(
                    f"  memory: {', '.join(f'{n} {m:.0f}' for n, m in parts.items())} MiB",
                    flush=True,
                )
            report.add(STOP_LINE, at, "ours", desk.stop())
    if with_peer:
        _peer(report, at)


def _peer(report: Report, at: str) -> None:
    """The peer's web server alone, with four workers, each having shown a page."""
    on = ground.Ground()
    on.start()
    try:
        port = ground.free_port()
        words = [
            ground.PEER_PYTHON,
            "-m",
            "gunicorn",
            "-b",
            f"127.0.0.1:{port}",
            "-w",
            "4",
            "peer_wsgi:application",
        ]
        with ground.running(words, ground.peer_environment(), port=port) as server:
            for _ in range(24):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/helpdesk/login/").read()
            report.add(MEMORY_LINE, at, "peer", processes.pss_mib(processes.tree(server.pid)))
    finally:
        on.stop()
