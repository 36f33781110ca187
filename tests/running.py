"""A whole desk for journeys and fault tests: `hospes serve` as a person would start it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.mail import free_port

PATIENCE_SECONDS = 60


def wait_until(true: Callable[[], Any], *, why: str, seconds: float = PATIENCE_SECONDS) -> Any:
    """Return what `true` gives as soon as it gives something; fail with `why` when it never does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = true()
        if found:
            return found
        time.sleep(0.05)
    raise AssertionError(f"never happened: {why}")


@dataclass
class Desk:
    """A running installation in a folder of its own."""

    folder: Path
    settings: Mapping[str, str] = field(default_factory=dict)
    command: Sequence[str] = ()  # in place of `hospes`, for serving

    def __post_init__(self) -> None:
        self.port, self.smtp_port, self.lmtp_port = free_port(), free_port(), free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"  # as the links it prints

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOSPES_", "DJANGO_"))}
        # Many desks lie beside each other in a run.
        usual = {"HOSPES_DATA_DIR": str(self.folder), "HOSPES_DISK_BALLAST_MB": "0"}
        return {**kept, **usual, **self.settings}

    def start(self, *words: str) -> Desk:
        """Serve, with further words of the command, and return when pages and mail work."""
        self.log = (self.folder.parent / f"{self.folder.name}.log").open("ab")
        self.process = subprocess.Popen(
            [
                *(self.command or COMMAND),
                "serve",
                "--port",
                str(self.port),
                "--data-dir",
                str(self.folder),
                "--smtp-port",
                str(self.smtp_port),
                "--lmtp-port",
                str(self.lmtp_port),
                *words,
            ],
            env=self.environment,
            cwd=PROJECT,
            stdout=self.log,
            stderr=subprocess.STDOUT,
        )
        wait_until(self.is_ready, why="the first page")
        return self

    def is_ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"hospes serve ended; see {self.log.name}"
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def hospes(self, *words: str, check: bool = True) -> str:
        """Run one command against this desk and return what it printed."""
        done = subprocess.run(
            [*COMMAND, *words],
            env=self.environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        if check:
            assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    def python(self, code: str) -> str:
        """Run code of ours inside this desk, as `hospes django shell` would; return what it printed."""
        opened = f"from hospes.config.cli.opening import desk; desk()\n{code}"
        environment = {**self.environment, "DJANGO_SETTINGS_MODULE": "hospes.config.settings"}
        done = subprocess.run(
            [sys.executable, "-c", opened],
            env=environment,
            cwd=PROJECT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{code}: {done.stderr}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.hospes(*words, "--json"))

    def part_pids(self) -> dict[str, int]:
        """Return the process of each part by name, as the supervisor's children call themselves."""
        assert self.process is not None
        found = {}
        for child in children(self.process.pid):
            with suppress(OSError):  # it has just ended
                name = Path(f"/proc/{child}/comm").read_text().strip()
                if name.startswith("hospes: "):
                    found[name.removeprefix("hospes: ")] = child
        return found

    def end(self) -> None:
        """Stop the desk if it runs, for good or ill; for the end of a test."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process is not None:
            self.log.close()

    def stop(self) -> int:
        """End the desk as a service manager would and return its exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout=30)
        self.log.close()
        return code


PROJECT = Path(__file__).resolve().parent.parent
COMMAND = [sys.executable, "-m", "hospes"]


def children(pid: int) -> list[int]:
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(folder.name))
    return found
