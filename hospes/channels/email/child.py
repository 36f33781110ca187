"""Mails read in a process of their own, which may be harmed by one without harming anybody else."""

from __future__ import annotations

import json
import os
import selectors
import signal
import subprocess
import sys
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from itertools import chain, repeat
from pathlib import Path
from types import TracebackType
from typing import Self

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email import wire
from hospes.channels.email.child_main import ANSWER, QUESTION, READY, UNDERSTOOD

MAX_SECONDS = 5.0  # for one mail
MAX_MEMORY_BYTES = 512 * 1024 * 1024  # beyond what the process takes at its start
MAX_ANSWER_BYTES = MAX_MEMORY_BYTES
MAX_MAILS = 5000  # then a fresh process: nothing that leaks can grow for ever
GRACE_SECONDS = 5.0  # for a process that its own alarm did not end
START_SECONDS = 30.0
CHUNK_BYTES = 256 * 1024
PROJECT = Path(__file__).resolve().parents[3]
PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); from hospes.channels.email.child_main import main; "
    "main(int(sys.argv[2]), float(sys.argv[3]))"
)

Reading = Inbound | Unreadable


class ParserChild:
    """Reads mails in a child process that is started when needed and replaced when it dies.

    For one thread at a time. The child ends when it is closed or its parent is gone.
    """

    def __init__(
        self, *, seconds: float = MAX_SECONDS, memory_bytes: int = MAX_MEMORY_BYTES
    ) -> None:
        self._seconds = seconds
        self._memory_bytes = memory_bytes
        self._process: _Process | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def parse(self, body: bytes, *, priors: Sequence[str] = ()) -> Inbound:
        """What this mail says; `priors` as for `parsing.parse`. Raises Unreadable."""
        [reading] = self.parse_all([body], priors=[priors])
        if isinstance(reading, Unreadable):
            raise reading
        return reading

    def parse_all(
        self, bodies: Sequence[bytes], *, priors: Sequence[Sequence[str]] = ()
    ) -> list[Reading]:
        """What each of these mails says, in their order; `priors` gives the languages for each, or none."""
        expected = chain(priors, repeat(()))
        questions = [_question(*each) for each in zip(bodies, expected, strict=False)]
        readings: list[Reading] = []
        while len(readings) < len(bodies):
            death = self._ask(questions[len(readings) :], readings)
            if death is not None:  # of the one it was reading
                question = questions[len(readings)]
                readings.append(
                    Unreadable(death.reason) if death.took_long else self._alone(question)
                )
        return readings

    @property
    def process_id(self) -> int | None:
        """Of the child that runs now, None when there is none."""
        return self._process.id if self._process is not None else None

    def preload(self) -> None:
        """Start the child now rather than with the first mail."""
        self._ready()

    def close(self) -> None:
        """End the child; the next mail would start another."""
        if self._process is not None:
            self._process.close()
            self._process = None

    def _ready(self) -> _Process:
        if self._process is not None and self._process.answered >= MAX_MAILS:
            self.close()
        if self._process is None:
            self._process = _Process(self._seconds, self._memory_bytes)
        return self._process

    def _ask(self, questions: Sequence[bytes], readings: list[Reading]) -> _Died | None:
        """Put as many readings as are to be had; what the child died of when they are fewer."""
        try:
            self._ready().ask(questions, readings)
        except _Died as death:
            self.close()
            return death
        return None

    def _alone(self, question: bytes) -> Reading:
        """Once more in a fresh process, so that nothing an earlier mail left behind is held against it."""
        readings: list[Reading] = []
        death = self._ask([question], readings)
        return readings[0] if death is None else Unreadable(death.reason)


class _Died(Exception):
    """The child ended, or had to be ended, before it answered."""

    def __init__(self, reason: str, *, took_long: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.took_long = took_long  # and would again: others wait behind it


class _Process:
    """One running child, both its pipes never blocking us."""

    def __init__(self, seconds: float, memory_bytes: int) -> None:
        self._seconds = seconds
        self._popen = subprocess.Popen(  # noqa: S603 - our own interpreter and program
            [sys.executable, "-I", "-c", PROGRAM, str(PROJECT), str(memory_bytes), str(seconds)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            env={},
        )
        assert self._popen.stdin is not None
        assert self._popen.stdout is not None
        self._in, self._out = self._popen.stdin.fileno(), self._popen.stdout.fileno()
        os.set_blocking(self._in, False)
        os.set_blocking(self._out, False)
        self._received = bytearray()
        self.answered = 0
        self._wait_until_ready()

    @property
    def id(self) -> int:
        """The operating system's."""
        return self._popen.pid

    def ask(self, questions: Sequence[bytes], readings: list[Reading]) -> None:
        """Append a reading for each question as it comes. Raises _Died."""
        waiting = deque(memoryview(question) for question in questions)
        expected = len(readings) + len(questions)
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            selector.register(self._in, selectors.EVENT_WRITE)
            while len(readings) < expected:
                ready = {key.fd for key, _ in selector.select(self._seconds + GRACE_SECONDS)}
                if not ready:
                    raise self._death()
                if self._in in ready and not self._write(waiting):
                    selector.unregister(self._in)
                if self._out in ready:
                    self._read()
                    readings += self._answers()

    def close(self) -> None:
        """End it and take its status, so that no zombie stays."""
        self._popen.kill()
        for pipe in (self._popen.stdin, self._popen.stdout):
            with suppress(OSError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes, see __init__
        self._popen.wait()

    def _write(self, waiting: deque[memoryview]) -> bool:
        """Hand over what fits; False when nothing is left or nobody reads any more."""
        try:
            while waiting:
                written = os.write(self._in, waiting[0])
                waiting[0] = waiting[0][written:]
                if not waiting[0]:
                    waiting.popleft()
        except BlockingIOError:
            return True
        except BrokenPipeError:  # what it answered before may still be read
            return False
        return False

    def _read(self) -> None:
        try:
            received = os.read(self._out, CHUNK_BYTES)
        except BlockingIOError:
            return
        if not received:
            raise self._death()
        self._received += received

    def _answers(self) -> list[Reading]:
        """Every whole answer among what was received."""
        found: list[Reading] = []
        while (answer := self._next_answer()) is not None:
            found.append(_reading(*answer))
            self.answered += 1
        return found

    def _next_answer(self) -> tuple[bytes, bytes, bytes] | None:
        if len(self._received) < ANSWER.size:
            return None
        verdict, meta_length, contents_length = ANSWER.unpack_from(self._received)
        end = ANSWER.size + meta_length + contents_length
        if end > MAX_ANSWER_BYTES:
            raise _Died("It needs too much memory to read.")
        if len(self._received) < end:
            return None
        middle = ANSWER.size + meta_length
        with memoryview(self._received) as view:
            meta, contents = bytes(view[ANSWER.size : middle]), bytes(view[middle:end])
        del self._received[:end]
        return verdict, meta, contents

    def _wait_until_ready(self) -> None:
        with selectors.DefaultSelector() as selector, suppress(_Died):
            selector.register(self._out, selectors.EVENT_READ)
            while selector.select(START_SECONDS):
                self._read()
                answer = self._next_answer()
                if answer is not None and answer[0] == READY:
                    return
        self.close()
        raise RuntimeError("The process that reads mails did not start.")

    def _death(self) -> _Died:
        """Why it is gone, in words for whoever looks at the mail."""
        try:
            code = self._popen.wait(timeout=1)
        except subprocess.TimeoutExpired:
            code = -signal.SIGALRM  # it hangs where not even its alarm ends it
        if code == -signal.SIGALRM:
            reason = f"It took longer than {self._seconds:g} seconds to read."
            return _Died(reason, took_long=True)
        if code == -signal.SIGABRT:  # what native code does when it gets no memory
            return _Died("It needs too much memory to read.")
        return _Died("The process that read it ended unexpectedly.")


def _question(body: bytes, priors: Sequence[str]) -> bytes:
    languages = json.dumps(list(priors)).encode() if priors else b""
    return QUESTION.pack(len(languages), len(body)) + languages + body


def _reading(verdict: bytes, meta: bytes, contents: bytes) -> Reading:
    if verdict != UNDERSTOOD:
        return Unreadable(meta.decode("utf-8", "replace"))
    try:
        return wire.unpack(meta, contents)
    except wire.Garbled:
        return Unreadable("It was read as something that makes no sense.")
