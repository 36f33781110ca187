"""Turns: so many at once, and nobody gets in before those who wait."""

from __future__ import annotations

import threading
from contextlib import suppress

from hospes.lib.turns import Turns


def test_whoever_comes_often_gets_no_more_turns_than_who_waits() -> None:
    turns, order = Turns(1), []
    is_waiting = threading.Event()

    def wait() -> None:
        is_waiting.set()
        with turns.turn():
            order.append("patient")

    patient = threading.Thread(target=wait)
    with turns.turn():
        patient.start()
        is_waiting.wait(5)
        while not turns._line:
            pass
        order.append("greedy")
    with turns.turn():
        order.append("greedy")
    patient.join(5)

    assert order == ["greedy", "patient", "greedy"]


def test_so_many_at_once_and_a_fault_gives_the_turn_back() -> None:
    turns = Turns(2)

    for _ in range(3):
        with suppress(ValueError), turns.turn(), turns.turn():
            assert turns._free == 0
            int("no number")
        assert turns._free == 2
