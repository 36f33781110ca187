"""Whoever sends much at once holds up nobody else, and loses nothing by it."""

from __future__ import annotations

import pytest

from hospes.channels.models import Channel
from hospes.intake.actions.claiming import BATCH, claim
from hospes.intake.crowds import Crowd
from hospes.intake.models import PendingRaw
from tests.arriving import come_in
from tests.cast import Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
FLOOD = 4 * BATCH


def flood(channel: Channel, *, senders: int = 1) -> list[int]:
    return [
        raw_id
        for number in range(FLOOD)
        for raw_id in come_in(
            channel, b"Subject: %d\r\n\r\nBuy!" % number, envelope_from=f"bot{number % senders}@evil.example"
        )
    ]  # fmt: skip


def rounds(crowd: Crowd) -> list[list[int]]:
    """Claim as the worker does until nothing is left; the numbers of each batch."""
    found = []
    while True:
        crowd.look()
        batch = claim(worker_id=1, before_others=crowd.first(BATCH // 2))
        if not batch:
            return found
        crowd.taken([one.raw_id for one in batch])
        found.append([one.raw_id for one in batch])


def test_f21_others_are_read_in_the_next_batch_however_much_one_sender_sends(cast: Cast) -> None:
    first = flood(cast.channel)
    others = [
        raw_id
        for number in range(10)
        for raw_id in come_in(
            cast.channel, letter(f"c{number}@example.com"), envelope_from=f"c{number}@example.com"
        )
    ]

    batches = rounds(Crowd())

    assert set(others) <= set(batches[0])
    assert set(first[: BATCH // 2]) <= set(batches[0])  # the oldest have their turn all the same
    taken = [raw_id for batch in batches for raw_id in batch]
    assert sorted(taken) == sorted([*first, *others])  # each once
    assert [one for one in taken if one in set(first)] == first  # one sender's in their order


def test_f21_a_mailbox_waits_for_no_other_however_many_write_to_that(cast: Cast) -> None:
    sales = Channel.objects.create(brand=cast.brand, name="Sales", address="sales@kaldera.example")
    flood(cast.channel, senders=FLOOD)
    wanted = come_in(sales, *[letter("omar@example.com", text=str(one)) for one in range(12)])

    (first, *_) = rounds(Crowd())

    assert set(wanted) <= set(first)


def test_whoever_had_a_turn_is_last_in_the_next_round(cast: Cast) -> None:
    ids = {
        sender: come_in(cast.channel, *[b"%s%d" % (sender, n) for n in range(3)], envelope_from=f"{sender!r}@x.example")
        for sender in (b"a", b"b", b"c")
    }  # fmt: skip
    crowd = Crowd()
    crowd.look()

    assert crowd.first(4) == [ids[b"a"][0], ids[b"b"][0], ids[b"c"][0], ids[b"a"][1]]
    crowd.taken([ids[b"a"][0]])
    assert crowd.first(2) == [ids[b"b"][0], ids[b"c"][0]]
    crowd.taken([one for many in ids.values() for one in many])
    assert (len(crowd), crowd.first(5)) == (0, [])


def test_a_mail_a_worker_died_of_still_comes_alone_and_in_its_turn(cast: Cast) -> None:
    ids = flood(cast.channel)
    PendingRaw.objects.filter(pk=ids[1]).update(attempts=1)
    other = come_in(cast.channel, letter("aiko@example.jp"), envelope_from="aiko@example.jp")

    batches = rounds(Crowd())

    assert batches[:2] == [ids[:1], ids[1:2]]
    assert other[0] in batches[2]
