"""Where attachments lie: by what they hold, whole or not at all, closed to everybody else."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some
from pytest_django import Settings

from hospes.files import store


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.DATA_DIR = tmp_path
    return tmp_path


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_stored_is_read_again() -> None:
    for content in (b"", b"tank", bytes(range(256)) * 1000):
        sha256 = store.put(content)
        with store.open_stored(sha256) as file:
            assert file.read() == content


def test_the_same_content_is_stored_once(folder: Path) -> None:
    assert store.put(b"tank") == store.put(b"tank")

    assert len([path for path in (folder / "files").rglob("*") if path.is_file()]) == 1


@pytest.mark.parametrize("umask", [0o000, 0o022, 0o077])
def test_e15_nobody_else_on_the_machine_can_read_or_list_it(folder: Path, umask: int) -> None:
    before = os.umask(umask)
    try:
        sha256 = store.put(b"tank")
    finally:
        os.umask(before)

    path = store.path_of(sha256)
    assert mode_of(path) == 0o600
    assert mode_of(path.parent) == mode_of(folder / "files") == 0o700


@given(some.text(max_size=80))
def test_no_name_leads_to_a_path(name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.path_of(name)


@pytest.mark.parametrize("name", ["../" * 21 + "a", "0" * 63 + "/", "A" * 64, "0" * 65, "\0" * 64])
def test_what_is_nearly_a_hash_is_none(name: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        store.path_of(name)


def test_a_disk_that_takes_nothing_leaves_no_half_file(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    store.put(b"before")
    monkeypatch.setattr(store.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        store.put(b"tank")
    monkeypatch.undo()

    assert [path.name for path in (folder / "files").rglob("*") if path.is_file()] == [
        store.put(b"before")
    ]
    with pytest.raises(FileNotFoundError):
        store.open_stored("0" * 64)
