"""Replies: written once, stopped when overtaken, taken back in time; drafts that stay gone."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from hospes.channels.contract import Address, OutboundFile
from hospes.conversations import letters
from hospes.conversations.actions.closing import close
from hospes.conversations.actions.drafting import discard_draft, save_draft
from hospes.conversations.actions.noting import note
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.models import Attachment, Conversation, Draft, Message, OutboxEntry
from hospes.conversations.tests.speaking import asked, happened, now, received
from hospes.conversations.threading import read_message_id
from hospes.lib.refusal import Overtaken, Refused
from tests.cast import NOON, Cast

LATER = NOON + timedelta(minutes=5)


@pytest.fixture
def conversation(cast: Cast) -> Conversation:
    return asked(cast)


def test_a_reply_is_written_and_queued_and_ends_the_waiting(
    cast: Cast, conversation: Conversation, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10

    message = reply(conversation, text="On Saturday.", by=cast.mina, at=LATER)

    entry = OutboxEntry.objects.get(message=message)
    assert entry.state == OutboxEntry.State.QUEUED
    assert entry.due_at == entry.undo_until == LATER + timedelta(seconds=10)
    answered = now(conversation)
    assert (answered.waiting_since, answered.assignee, answered.is_open) == (None, cast.mina, True)
    assert (answered.last_message_id, answered.message_count) == (message.pk, 2)
    assert message.to == [["", "aiko@example.jp"]]
    assert message.from_address == "support@kaldera.example"
    assert message.subject == "Re: A question"
    key = bytes(cast.brand.site.mail_key)
    assert read_message_id(message.message_id, keys=[key]) is not None
    assert happened(conversation) == ["ReplyWritten", "ConversationAssigned"]


def test_a_reply_leaves_a_conversation_to_whoever_has_it(
    cast: Cast, conversation: Conversation
) -> None:
    reply(conversation, text="Mine.", by=cast.mina, at=NOON)
    reply(conversation, text="I know more.", by=cast.jonas, at=LATER)

    assert now(conversation).assignee == cast.mina


def test_a_reply_may_close_and_leaves_closed_what_is(
    cast: Cast, conversation: Conversation
) -> None:
    reply(conversation, text="Done.", by=cast.mina, at=NOON, close_after=True)
    assert not now(conversation).is_open

    reply(conversation, text="And one more thing.", by=cast.mina, at=LATER, close_after=True)
    assert now(conversation).closed_at == NOON
    assert happened(conversation).count("ConversationClosed") == 1


def test_a_reply_goes_to_the_customer_whoever_wrote_last(
    cast: Cast, conversation: Conversation
) -> None:
    received(cast, cast.omar, within=conversation)
    received(cast, within=conversation, is_automatic=True)

    proposed = letters.ways_of(conversation).proposed
    message = reply(conversation, text="To you.", by=cast.mina, at=NOON)

    assert message.to == [["", "aiko@example.jp"]]
    assert [one.address for one in proposed.cc] == ["omar@example.sa"]


def addressed(cast: Cast, head: bytes) -> Conversation:
    """Return a conversation that Aiko began with these further fields."""
    return received(cast, head=head).conversation


def test_whom_the_customer_copied_is_proposed_without_any_of_us(cast: Cast) -> None:
    head = (
        f"Cc: Boss <boss@corp.example>, {cast.channel.address}, {cast.ana.email}, AIKO@example.jp\r\n"
        f"To: {cast.channel.address}, Other <other@corp.example>\r\n"
    )
    proposed = letters.ways_of(addressed(cast, head.encode())).proposed

    assert [one.address for one in proposed.to] == ["aiko@example.jp"]
    assert {(one.name, one.address) for one in proposed.cc} == {
        ("Other", "other@corp.example"), ("Boss", "boss@corp.example"),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("asked_for", "goes_to"),
    [
        ("Lucia <lucia@example.es>", "lucia@example.es"),
        ("support@kaldera.example", "aiko@example.jp"),
        ("a@corp.example, b@corp.example", "aiko@example.jp"),
        ("not an address", "aiko@example.jp"),
    ],
)
def test_answers_go_where_the_customer_asks_for_them_and_never_to_us(
    cast: Cast, asked_for: str, goes_to: str
) -> None:
    conversation = addressed(cast, f"Reply-To: {asked_for}\r\n".encode())

    message = reply(conversation, text="Yes.", by=cast.mina, at=NOON)

    assert [address for _, address in message.to] == [goes_to]
    assert message.identity is not None
    assert message.identity.customer_id == cast.aiko.pk  # it proves nothing about who wrote
    assert len(now(conversation).participant_ids) == (1 if goes_to == "aiko@example.jp" else 2)


def test_the_writer_may_say_whom_it_goes_to(cast: Cast, conversation: Conversation) -> None:
    message = reply(
        conversation, text="x", by=cast.mina, at=NOON, to=[Address("Lucía", "lucia@example.es")]
    )

    assert message.to == [["Lucía", "lucia@example.es"]]
    assert len(now(conversation).participant_ids) == 2


def test_a_reply_does_not_go_to_a_crowd(cast: Cast, conversation: Conversation) -> None:
    crowd = [Address("", f"c{number}@corp.example") for number in range(60)]
    with pytest.raises(Refused, match="50 people at most"):
        reply(conversation, text="x", by=cast.mina, at=NOON, cc=crowd)


def test_one_send_that_a_browser_tries_often_is_written_once(
    cast: Cast, conversation: Conversation
) -> None:
    send_id = uuid4()
    first, second = (
        reply(conversation, text="Once.", by=cast.mina, at=NOON, send_id=send_id) for _ in range(2)
    )

    assert first == second
    assert OutboxEntry.objects.count() == 1
    assert happened(conversation).count("ReplyWritten") == 1


@pytest.mark.django_db(transaction=True)
def test_one_send_that_arrives_twice_at_once_is_written_once(cast: Cast) -> None:
    conversation, send_id = asked(cast), uuid4()
    written: list[int] = []

    def send() -> None:
        written.append(reply(conversation, text="Once.", by=cast.mina, at=NOON, send_id=send_id).pk)
        connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(written)) == 1
    assert OutboxEntry.objects.count() == 1


# Overtaking ---------------------------------------------------------------------------------


def test_a_reply_that_a_colleague_or_the_customer_overtook_is_stopped(
    cast: Cast, conversation: Conversation
) -> None:
    seen = conversation.last_message_id
    save_draft(conversation, kind="reply", text="My answer", version=1, by=cast.jonas, at=NOON)
    theirs = reply(conversation, text="Mine was first.", by=cast.mina, at=NOON)
    question = received(cast, within=conversation)

    with pytest.raises(Overtaken, match="wrote in this conversation meanwhile") as overtaken:
        reply(conversation, text="My answer", by=cast.jonas, at=LATER, last_seen_message_id=seen)

    assert overtaken.value.message_ids == (theirs.pk, question.pk)
    assert overtaken.value.code == "overtaken"
    assert Draft.objects.get(agent=cast.jonas).text == "My answer"
    assert Message.objects.filter(agent=cast.jonas).count() == 0


def test_ones_own_message_overtakes_nobody(cast: Cast, conversation: Conversation) -> None:
    seen = conversation.last_message_id
    reply(conversation, text="One.", by=cast.mina, at=NOON)

    assert reply(conversation, text="Two.", by=cast.mina, at=NOON, last_seen_message_id=seen)


def test_notes_overtake_nobody(cast: Cast, conversation: Conversation) -> None:
    note(conversation, text="Careful.", by=cast.jonas, at=NOON)

    assert reply(
        conversation, text="I am.", by=cast.mina, at=NOON, last_seen_message_id=conversation.last_message_id
    )  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_of_two_who_send_at_once_one_is_stopped(cast: Cast) -> None:
    conversation = asked(cast)
    outcomes: list[str] = []

    def send(name: str) -> None:
        try:
            reply(
                conversation, text=name, by=getattr(cast, name), at=NOON,
                last_seen_message_id=conversation.last_message_id,
            )  # fmt: skip
            outcomes.append("sent")
        except Overtaken:
            outcomes.append("stopped")
        finally:
            connection.close()

    threads = [threading.Thread(target=send, args=(name,)) for name in ("mina", "jonas", "ana")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["sent", "stopped", "stopped"]


# People in copy, files ----------------------------------------------------------------------


def test_people_in_copy_are_named_and_let_in(cast: Cast, conversation: Conversation) -> None:
    message = reply(
        conversation, text="With our partner.", by=cast.mina, at=NOON, cc=[Address("Partner", "P@Example.org")]
    )  # fmt: skip

    assert message.cc == [["Partner", "P@Example.org"]]
    assert len(now(conversation).participant_ids) == 2


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b, c@d", "a@b\r\nBcc: eve@evil.example", '"x" <a@b>']
)
def test_what_is_no_address_cannot_be_in_copy(
    cast: Cast, conversation: Conversation, address: str
) -> None:
    with pytest.raises(Refused, match="is not a mail address"):
        reply(conversation, text="x", by=cast.mina, at=NOON, cc=[Address("", address)])
    assert OutboxEntry.objects.count() == 0


def test_a_customers_name_makes_no_further_recipient(
    cast: Cast, conversation: Conversation
) -> None:
    Message.objects.update(from_name='x" <a@a.example>, "y" <eve@evil.example>, "')

    message = reply(conversation, text="x", by=cast.mina, at=NOON)

    assert [address for _name, address in message.to] == ["aiko@example.jp"]


def test_files_go_with_a_reply_even_without_words(cast: Cast, conversation: Conversation) -> None:
    message = reply(
        conversation, text="", by=cast.mina, at=NOON,
        files=[OutboundFile("seal.png", "image/png", b"png"), OutboundFile("a" * 300, "x/y", b"")],
    )  # fmt: skip

    assert [len(one.name) for one in Attachment.objects.filter(message=message)] == [8, 255]
    sent = letters.letter(OutboxEntry.objects.get(message=message))
    assert [file.content for file in sent.files] == [b"png", b""]


def test_files_too_large_for_a_mail_are_refused(
    cast: Cast, conversation: Conversation, settings: Settings
) -> None:
    settings.MAIL_SIZE_LIMIT_BYTES = 1000

    with pytest.raises(Refused, match="too large"):
        reply(
            conversation,
            text="x",
            by=cast.mina,
            at=NOON,
            files=[OutboundFile("a", "x/y", b"x" * 701)],
        )


def test_a_customer_without_an_address_cannot_be_replied_to(
    cast: Cast, conversation: Conversation
) -> None:
    Message.objects.all().delete()
    cast.aiko.identities.all().delete()

    with pytest.raises(Refused, match="no mail address"):
        reply(conversation, text="x", by=cast.mina, at=NOON)


def test_a_reply_takes_as_few_statements_in_a_long_conversation(
    cast: Cast, conversation: Conversation
) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as seen:
            reply(conversation, text="x", by=cast.mina, at=NOON)
        return len(seen)

    few = statements()
    for _ in range(20):
        received(cast, within=conversation)

    assert statements() <= few <= 20


# Taking back --------------------------------------------------------------------------------


def test_a_reply_taken_back_leaves_everything_as_it_was(
    cast: Cast, conversation: Conversation
) -> None:
    before = now(conversation)
    message = reply(conversation, text="Too fast.", by=cast.mina, at=LATER, close_after=True)

    draft = unsend(message, by=cast.mina, at=LATER)

    after = now(conversation)
    for name in (
        "waiting_since",
        "assignee",
        "closed_at",
        "last_message_id",
        "message_count",
        "last_activity_at",
    ):
        assert getattr(after, name) == getattr(before, name), name
    assert draft.text == "Too fast."
    assert not OutboxEntry.objects.exists()
    assert happened(conversation)[-1] == "ReplyUnsent"


def test_what_was_closed_before_a_reply_stays_so_when_it_is_taken_back(
    cast: Cast, conversation: Conversation
) -> None:
    close(conversation, by=cast.mina, at=NOON)
    message = reply(conversation, text="Too fast.", by=cast.mina, at=NOON, close_after=True)

    unsend(message, by=cast.mina, at=NOON)

    assert now(conversation).closed_at == NOON


def test_a_reply_taken_back_stands_before_what_was_begun_since(
    cast: Cast, conversation: Conversation
) -> None:
    message = reply(conversation, text="First.", by=cast.mina, at=NOON, draft_version=3)
    save_draft(conversation, kind="reply", text="Second", version=4, by=cast.mina, at=NOON)

    draft = unsend(message, by=cast.mina, at=NOON)

    assert (draft.text, draft.version) == ("First.\n\nSecond", 5)


@pytest.mark.parametrize("why", ["too late", "begun", "somebody else's"])
def test_a_reply_cannot_be_taken_back_when_it_is(
    cast: Cast, conversation: Conversation, why: str, settings: Settings
) -> None:
    settings.UNDO_SECONDS = 10
    message = reply(conversation, text="Gone.", by=cast.mina, at=NOON)
    if why == "begun":
        OutboxEntry.objects.update(state=OutboxEntry.State.SENDING, attempts=1)

    with pytest.raises(Refused):
        unsend(
            message, by=cast.jonas if why == "somebody else's" else cast.mina,
            at=NOON + timedelta(seconds=10 if why == "too late" else 9),
        )  # fmt: skip
    assert Message.objects.filter(pk=message.pk).exists()


def test_what_came_in_cannot_be_taken_back(cast: Cast, conversation: Conversation) -> None:
    with pytest.raises(Refused, match="too late"):
        unsend(Message.objects.get(), by=cast.mina, at=NOON)


# Drafts -------------------------------------------------------------------------------------


def kept(cast: Cast) -> str:
    return Draft.objects.get(agent=cast.mina, kind="reply").text


def test_a_late_save_does_not_undo_a_newer_one(cast: Cast, conversation: Conversation) -> None:
    for version in (1, 3, 2, 3):
        draft = save_draft(
            conversation, kind="reply", text=f"v{version}", version=version, by=cast.mina, at=NOON
        )

    assert (draft.text, draft.version) == ("v3", 3)
    assert kept(cast) == "v3"


@pytest.mark.parametrize("is_saved_before", [True, False])
def test_a_late_save_does_not_bring_back_what_was_sent(
    cast: Cast, conversation: Conversation, is_saved_before: bool
) -> None:
    if is_saved_before:
        save_draft(conversation, kind="reply", text="an", version=1, by=cast.mina, at=NOON)
    reply(conversation, text="an answer", by=cast.mina, at=NOON, draft_version=2)

    save_draft(conversation, kind="reply", text="an answer", version=2, by=cast.mina, at=NOON)
    assert kept(cast) == ""

    save_draft(conversation, kind="reply", text="next", version=3, by=cast.mina, at=NOON)
    assert kept(cast) == "next"


def test_a_draft_that_was_thrown_away_stays_away(cast: Cast, conversation: Conversation) -> None:
    save_draft(conversation, kind="reply", text="no", version=1, by=cast.mina, at=NOON)
    discard_draft(conversation, kind="reply", by=cast.mina, at=NOON, version=2)

    save_draft(conversation, kind="reply", text="no", version=2, by=cast.mina, at=NOON)

    assert kept(cast) == ""


def test_everybody_has_drafts_of_their_own(cast: Cast, conversation: Conversation) -> None:
    for agent in (cast.mina, cast.jonas):
        for kind in ("reply", "note"):
            save_draft(
                conversation, kind=kind, text=f"{agent} {kind}", version=1, by=agent, at=NOON
            )
    note(conversation, text="said", by=cast.mina, at=NOON, draft_version=2)

    assert Draft.objects.exclude(text="").count() == 3
    with pytest.raises(Refused):
        save_draft(conversation, kind="reply", text="x", version=1, by=cast.vera, at=NOON)
