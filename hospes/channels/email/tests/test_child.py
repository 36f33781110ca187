"""The process that reads mails: quick in batches, and nobody's death but its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email.child import ParserChild
from hospes.channels.email.parsing import parse
from hospes.channels.email.wire import Garbled, pack, unpack

GOOD = b"From: Mina <mina@kunde.example>\nSubject: Hi\n\nWhere is my parcel?\n"
LARGE = GOOD + b"x" * (60 * 1024 * 1024)
RICH = (
    b"From: a@b.example\nTo: c@d.example\nDate: Thu, 1 Jan 2026 09:30:00 +0900\n"
    b"Authentication-Results: mx.example; dmarc=pass header.from=b.example\n"
    b"Content-Type: multipart/report; report-type=delivery-status; boundary=q\n\n"
    b"--q\nContent-Type: text/html; charset=utf-8\n\n<p>Gr\xc3\xbc\xc3\x9fe</p>\n"
    b"--q\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; x\n\n"
    b"Final-Recipient: rfc822; e@f.example\nAction: failed\nStatus: 5.1.1\n\n"
    b"--q\nContent-Type: application/octet-stream\n\n\x00\x01\xff\n--q--\n"
)


def words(readings: list[Inbound | Unreadable]) -> list[str]:
    return [each.reason if isinstance(each, Unreadable) else each.text for each in readings]


def test_a_batch_comes_back_in_order_and_as_read_here() -> None:
    with ParserChild() as child:
        bodies = [GOOD, RICH, b"", GOOD * 2000]
        assert child.parse_all(bodies) == [parse(body) for body in bodies]


def test_f05_one_bad_mail_spoils_no_other() -> None:
    with ParserChild(memory_bytes=64 * 1024 * 1024) as child:
        assert words(child.parse_all([GOOD, LARGE, GOOD])) == [
            "Where is my parcel?",
            "It needs too much memory to read.",
            "Where is my parcel?",
        ]


def test_f05_a_mail_that_takes_too_long_is_named_and_the_next_one_read() -> None:
    endless = b"Content-Type: text/html\n\n" + b"<p>a</p>" * 1_000_000
    child = ParserChild(seconds=0.05, memory_bytes=2**40)
    with child, pytest.raises(Unreadable, match=r"longer than 0\.05 seconds"):
        child.parse(endless)
    with ParserChild() as child:
        assert child.parse(GOOD).subject == "Hi"


def test_f05_a_child_killed_between_two_mails_is_replaced() -> None:
    with ParserChild() as child:
        child.parse(GOOD)
        assert child.process_id is not None
        os.kill(child.process_id, signal.SIGKILL)
        assert child.parse(GOOD).subject == "Hi"


@contextmanager
def killing(child: ParserChild, *, times: int, how: int) -> Iterator[list[int]]:
    """Kill the process while it reads, so many times: each of them another one."""
    killed: list[int] = []
    is_over = threading.Event()

    def kill() -> None:
        while len(killed) < times and not is_over.wait(0.005):
            pid = child.process_id
            if pid is not None and pid not in killed and is_busy(pid):
                os.kill(pid, how)
                killed.append(pid)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        yield killed
    finally:
        is_over.set()
        killer.join()


def is_busy(pid: int) -> bool:
    """Whether it has computed for a while since it was first seen, ready and with nothing to do."""
    with suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return int(fields[11]) > BUSY_TICKS.setdefault(pid, int(fields[11])) + 5
    return False


BUSY_TICKS: dict[int, int] = {}
LONG = b"Content-Type: text/html\n\n" + b"<p>a</p>" * 200_000


@pytest.mark.parametrize("how", [signal.SIGSEGV, signal.SIGKILL])
def test_f05_what_ends_the_process_twice_is_refused_and_the_next_mail_read(how: int) -> None:
    with ParserChild(seconds=30, memory_bytes=2**40) as child, killing(child, times=2, how=how) as killed:  # fmt: skip
        child.preload()
        readings = child.parse_all([GOOD, LONG, GOOD])

    assert len(set(killed)) == 2
    assert words(readings)[::2] == ["Where is my parcel?"] * 2
    assert isinstance(readings[1], Unreadable)


def test_f05_what_ends_the_process_once_is_read_by_the_next() -> None:
    with ParserChild(seconds=30, memory_bytes=2**40) as child:
        with killing(child, times=1, how=signal.SIGSEGV) as killed:
            child.preload()
            readings = child.parse_all([GOOD, LONG, GOOD])
        assert len(killed) == 1

    assert all(isinstance(one, Inbound) for one in readings)


def test_languages_expected_are_passed_on() -> None:
    body = b"\nHvor er pakken? Jeg venter."
    with ParserChild() as child:
        readings = child.parse_all([body, body], priors=[["nb"], ["da"]])
    assert [each.language for each in readings if isinstance(each, Inbound)] == ["nb", "da"]


def test_the_child_ends_with_its_parent() -> None:
    program = (
        "import os; from hospes.channels.email.child import ParserChild; child = ParserChild();"
        "child.preload(); print(child.process_id, flush=True); os.kill(os.getpid(), 9)"
    )
    project = Path(__file__).resolve().parents[4]
    parent = subprocess.run(
        [sys.executable, "-c", program], cwd=project, capture_output=True, timeout=60, check=False
    )  # returns only when nobody can write errors any more: neither parent nor child
    assert parent.returncode == -signal.SIGKILL
    assert not Path(f"/proc/{int(parent.stdout)}/exe").exists()


def test_what_is_packed_is_unpacked_the_same() -> None:
    message = parse(RICH)
    assert message.report is not None
    meta, contents = pack(message)
    assert unpack(meta, b"".join(contents)) == message


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"Hi"', b'"\\u0000"'),
        (b'"Hi"', b'"\\ud800"'),
        (b'"Hi"', b"7"),
        (b'"Hi"', b'["Hi"]'),
        (b'"Hi",', b""),
        (b"[]]", b'[["n","t",99,"",false]]]'),
        (b"[]]", b'[["n","t",-1,"",false]]]'),
    ],
)
def test_what_a_child_taken_over_might_answer_is_refused(old: bytes, new: bytes) -> None:
    meta, _ = pack(parse(GOOD))
    assert old in meta
    with pytest.raises(Garbled):
        unpack(meta.replace(old, new), b"")
