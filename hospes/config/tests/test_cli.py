"""What is said on the command line, run in this process on the test database."""

from __future__ import annotations

import io
import json
import re
import sys
from typing import Any

import pytest
from django.db import connection
from pytest_django import Settings

from hospes.api.models import Token
from hospes.config.cli import main
from hospes.conversations.actions.sending import send
from hospes.conversations.models import Conversation, Message, Note, OutboxEntry
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.models import HeldRaw, PendingRaw, QuarantinedRaw
from hospes.servicelevels.actions.counting import recount
from hospes.servicelevels.models import ServiceLevel
from hospes.team.actions.inviting import redeem
from hospes.team.models import Agent
from tests.arriving import arrive, shown
from tests.cast import NOON, Cast
from tests.mail import letter


@pytest.fixture
def parcel(cast: Cast) -> Conversation:
    """Aiko asks where her parcel is."""
    raw_id = arrive(
        cast, letter("Aiko <aiko@example.jp>", subject="My parcel", text="Where is it?")
    )
    return Message.objects.get(raw_id=raw_id).conversation


@pytest.mark.django_db
def test_a_desk_that_is_being_prepared_is_told_in_one_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE intake_raw RENAME TO intake_raw_of_tomorrow")

    assert main(["mail"]) == 1
    assert "wait until it says that it is running" in capsys.readouterr().err


@pytest.mark.django_db
def test_one_letter_is_too_little_to_find_a_customer_by(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["customers", "a"]) == 1
    assert "at least 2 letters" in capsys.readouterr().err
    assert main(["customers", "林"]) == 0
    assert capsys.readouterr().out == "Nobody.\n"


def say(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    return capsys.readouterr().out


def say_json(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    return json.loads(say(capsys, *words, "--json"))


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Return the one line with which it was refused."""
    assert main(words) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert len(told.err.splitlines()) == 1
    return told.err


def test_conversations_are_listed_and_read(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = say_json(capsys, "conversations")["items"]
    assert row["reference"] == parcel.reference
    assert row["status"] == "open"
    assert "My parcel" in say(capsys, "conversations", "--view", "unassigned")
    assert say(capsys, "conversations", "--view", "closed") == "No conversations.\n"

    told = say_json(capsys, "conversation", parcel.reference)
    assert [message["text"] for message in told["messages"]] == ["Where is it?"]
    assert "Where is it?" in say(capsys, "conversation", parcel.reference.lower())


def test_pages_of_a_list_follow_one_another(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(5):
        arrive(cast, letter("aiko@example.jp", subject=f"Question {number}"))
    for filters in ([], ["--customer", "aiko@example.jp"]):
        seen, after = [], []
        for _ in range(3):
            page = say_json(capsys, "conversations", *filters, "--limit", "2", *after)
            seen += [row["subject"] for row in page["items"]]
            after = ["--after", page["next_cursor"]]
        assert page["next_cursor"] is None
        assert sorted(seen) == [f"Question {number}" for number in range(5)]


def test_a_wrong_cursor_is_refused(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert "no place in a list" in refusal(capsys, "conversations", "--after", "nowhere")


def test_a_reply_goes_out_in_the_name_of_who_acts(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    said = say_json(
        capsys, "conversation", parcel.reference, "reply", "On its way.", "--as", cast.mina.email
    )

    message = Message.objects.get(direction=Message.Direction.OUT)
    assert (message.agent, message.text) == (cast.mina, "On its way.")
    assert message.outbox_entry.state == "queued"
    assert said["assignee"]["name"] == cast.mina.name
    assert said["status"] == "open"


def test_a_reply_may_be_typed_in_carry_a_file_and_close(
    cast: Cast,
    parcel: Conversation,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Any,
) -> None:
    file = tmp_path / "label.pdf"
    file.write_bytes(b"%PDF")
    monkeypatch.setattr(sys, "stdin", io.StringIO("Typed in.\n"))

    words = ("reply", "-", "--file", str(file), "--cc", "omar@example.sa", "--close")
    say(capsys, "conversation", parcel.reference, *words)

    message = Message.objects.get(direction=Message.Direction.OUT)
    assert message.text == "Typed in."
    assert [(one.name, one.content_type) for one in message.attachments.all()] == [
        ("label.pdf", "application/pdf")
    ]
    assert message.cc == [["", "omar@example.sa"]]
    assert not Conversation.objects.get(pk=parcel.pk).is_open


def test_every_verb_does_what_it_says(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    def after(*words: str) -> Conversation:
        say(capsys, "conversation", parcel.reference, *words, "--as", cast.ana.email)
        return Conversation.objects.get(pk=parcel.pk)

    after("note", "Ask the carrier")
    assert Note.objects.get().text == "Ask the carrier"
    assert after("assign", "Jonas").assignee == cast.jonas
    assert after("assign", "mina@kaldera.example").assignee == cast.mina
    assert after("assign", "me").assignee == cast.ana
    assert after("assign", "nobody").assignee is None
    assert after("snooze", "3d").is_snoozed
    assert not after("close").is_open
    assert after("reopen").is_open
    assert after("move", "Kaldera Japan").queue == cast.elsewhere


def test_vera_can_neither_read_nor_act_where_she_does_not_work(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    as_vera = ("--as", cast.vera.email)
    assert say_json(capsys, "conversations", *as_vera)["items"] == []
    assert "sees no conversation" in refusal(capsys, "conversation", parcel.reference, *as_vera)
    assert "sees no conversation" in refusal(
        capsys, "conversation", parcel.reference, "close", *as_vera
    )
    assert "knows no customer" in refusal(capsys, "customer", "aiko@example.jp", *as_vera)
    assert say_json(capsys, "customers", "aiko", *as_vera)["items"] == []
    assert Conversation.objects.get(pk=parcel.pk).is_open


def test_what_cannot_be_done_is_refused_in_one_line(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    one = ("conversation", parcel.reference)
    assert "sees no conversation H-00000" in refusal(capsys, "conversation", "H-00000")
    assert "no queue called Nowhere" in refusal(capsys, *one, "move", "Nowhere")
    assert "Nobody is called Zorro" in refusal(capsys, *one, "assign", "Zorro")
    assert "give a moment" in refusal(capsys, *one, "snooze", "soon")
    assert "No agent has the address" in refusal(capsys, *one, "close", "--as", "x@example.com")
    assert "No such file" in refusal(capsys, *one, "reply", "x", "--file", "/nowhere/at/all")
    assert Conversation.objects.get(pk=parcel.pk).is_open


def test_a_desk_without_operators_can_be_read_but_nobody_acts(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    Agent.objects.filter(role="operator").update(is_active=False)

    assert len(say_json(capsys, "conversations")["items"]) == 1
    assert "no operator" in refusal(capsys, "conversation", parcel.reference, "close")


def test_a_customer_is_found_and_told(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = say_json(capsys, "customers", "aiko@exam")["items"]
    assert found["latest_conversation"] == parcel.reference

    told = say_json(capsys, "customer", "AIKO@example.jp")
    assert told["display_name"] == cast.aiko.display_name
    assert {one["address"] for one in told["identities"]} == {
        "aiko@example.jp", "aiko.sato@mail.example",
    }  # fmt: skip
    assert told["conversations"][0]["reference"] == parcel.reference


def test_somebody_gets_a_seat_and_a_link_that_works_once(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    told = say_json(
        capsys, "team", "add", "Luz@kaldera.example", "--name", "Luz Mora", "--role", "lead",
        "--language", "es", "--zone", "America/Bogota", "--market", "es",
    )  # fmt: skip

    luz = Agent.objects.get(email="luz@kaldera.example")
    assert (luz.role, luz.language, luz.zone) == ("lead", "es", "America/Bogota")
    assert told["queues"] == ["Kaldera Spain"]
    token = told["sign_in_link"].rstrip("/").rpartition("/")[2]
    redeemed = redeem(token, at=NOON)
    assert redeemed is not None
    assert redeemed.agent == luz
    assert redeem(token, at=NOON) is None


def test_seats_change_and_are_listed(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    say(capsys, "team", "role", cast.mina.email, "lead")
    say(capsys, "team", "seat", cast.mina.email, "--queue", "kaldera japan")
    say(capsys, "team", "deactivate", cast.vera.email)

    team = {one["email"]: one for one in say_json(capsys, "team")["items"]}
    assert team[cast.mina.email]["role"] == "lead"
    assert team[cast.mina.email]["queues"] == ["Kaldera Japan"]
    assert team[cast.vera.email]["is_active"] is False
    assert "no seat any more" in refusal(capsys, "team", "link", cast.vera.email)
    say(capsys, "team", "activate", cast.vera.email)
    assert "lets Vera Lind in once" in say(capsys, "team", "link", cast.vera.email)


def test_the_last_operator_stays(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    assert "At least one operator" in refusal(capsys, "team", "deactivate", cast.ana.email)
    assert "At least one operator" in refusal(capsys, "team", "role", cast.ana.email, "agent")


@pytest.mark.parametrize(
    "words",
    [
        ("--market", "FR"), ("--queue", "Nowhere"), ("--zone", "Mars/Olympus"),
        ("--language", "tlh"),
    ],
)  # fmt: skip
def test_a_seat_that_makes_no_sense_is_refused_whole(
    cast: Cast, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    refusal(capsys, "team", "add", "luz@kaldera.example", "--name", "Luz", *words)

    assert not Agent.objects.filter(email="luz@kaldera.example").exists()


def test_a_token_is_printed_once_listed_and_revoked(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--scopes", "conversations:read", "--as", cast.mina.email, "--expires", "90d")
    made = say_json(capsys, "api", "token", "Web shop", *words)

    token = Token.objects.get()
    assert (token.agent, token.scopes) == (cast.mina, ["conversations:read"])
    assert token.expires_at is not None
    listed = say(capsys, "api", "tokens")
    assert "Web shop" in listed
    assert made["token"] not in listed
    say(capsys, "api", "revoke", "web shop")
    assert Token.objects.get().revoked_at is not None
    assert "No token that works" in refusal(capsys, "api", "revoke", "web shop")


def test_a_token_for_everything_needs_no_scopes(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    say(capsys, "api", "token", "All")

    assert "conversations:write" in Token.objects.get().scopes


def test_mail_is_counted_and_adds_up(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    arrive(cast, b"Subject: Nobody\n\nI name no sender.\n")

    told = say_json(capsys, "mail")

    assert (told["stored"], told["shown"], told["held"]) == (2, 1, 1)
    assert told["is_balanced"] is True
    assert say(capsys, "mail").startswith("2 stored = 1 shown + 1 held")


def test_held_mail_is_listed_and_let_in(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    raw_id = arrive(cast, letter(cast.mina.email, subject="Really me", verified=False))

    (held,) = say_json(capsys, "mail", "held")["items"]
    assert (held["raw"], held["subject"]) == (raw_id, "Really me")
    at = HeldRaw.objects.get().at.astimezone(cast.ana.clock)
    assert f"{at:%Y-%m-%d %H:%M} {at.tzname()}" in say(capsys, "mail", "held")
    told = say_json(capsys, "mail", "release", str(raw_id))
    assert Conversation.objects.get(reference=told["conversation"]).subject == "Really me"
    assert not HeldRaw.objects.exists()
    assert "is held" in refusal(capsys, "mail", "release", str(raw_id))


def test_several_mails_are_decided_about_and_deleted_only_when_one_is_sure(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    raws = [
        str(arrive(cast, letter(cast.mina.email, subject=one, verified=False)))
        for one in ("One", "Two")
    ]
    assert "Not shown: 1." in say(capsys, "mail", "held", "--limit", "1")
    assert len(say_json(capsys, "mail", "aside", *raws)["items"]) == 2
    assert "--yes" in refusal(capsys, "mail", "delete", *raws)
    assert HeldRaw.objects.count() == 2
    assert "2 mails: It is deleted." in say(capsys, "mail", "delete", *raws, "--yes")
    assert "+ 2 deleted" in say(capsys, "mail")


def test_who_is_let_in_is_blocked_no_more_and_what_still_blocks_them_is_told(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    assert (
        len(say_json(capsys, "mail", "block", "eve@x.evil.example", "evil.example")["items"]) == 2
    )
    raw_id = arrive(cast, letter("eve@x.evil.example"))

    told = say(capsys, "mail", "release", str(raw_id))

    assert "eve@x.evil.example is not blocked any more." in told
    assert "@evil.example is blocked all the same" in told


def test_quarantined_mail_is_listed_put_aside_and_read_anew(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    (raw_id,) = store_all([Delivery(cast.channel.pk, b"x", "", "a@b.example")], at=NOON)
    PendingRaw.objects.all().delete()
    QuarantinedRaw.objects.create(raw_id=raw_id, error="It is nested too deeply.", at=NOON)

    say_json(capsys, "mail", "aside", str(raw_id))
    assert say_json(capsys, "mail", "quarantined")["items"] == []
    (aside,) = say_json(capsys, "mail", "quarantined", "--aside")["items"]
    assert (aside["raw"], aside["put_aside_at"] is None) == (raw_id, False)
    say_json(capsys, "mail", "aside", "--undo", str(raw_id))
    (listed,) = say_json(capsys, "mail", "quarantined")["items"]
    assert (listed["raw"], listed["reason"]) == (raw_id, "It is nested too deeply.")
    say(capsys, "mail", "retry", str(raw_id))
    assert PendingRaw.objects.filter(pk=raw_id).exists()
    assert "is quarantined" in refusal(capsys, "mail", "retry", str(raw_id))


def test_words_of_customers_cannot_steer_the_terminal(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    body = letter("Aiko <aiko@example.jp>", text="Clear\x1b[2J\x07 it")
    message = shown(cast, body)

    said = say(capsys, "conversation", message.conversation.reference)

    assert "Clear" in said
    assert not set("\x1b\x07") & set(said)


def test_a_reply_that_cannot_leave_says_so_at_once_and_when_it_is_read(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.SMTP_URL = ""
    one = ("conversation", parcel.reference)

    written = say(capsys, *one, "reply", "On its way.", "--as", cast.mina.email)
    entry = OutboxEntry.objects.get()
    send(entry.pk, at=entry.due_at)
    read = say(capsys, *one)

    assert "Waiting: no outgoing server is set." in written
    assert "goes out" not in written
    assert "[Waiting: no outgoing server is set.]" in read
    assert f"{cast.mina.name} took it" in read


def test_a_reply_that_can_leave_goes_out(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.SMTP_URL = "smtp://127.0.0.1:1"

    said = say(capsys, "conversation", parcel.reference, "reply", "On its way.")

    assert "goes out" in said


def test_what_is_owed_is_told_beside_who_waits(
    cast: Cast, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    ServiceLevel.objects.create(name="All", first_reply_minutes=60, changed_at=NOON)
    recount([parcel.pk], at=NOON)
    due = Conversation.objects.get(pk=parcel.pk).next_due_at
    assert due is not None

    assert re.search(r"\d+ \w+ (late|left)", say(capsys, "conversations", "--view", "open"))
    assert "First reply due" in say(capsys, "conversation", parcel.reference)
    told = say_json(capsys, "conversation", parcel.reference)
    assert told["dues"] == [{"what": "first_reply", "due_at": due.isoformat(), "met_at": None}]
    assert told["next_due"]["what"] == "first_reply"
    assert told["priority"] == "normal"
