"""The process that reads mails: one after another from its standard input, answers on its standard output.

It has no environment, opens no file after the start, may use only so much memory, and is ended by the
kernel when one mail takes too long: the alarm below is not caught, so not even native code outlives it.
A question is `QUESTION` (length of the languages, length of the mail) and both; an answer is `ANSWER`
(a word of `UNDERSTOOD`, `REFUSED`, the lengths of JSON and of the files) and both.
"""

from __future__ import annotations

import json
import resource
import signal
import struct
import sys
from pathlib import Path
from typing import BinaryIO

from hospes.channels.contract import Unreadable
from hospes.channels.email import parsing, wire

QUESTION = struct.Struct(">IQ")
ANSWER = struct.Struct(">cQQ")
READY = b"?"
UNDERSTOOD = b"+"
REFUSED = b"-"
STATUS = Path("/proc/self/statm")
MAX_OPEN_FILES = 16


def main(memory_bytes: int, seconds: float) -> None:
    """Answer until the other side closes. `memory_bytes`: beyond what the start took."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides when we end ...
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # ... and when it is gone, nobody needs us
    parsing.preload()
    _limit(memory_bytes)
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    _answer(answers, READY, b"", [])
    while head := questions.read(QUESTION.size):
        if len(head) < QUESTION.size:
            return
        priors_length, length = QUESTION.unpack(head)
        priors = questions.read(priors_length)
        body = questions.read(length)
        if len(body) < length:
            return
        signal.setitimer(signal.ITIMER_REAL, seconds)
        verdict, meta, contents = _read(body, priors)
        signal.setitimer(signal.ITIMER_REAL, 0)
        _answer(answers, verdict, meta, contents)


def _read(body: bytes, priors: bytes) -> tuple[bytes, bytes, list[bytes]]:
    try:
        languages = json.loads(priors) if priors else ()
        return UNDERSTOOD, *wire.pack(parsing.parse(body, priors=languages))
    except Unreadable as refusal:
        return REFUSED, refusal.reason.encode(), []
    except MemoryError:
        return REFUSED, b"It needs too much memory to read.", []
    except Exception as error:  # noqa: BLE001 - whatever it is, the next mail must not suffer for it
        return REFUSED, f"It could not be read ({type(error).__name__}).".encode(), []


def _answer(answers: BinaryIO, verdict: bytes, meta: bytes, contents: list[bytes]) -> None:
    answers.write(ANSWER.pack(verdict, len(meta), sum(map(len, contents))))
    answers.write(meta)
    answers.writelines(contents)
    answers.flush()


def _limit(memory_bytes: int) -> None:
    """Give up what reading a mail never needs."""
    if STATUS.exists():  # elsewhere nobody says how much we have taken already
        taken = int(STATUS.read_bytes().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + memory_bytes,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (MAX_OPEN_FILES,) * 2)
