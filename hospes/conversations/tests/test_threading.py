"""Signed names, and the decision where a mail belongs."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as some

from hospes.conversations.threading import (
    LONG_CLOSED,
    OPEN,
    Arrival,
    Candidate,
    Decision,
    Outcome,
    ReplyToken,
    bounce_address,
    decide,
    make_message_id,
    message_hash,
    read_bounce_address,
    read_message_id,
    read_reply_address,
    reply_address,
)
from tests.cast import NOON

KEY, OLD_KEY, FOREIGN_KEY = b"k" * 32, b"o" * 32, b"f" * 32


@dataclass
class Box:
    """A mailbox as far as signed addresses know it."""

    pk: int = 7
    address: str = "support@kaldera.example"
    reply_domain: str = ""
    has_plus_tags: bool = False


DOMAIN = Box(reply_domain="reply.kaldera.example")
TAGGED = Box(has_plus_tags=True)
PLAIN = Box()
numbers = some.integers(1, 2**43)


# Signed names --------------------------------------------------------------------------------


@given(numbers, numbers, some.sampled_from([DOMAIN, TAGGED]), some.booleans())
def test_a_reply_address_says_whose_answer_to_what_it_is(
    conversation_id: int, identity_id: int, box: Box, is_shouted: bool
) -> None:
    address = reply_address(box, conversation_id, identity_id, key=KEY)
    local = address.rpartition("@")[0]
    assert len(local) <= 64
    assert local.count("+") == 1
    as_it_arrives = address.upper() if is_shouted else address

    assert read_reply_address(as_it_arrives, box, keys=[KEY]) == ReplyToken(
        conversation_id, identity_id
    )


def test_a_mailbox_with_one_name_has_no_reply_address() -> None:
    assert reply_address(PLAIN, 1, 2, key=KEY) == ""
    assert bounce_address(PLAIN, 1, key=KEY) == "support@kaldera.example"


def test_addresses_signed_with_an_older_key_are_still_read() -> None:
    address = reply_address(DOMAIN, 1, 2, key=OLD_KEY)

    assert read_reply_address(address, DOMAIN, keys=[KEY, OLD_KEY]) == ReplyToken(1, 2)
    assert read_reply_address(address, DOMAIN, keys=[KEY]) is None


@pytest.mark.parametrize("box", [DOMAIN, TAGGED])
def test_nobody_else_can_make_or_change_a_reply_address(box: Box) -> None:
    address = reply_address(box, 12, 34, key=KEY)
    forged = [
        address.replace(".12.", ".13.", 1),
        address.replace(".34.", ".35."),
        address.replace("@", "a@", 1),
        address.replace("kaldera", "evil"),
        reply_address(box, 12, 34, key=FOREIGN_KEY),
        reply_address(replace(box, pk=8), 12, 34, key=KEY),
        bounce_address(box, 12, key=KEY),
        address.replace("+7.", "+8.").replace("+r.7.", "+r.8."),
        f"r+7.12.34.{'a' * 18}@reply.kaldera.example",
        "r+7.12.34@reply.kaldera.example",
        f"r+7.{'9' * 30}.1.{'a' * 18}@reply.kaldera.example",
        "",
    ]

    assert read_reply_address(address, box, keys=[KEY]) is not None
    assert [read_reply_address(one, box, keys=[KEY]) for one in forged] == [None] * len(forged)


@given(some.text(max_size=200))
def test_any_text_may_stand_where_an_address_should(text: str) -> None:
    for box in (DOMAIN, TAGGED, PLAIN, Box(address="")):
        assert read_reply_address(text, box, keys=[KEY]) is None
        assert read_bounce_address(text, box, keys=[KEY]) is None
    assert read_message_id(text, keys=[KEY]) is None
    assert -(2**63) <= message_hash(text) < 2**63


@given(numbers, some.sampled_from([DOMAIN, TAGGED]))
def test_a_bounce_address_names_the_letter(outbox_id: int, box: Box) -> None:
    address = bounce_address(box, outbox_id, key=KEY)

    assert read_bounce_address(address.upper(), box, keys=[KEY]) == outbox_id
    assert read_bounce_address(address, replace(box, pk=8), keys=[KEY]) is None
    assert read_reply_address(address, box, keys=[KEY]) is None


@given(some.uuids())
def test_a_message_id_of_ours_is_known_and_no_other(uuid: UUID) -> None:
    ours = make_message_id(uuid, key=KEY, domain="kaldera.example")

    assert read_message_id(f" {ours.upper()} ", keys=[OLD_KEY, KEY]) == uuid
    assert read_message_id(ours, keys=[OLD_KEY]) is None
    assert (
        read_message_id(
            ours.replace(ours[1:5], f"{(int(ours[1:5], 16) + 1) % 65536:04x}"), keys=[KEY]
        )
        is None
    )


# The decision --------------------------------------------------------------------------------

HERE = Candidate(
    conversation_id=1,
    channel_id=7,
    customer_id=5,
    participant_ids=frozenset({10, 11}),
    closed_at=None,
)
ARRIVAL = Arrival(
    channel_id=7,
    identity_id=10,
    customer_id=5,
    address="aiko@example.jp",
    is_verified=True,
    can_be_verified=True,
    at=NOON,
)
UNPROVEN = replace(ARRIVAL, is_verified=False)
STRANGER = replace(ARRIVAL, identity_id=99, customer_id=98)
JOIN, HOLD = Decision(Outcome.JOIN, 1), Decision(Outcome.HOLD, 1)
ELSEWHERE = replace(HERE, channel_id=8)
LONG_AGO = replace(HERE, closed_at=NOON - LONG_CLOSED - timedelta(seconds=1))
LATELY = replace(HERE, closed_at=NOON - LONG_CLOSED + timedelta(seconds=1))


@pytest.mark.parametrize(
    ("arrival", "candidate", "decision"),
    [
        (ARRIVAL, HERE, JOIN),
        (UNPROVEN, HERE, JOIN),
        (replace(ARRIVAL, identity_id=11), HERE, JOIN),
        (STRANGER, HERE, HOLD),
        (replace(STRANGER, is_verified=False), HERE, HOLD),
        (replace(ARRIVAL, identity_id=12), HERE, JOIN),  # a proven further address
        (replace(UNPROVEN, identity_id=12), HERE, HOLD),
        (ARRIVAL, ELSEWHERE, OPEN),
        (STRANGER, ELSEWHERE, OPEN),
        (ARRIVAL, LATELY, JOIN),
        (ARRIVAL, LONG_AGO, OPEN),
        (STRANGER, LONG_AGO, OPEN),
        (ARRIVAL, None, OPEN),
    ],
)
def test_a_reply_address_brings_back_who_takes_part_and_holds_who_does_not(
    arrival: Arrival, candidate: Candidate | None, decision: Decision
) -> None:
    assert decide(arrival, by_token=candidate) == decision


@pytest.mark.parametrize(
    ("arrival", "candidate", "decision"),
    [
        (ARRIVAL, HERE, JOIN),
        (UNPROVEN, HERE, OPEN),
        (replace(UNPROVEN, can_be_verified=False), HERE, JOIN),
        (STRANGER, HERE, OPEN),
        (replace(STRANGER, can_be_verified=False, is_verified=False), HERE, OPEN),
        (ARRIVAL, ELSEWHERE, OPEN),
        (ARRIVAL, LATELY, JOIN),
        (ARRIVAL, LONG_AGO, OPEN),
    ],
)
def test_a_message_id_of_ours_is_believed_of_who_takes_part(
    arrival: Arrival, candidate: Candidate, decision: Decision
) -> None:
    assert decide(arrival, by_token=None, by_own_id=[candidate]) == decision


@pytest.mark.parametrize(
    ("arrival", "candidate", "decision"),
    [
        (ARRIVAL, HERE, JOIN),
        (UNPROVEN, HERE, OPEN),
        (replace(UNPROVEN, can_be_verified=False), HERE, OPEN),
        (STRANGER, HERE, OPEN),
        (ARRIVAL, ELSEWHERE, OPEN),
    ],
)
def test_any_other_message_id_is_believed_of_a_proven_sender_alone(
    arrival: Arrival, candidate: Candidate, decision: Decision
) -> None:
    assert decide(arrival, by_token=None, by_any_id=[candidate]) == decision


def test_the_first_sign_that_holds_decides() -> None:
    second = replace(HERE, conversation_id=2)

    assert decide(ARRIVAL, by_token=HERE, by_own_id=[second]) == JOIN
    assert decide(ARRIVAL, by_token=ELSEWHERE, by_own_id=[second]).conversation_id == 2
    assert decide(ARRIVAL, by_token=None, by_own_id=[ELSEWHERE, second, HERE]).conversation_id == 2


def test_message_ids_differ_for_every_letter() -> None:
    made = {make_message_id(uuid4(), key=KEY, domain="x.example") for _ in range(100)}

    assert len(made) == 100
