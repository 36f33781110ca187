"""Every setting is described, and a wrong one is refused with one line before anything starts."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from hospes.config.ports import USUAL
from tests.mail import free_port

PROJECT = Path(__file__).resolve().parents[3]
GUIDE = PROJECT / "docs" / "operators" / "settings.md"
READ = re.compile(r'env\.(?:text|number|flag|networks|choice|server|socket_place)\(\s*"([A-Z_]+)"')
NAMED = re.compile(r"HOSPES_([A-Z_]*[A-Z])")


def read_by_the_code() -> set[str]:
    found = {setting for setting, _ in USUAL.values()} | {"DATA_DIR"}
    for path in (PROJECT / "hospes").rglob("*.py"):
        if "tests" not in path.parts:
            found |= set(READ.findall(path.read_text(encoding="utf-8")))
    return found


def told_by_the_guide() -> set[str]:
    rows = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line[:1] == "|"]
    return {name for row in rows for name in NAMED.findall(row.split("|")[1])}


def test_the_guide_describes_every_setting_and_no_other() -> None:
    assert told_by_the_guide() == read_by_the_code()


def test_what_people_are_told_names_only_settings_there_are() -> None:
    known = read_by_the_code() | {f"{name}_FILE" for name in read_by_the_code()}
    texts = [*(PROJECT / "docs" / "operators").rglob("*.md"), PROJECT / "README.md"]
    texts += [p for p in (PROJECT / "hospes").rglob("*.py") if "tests" not in p.parts]
    unknown = {
        (path.name, name)
        for path in texts
        for name in NAMED.findall(path.read_text(encoding="utf-8"))
        if name not in known
    }
    assert unknown == set()


@pytest.mark.parametrize(
    ("name", "given", "why"),
    [
        ("PORT", "eighty", "give a whole number"),
        ("SMTP_PORT", "70000", "give a number from 0 to 65535"),
        ("URL", "care.example.com", "give an address such as"),
        ("URL", "https://example.com/care", "without a path"),
        ("FILES_URL", "files", "give an address of its own"),
        ("TRUSTED_PROXIES", "proxy", "give addresses or networks"),
        ("DATABASE_URL", "mysql://root:secret@host", "give an address such as postgresql://"),
        ("DATABASE_URL", "postgresql://me:secret@127.0.0.1:9/hospes", "Connection refused"),
        ("SMTP_URL", "mail.example.com", "begins with smtp://"),
        ("LOG_LEVEL", "loud", "give one of DEBUG, INFO"),
        ("MAIL_SIZE_LIMIT_MB", "0", "give a number from 1 to 500"),
        ("DISK_RESERVE_PERCENT", "99", "give a number from 0 to 90"),
        ("UNDO_SECONDS", "-1", "give a number from 0 to 120"),
        ("DEBUG", "maybe", "give yes or no"),
        ("SECRET_KEY_FILE", "/nowhere", "cannot be read"),
        ("DATA_DIR", "/dev/null/desk", "Not a directory"),
        ("HOST", "203.0.113.9", "cannot be opened on 203.0.113.9"),
    ],
)
def test_a_wrong_setting_is_refused_with_one_line(
    tmp_path: Path, name: str, given: str, why: str
) -> None:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("HOSPES_", "DJANGO_"))}
    ports = {"HOSPES_PORT": str(free_port()), "HOSPES_SMTP_PORT": "0", "HOSPES_LMTP_PORT": "0"}
    settings = {"HOSPES_DATA_DIR": str(tmp_path), **ports, f"HOSPES_{name}": given}

    done = subprocess.run(
        [sys.executable, "-m", "hospes", "serve"],
        env=kept | settings,
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert why in done.stderr
    assert "secret" not in done.stderr
