"""`hospes mail deliver`: files handed to the door, on a running desk and where no worker runs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from email import message_from_bytes
from email.policy import SMTP
from pathlib import Path

import psycopg
import pytest

from hospes.lib.embedded_postgres import url
from hospes.lib.embedded_postgres.server import Server
from tests import corpora
from tests.mail import letter
from tests.running import COMMAND, Desk, wait_until

FIELDS = [
    "file", "state", "reason", "conversation", "subject", "from_name", "from_address", "to", "cc",
    "date", "language", "text", "reply_text", "attachments", "automatic",
    "forwarded_from_name", "forwarded_from_address", "forwarded_subject",
]  # fmt: skip


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(tmp_path_factory.mktemp("deliver") / "desk").start()
    yield desk
    desk.stop()


def deliver(desk: Desk, *words: str | Path, typed: bytes = b"") -> list[dict]:
    done = subprocess.run(
        [*COMMAND, "mail", "deliver", "--json", *map(str, words)],
        env=desk.environment, input=typed, capture_output=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()
    return [json.loads(line) for line in done.stdout.decode().splitlines()]


def test_everything_a_mail_says_is_told_in_the_fields_promised(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "letter"
    file.write_bytes(
        letter(
            "佐藤 愛子 <aiko@example.jp>",
            to="Care <help@kaldera.example>, second@kaldera.example",
            subject="ポンプが動きません",
            text="こんにちは。エスプレッソマシンのポンプが動きません。\n\nOn Monday, Mina wrote:\n> Hello\n",
            files=[("pump.png", "image/png", b"\x89PNG picture")],
        ).replace(
            b"\nTo:", b"\nCc: Omar <omar@example.sa>\nDate: Mon, 02 Nov 2026 09:00:00 +0900\nTo:"
        )
    )

    (told,) = deliver(desk, file)

    assert list(told) == FIELDS
    assert told["file"] == str(file)
    assert told["state"] == "shown"
    assert told["reason"] is None
    assert told["conversation"].startswith("H-")
    assert told["subject"] == "ポンプが動きません"
    assert (told["from_name"], told["from_address"]) == ("佐藤 愛子", "aiko@example.jp")
    assert told["to"] == ["help@kaldera.example", "second@kaldera.example"]
    assert told["cc"] == ["omar@example.sa"]
    assert told["date"] == "2026-11-02T00:00:00+00:00"
    assert told["language"] == "ja"
    assert "> Hello" in told["text"]
    assert "Hello" not in told["reply_text"]
    assert told["attachments"] == [
        {"name": "pump.png", "content_type": "image/png", "size_bytes": 12}
    ]
    assert told["automatic"] is False
    assert {told[name] for name in FIELDS if name.startswith("forwarded")} == {""}


THEIRS = "Please look.\n\n---------- Forwarded message ---------\nFrom: Vic <vic@corp.example>\nSubject: Pump\nTo: <{to}>\n\nIt leaks."


def test_whom_a_mail_says_it_was_forwarded_from_is_told_whoever_sent_it(
    desk: Desk, tmp_path: Path
) -> None:
    stranger, enclosing = tmp_path / "stranger", tmp_path / "enclosing"
    stranger.write_bytes(
        letter("omar@example.sa", subject="Fwd: Pump", text=THEIRS.format(to="omar@example.sa"))
    )
    outer = message_from_bytes(letter("omar@example.sa", subject="Fwd: Pump"), policy=SMTP)
    outer.add_attachment(message_from_bytes(letter("Vic <vic@corp.example>", subject="Pump")))
    enclosing.write_bytes(outer.as_bytes())

    for told in deliver(desk, stranger, enclosing):
        assert (told["state"], told["from_address"]) == ("shown", "omar@example.sa")
        assert told["subject"] == "Fwd: Pump"
        assert (told["forwarded_from_name"], told["forwarded_from_address"]) == (
            "Vic", "vic@corp.example",
        )  # fmt: skip
        assert told["forwarded_subject"] == "Pump"


def test_a_colleagues_forward_tells_what_it_says_itself(quiet: Desk, tmp_path: Path) -> None:
    with psycopg.connect(url(quiet.folder)) as connection:
        connection.execute("UPDATE channels_channel SET trusted_hop = 'mx.kaldera.example'")
    quiet.hospes("team", "add", "mina@kaldera.example", "--name", "Mina")
    file = tmp_path / "forward"
    file.write_bytes(
        letter("Mina <mina@kaldera.example>", subject="Fwd: Pump", text=THEIRS.format(to="a@b.c"))
    )

    (told,) = deliver(quiet, file)

    assert (told["state"], told["from_address"]) == ("shown", "mina@kaldera.example")
    assert (told["subject"], told["forwarded_subject"]) == ("Fwd: Pump", "Pump")
    assert told["forwarded_from_address"] == "vic@corp.example"
    assert told["text"].startswith("Please look.")
    with psycopg.connect(url(quiet.folder)) as connection:
        addresses = connection.execute(
            "SELECT m.from_address FROM conversations_message m JOIN conversations_conversation c"
            " ON c.id = m.conversation_id WHERE c.reference = %s",
            [told["conversation"]],
        ).fetchall()
    assert addresses == [("vic@corp.example",)]


def test_what_is_told_is_searchable_already(desk: Desk, tmp_path: Path) -> None:
    files = []
    for number in range(30):
        file = tmp_path / f"{number}.eml"
        file.write_bytes(letter("omar@example.sa", text=f"My order is quokka{number}."))
        files.append(file)

    told = deliver(desk, *files)

    assert [one["file"] for one in told] == [str(file) for file in files]
    done = subprocess.run(
        [*COMMAND, "django", "shell", "--no-imports", "-c",
         "from hospes.search.queries import find\n"
         "print([find(f'quokka{n}', queue_ids=None).hits[0].reference for n in range(30)])"],
        env=desk.environment, capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    assert done.stdout.strip() == str([one["conversation"] for one in told])


def test_held_and_unreadable_ones_are_told_with_the_reason(desk: Desk, tmp_path: Path) -> None:
    nobody, deep, good = tmp_path / "nobody", tmp_path / "deep", tmp_path / "good"
    nobody.write_bytes(b"Subject: Who am I\nTo: a@b.example\n\nI name no sender.\n")
    part = b"Content-Type: multipart/mixed; boundary=%d\n\n--%d\n"
    deep.write_bytes(b"From: a@b.example\n" + b"".join(part % (n, n) for n in range(3000)))
    good.write_bytes(letter("vera@example.com"))

    told = deliver(desk, nobody, deep, good)

    assert [one["state"] for one in told] == ["held", "quarantined", "shown"]
    assert told[0]["reason"] == "It names no sender."
    assert (told[0]["subject"], told[0]["text"]) == ("Who am I", "I name no sender.")
    assert told[0]["conversation"] is None
    assert told[1]["reason"] == "Its parts are nested too deeply."
    assert all(list(one) == FIELDS for one in told)


def test_delivering_twice_gives_the_same_answer_and_stores_nothing(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter("omar@example.sa", subject="Once"))

    first, second, third = *deliver(desk, file), *deliver(desk, file, file)

    assert first == second == third


def test_a_mail_from_a_mailbox_or_standard_input_is_one_message(desk: Desk) -> None:
    body = letter("omar@example.sa", subject="Piped", text="From here on\n\nFrom there on")

    (told,) = deliver(desk, "-", typed=b"From omar@example.sa Thu Nov 19 12:00:00 2026\n" + body)

    assert (told["file"], told["subject"]) == ("-", "Piped")
    assert told["text"] == "From here on\n\nFrom there on"


def test_what_is_no_mail_is_refused_before_anything_is_handed_in(
    desk: Desk, tmp_path: Path
) -> None:
    good = tmp_path / "good.eml"
    good.write_bytes(letter("omar@example.sa", subject="Not handed in"))

    for wrong in (tmp_path / "missing.eml", tmp_path):
        done = subprocess.run(
            [*COMMAND, "mail", "deliver", "--json", str(good), str(wrong)],
            env=desk.environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"hospes: {wrong}")
        assert len(done.stderr.splitlines()) == 1


def test_a_line_for_people_tells_it_in_words(desk: Desk, tmp_path: Path) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter("Omar <omar@example.sa>", subject="Plain\x1b[2J words"))

    said = desk.hospes("mail", "deliver", str(file))

    assert said.startswith(f"{file} | shown in H-")
    assert "Omar <omar@example.sa>" in said
    assert "\x1b" not in said


def test_hostile_mails_of_the_real_world_are_each_told(desk: Desk) -> None:
    folders = [corpora.folder("mimekit"), corpora.folder("cpython-test_email")]
    files = sorted(
        path for folder in folders for path in folder.rglob("*") if path.suffix in {".eml", ".txt"}
    )

    told = deliver(desk, *files)

    assert [one["file"] for one in told] == [str(file) for file in files]
    assert {one["state"] for one in told} <= {"shown", "held", "quarantined"}


def test_everything_arrives_once_though_worker_and_database_are_killed(
    desk: Desk, tmp_path: Path
) -> None:
    files = []
    for number in range(1500):
        files.append(tmp_path / f"{number}.eml")
        files[-1].write_bytes(letter(f"c{number}@example.com", subject=f"Among the ruins {number}"))
    out = tmp_path / "out"
    with out.open("wb") as file:
        delivering = subprocess.Popen(
            [*COMMAND, "mail", "deliver", "--json", *map(str, files)],
            env=desk.environment, stdout=file,
        )  # fmt: skip
    wait_until(lambda: out.stat().st_size, why="the first ones are told")
    os.kill(desk.part_pids()["worker"], signal.SIGKILL)
    lock = desk.folder / "postgres" / "data" / "postmaster.pid"
    os.kill(int(lock.read_text().splitlines()[0]), signal.SIGKILL)
    delivering.wait(timeout=120)

    told = [json.loads(line) for line in out.read_text().splitlines()]

    assert delivering.returncode == 0
    assert [one["file"] for one in told] == [str(file) for file in files]
    assert {one["state"] for one in told} == {"shown"}
    assert len({one["conversation"] for one in told}) == len(files)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A desk of which only the database runs, with support@kaldera.example as its first address."""
    desk = Desk(tmp_path_factory.mktemp("quiet") / "desk").start()
    desk.stop()
    server = Server(desk.folder)
    server.start()
    server.wait_until_ready()
    with psycopg.connect(url(desk.folder)) as connection:
        connection.execute(
            "UPDATE channels_channel SET address = 'support@kaldera.example', is_catch_all = false"
        )
    yield desk
    server.stop()


def test_where_no_worker_runs_the_command_understands_by_itself(
    quiet: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter("omar@example.sa", subject="Nobody at work"))

    (told,) = deliver(quiet, file)

    assert (told["state"], told["subject"]) == ("shown", "Nobody at work")


def test_mail_goes_to_the_first_support_address_whatever_it_says_itself(
    quiet: Desk, tmp_path: Path
) -> None:
    first, tagged = tmp_path / "first", tmp_path / "tagged"
    first.write_bytes(letter("omar@example.sa", to="somebody@else.example", subject="First"))
    tagged.write_bytes(letter("omar@example.sa", subject="Tagged"))

    deliver(quiet, first)
    deliver(quiet, "--to", "Support+tag@kaldera.example", tagged)

    with psycopg.connect(url(quiet.folder)) as connection:
        came_to = connection.execute(
            "SELECT m.subject, r.envelope_to FROM intake_raw r"
            " JOIN conversations_message m ON m.raw_id = r.id WHERE m.subject IN ('First', 'Tagged')"
        ).fetchall()
    assert dict(came_to) == {
        "First": "support@kaldera.example", "Tagged": "Support+tag@kaldera.example",
    }  # fmt: skip


def test_an_address_nobody_goes_by_is_refused(quiet: Desk, tmp_path: Path) -> None:
    file = tmp_path / "letter.eml"
    file.write_bytes(letter("omar@example.sa"))
    done = subprocess.run(
        [*COMMAND, "mail", "deliver", "--to", "nobody@else.example", str(file)],
        env=quiet.environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("hospes: Nobody here goes by nobody@else.example.")
