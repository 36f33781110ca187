"""Real material nobody here wrote, replayed when it is at hand (HOSPES_CORPORA, or beside the project)."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "corpora"


def folder(name: str) -> Path:
    """Return the folder of one corpus; skip the test when it is not here."""
    found = Path(os.environ.get("HOSPES_CORPORA", BESIDE)) / name
    if not found.is_dir():
        pytest.skip(f"The corpus {name} is not here; HOSPES_CORPORA says where to look.")
    return found
