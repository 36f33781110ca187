"""What clamd says, over real sockets of both kinds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest

from hospes.lib import clamd
from hospes.lib.clamd import NotReached, NoVerdict, Verdict, look_into
from tests.mail import free_port
from tests.scanner import EICAR, NAME, VERSION, Scanner, scanner


@pytest.fixture(params=["unix", "tcp"])
def running(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Scanner]:
    with scanner(tmp_path / "clamd.ctl" if request.param == "unix" else None) as one:
        yield one


def test_every_byte_is_looked_into(running: Scanner) -> None:
    content = os.urandom(3 * clamd.CHUNK_BYTES + 7)

    assert look_into(BytesIO(content), at=running.place) == Verdict()
    assert look_into(BytesIO(b""), at=running.place) == Verdict()
    assert look_into(BytesIO(content + EICAR), at=running.place) == Verdict(found=NAME)
    assert running.seen == [content, b"", content + EICAR]
    assert clamd.version(at=running.place) == VERSION


def test_a_file_that_is_too_large_for_it_is_unread(running: Scanner) -> None:
    running.mood = "small"

    said = look_into(BytesIO(os.urandom(50 * clamd.CHUNK_BYTES)), at=running.place)

    assert said == Verdict(unread="INSTREAM size limit exceeded. ERROR")


def test_an_archive_that_it_gave_up_on_holds_no_virus_and_is_unread(running: Scanner) -> None:
    running.viruses = {b"PK": "Heuristics.Limits.Exceeded.MaxFiles"}

    said = look_into(BytesIO(b"PK\3\4"), at=running.place)

    assert said == Verdict(unread="Heuristics.Limits.Exceeded.MaxFiles")


@pytest.mark.parametrize("mood", ["silent", "garbage"])
def test_who_says_nothing_of_use_gives_no_verdict(running: Scanner, mood: str) -> None:
    running.mood = mood

    with pytest.raises(NoVerdict):
        look_into(BytesIO(b"tank"), at=running.place, seconds=0.5)


def test_a_scanner_that_is_not_there_is_not_reached(tmp_path: Path) -> None:
    for place in (str(tmp_path / "none.ctl"), ("127.0.0.1", free_port())):
        with pytest.raises(NotReached):
            look_into(BytesIO(b"tank"), at=place)
        with pytest.raises(NotReached):
            clamd.version(at=place)
