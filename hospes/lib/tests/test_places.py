"""Places that few may hold at once, and behind which nobody waits for what is stuck."""

from __future__ import annotations

import threading
import time

from hospes.lib.places import PATIENCE_SECONDS, Places


def test_no_more_get_in_than_there_are_places() -> None:
    places = Places(2)
    with places.taken() as first, places.taken() as second, places.taken() as third:
        assert (first, second, third) == (True, True, False)
    with places.taken() as again:
        assert again


def test_whoever_wants_none_takes_none() -> None:
    places = Places(1)
    with places.taken(wanted=False) as none, places.taken() as one:
        assert (none, one) == (False, True)


def test_who_comes_while_others_get_on_waits_for_a_place() -> None:
    places, is_in = Places(1), threading.Event()

    def hold() -> None:
        with places.taken():
            is_in.set()
            threading.Event().wait(0.2)

    holder = threading.Thread(target=hold)
    holder.start()
    is_in.wait()
    with places.taken() as is_ours:
        assert is_ours
    holder.join()


def test_nobody_waits_for_what_is_stuck() -> None:
    places = Places(1)
    with places.taken():
        for one in places._taken_at:  # it has been in there for long
            places._taken_at[one] -= PATIENCE_SECONDS + 1
        began = time.monotonic()
        with places.taken() as is_ours:
            assert not is_ours
        assert time.monotonic() - began < PATIENCE_SECONDS / 2
