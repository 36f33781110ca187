"""Rows that go in as columns are the rows that the ORM would have written."""

from __future__ import annotations

import pytest
from django.db import DataError, IntegrityError, transaction
from django.forms.models import model_to_dict

from hospes.conversations.models import Attachment, Conversation, Message
from hospes.conversations.tests.speaking import asked
from hospes.lib.bulk import write_rows
from tests.cast import NOON, Cast

ODD = 'quotes " and \\ and {braces}, NULL, 日本語, 👍🏽'


def _message(conversation: Conversation, number: int, **more: object) -> Message:
    return Message(
        pk=number, conversation=conversation, channel=conversation.channel,
        direction=Message.Direction.IN, to=[[ODD, "a@example.com"], ["", ""]], cc=[], subject=ODD,
        text=ODD, reply_text="", at=NOON, **more,
    )  # fmt: skip


def test_a_row_is_written_as_the_orm_would(cast: Cast) -> None:
    conversation = asked(cast)
    rows = [
        _message(conversation, 900_001, message_hash=-(2**63), raw_id=2**40, is_verified=True),
        _message(conversation, 900_002, sent_at=NOON),
    ]

    write_rows(rows)

    for row in rows:
        assert model_to_dict(Message.objects.get(pk=row.pk)) == model_to_dict(row)


def test_a_row_may_take_the_place_of_an_older_one_in_the_fields_named(cast: Cast) -> None:
    conversation = asked(cast)
    conversation.participant_ids = [*conversation.participant_ids, 2**50]
    conversation.waiting_since, conversation.subject = None, "not named"

    write_rows([conversation], updated=["participant_ids", "waiting_since"])

    kept = Conversation.objects.get()
    assert kept.participant_ids == conversation.participant_ids
    assert kept.waiting_since is None
    assert kept.subject != "not named"


def test_rows_without_a_number_are_given_one(cast: Cast) -> None:
    message = asked(cast).messages.get()

    write_rows(
        [
            Attachment(message=message, position=n, name=ODD, size_bytes=n, sha256="0" * 64)
            for n in range(3)
        ]
    )

    assert [one.position for one in message.attachments.all()] == [0, 1, 2]


def test_nothing_is_cut_off_and_nothing_is_written_twice(cast: Cast) -> None:
    conversation = asked(cast)

    with pytest.raises(DataError), transaction.atomic():
        write_rows([_message(conversation, 900_003, from_name="x" * 201)])
    with pytest.raises(IntegrityError), transaction.atomic():
        write_rows([_message(conversation, conversation.last_message_id or 0)])

    assert Message.objects.count() == 1
