"""`script/setup` speaks in its own words: what pip says is shown only when it failed."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
# Stands where the environment's Python would: all that set-up asks of it, and a pip that grumbles.
PYTHON = """\
#!/bin/sh
case "$*" in
  *"-m pip"*)
    echo "WARNING: Running pip as the 'root' user can result in broken permissions"
    echo "[notice] A new release of pip is available" >&2
    exit {code} ;;
  *purelib*) echo "{packages}" ;;
esac
"""


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """Return a folder that looks like ours, with an environment in which nothing is installed yet."""
    for name in ("script/setup", "requirements.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        shutil.copy(PROJECT / name, tmp_path / name)
    (tmp_path / ".venv/bin").mkdir(parents=True)
    return tmp_path


def set_up(program: Path, *, pip_ends_with: int) -> subprocess.CompletedProcess[str]:
    python = program / ".venv/bin/python"
    python.write_text(PYTHON.format(code=pip_ends_with, packages=program))
    python.chmod(0o755)
    return subprocess.run(
        [program / "script/setup"], capture_output=True, text=True, timeout=30, check=False,
        env={"PATH": os.environ["PATH"]},
    )  # fmt: skip


def test_set_up_keeps_to_itself_what_pip_grumbles(program: Path) -> None:
    done = set_up(program, pip_ends_with=0)

    assert done.returncode == 0
    assert done.stdout == ""
    assert done.stderr == "Setting up (about a minute) ...\n"
    assert (program / ".venv/bin/hospes").exists()


def test_set_up_that_fails_shows_what_pip_said_and_what_to_do(program: Path) -> None:
    done = set_up(program, pip_ends_with=1)

    assert done.returncode == 1
    assert "broken permissions" in done.stderr
    assert "[notice]" in done.stderr
    assert done.stderr.rstrip().endswith("Run this again; it goes on where it stopped.")
    assert not (program / ".venv/bin/hospes").exists()
