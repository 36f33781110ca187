"""Connections to mail servers that several letters share: one sign-in for a whole batch."""

from __future__ import annotations

from types import TracebackType
from typing import Self

from hospes.channels.contract import DeliveryFailed
from hospes.channels.email.smtp import Talk
from hospes.channels.email.smtp_wire import Server

MAX_LETTERS = 50  # servers close a connection that does not end


class Lines:
    """The connections of one batch, closed with it. For one thread."""

    def __init__(self) -> None:
        self._free: dict[tuple[Server, str], tuple[Talk, int]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for talk, _count in self._free.values():
            talk.close(politely=True)
        self._free.clear()

    def take(self, server: Server, our_name: str) -> tuple[Talk | None, int]:
        """Return a connection that still answers, and how many letters it has carried; None when there is none."""
        talk, count = self._free.pop((server, our_name), (None, 0))
        if talk is None:
            return None, 0
        try:
            talk.begin_anew()
        except DeliveryFailed:  # it was closed meanwhile; no letter had begun
            talk.close(politely=False)
            return None, 0
        return talk, count

    def keep(self, server: Server, our_name: str, talk: Talk, *, count: int) -> None:
        """Keep a connection whose server waits for the next letter. count: letters it has carried."""
        if count >= MAX_LETTERS:
            talk.close(politely=True)
        else:
            self._free[server, our_name] = (talk, count)
