"""The main job on the command line alone: a letter in, an answer out, and the next one beside it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.mail import Sink, letter
from tests.running import Desk, wait_until


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    """The customers' mail server."""
    sink = Sink().start()
    yield sink
    sink.stop()


@pytest.fixture(scope="module")
def desk(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    settings = {"HOSPES_SMTP_URL": f"{sink.url}?security=none", "HOSPES_UNDO_SECONDS": "0"}
    desk = Desk(tmp_path_factory.mktemp("spoken") / "desk", settings).start()
    desk.hospes("team", "add", "ana@kaldera.example", "--name", "Ana", "--role", "operator")
    yield desk
    desk.stop()


def delivered(desk: Desk, folder: Path, body: bytes) -> dict[str, Any]:
    file = folder / "letter.eml"
    file.write_bytes(body)
    return json.loads(desk.hospes("mail", "deliver", "--json", str(file)))


def test_a_letter_is_answered_and_its_answer_comes_back_to_it(
    desk: Desk, sink: Sink, tmp_path: Path
) -> None:
    asked = delivered(desk, tmp_path, letter("Omar <omar@example.sa>", subject="My parcel"))
    reference = asked["conversation"]

    desk.hospes("conversation", reference, "note", "He asked twice.")
    desk.hospes("conversation", reference, "matter", "--priority", "high", "--value", "129.00 eur")
    desk.hospes("conversation", reference, "reply", "It is on its way.", "--close")
    wait_until(lambda: sink.letters, why="the answer leaves")
    answer: Any = sink.letters[-1]
    again = delivered(
        desk, tmp_path, letter("Omar <omar@example.sa>", subject="Re: My parcel", answers=answer)
    )

    assert "It is on its way." in answer.get_body(("plain",)).get_content()
    assert sink.recipients[-1] == ["omar@example.sa"]
    assert again["conversation"] == reference
    read_aloud = desk.hospes("conversation", reference)
    assert "> [Not verified]" in read_aloud
    told = desk.json("conversation", reference)
    assert told["status"] == "open"
    assert (told["priority"], told["value_minor"], told["value_currency"]) == ("high", 12900, "EUR")
    assert [one["is_incoming"] for one in told["messages"]] == [True, False, True]
    assert [one["text"] for one in told["notes"]] == ["He asked twice."]
    assert desk.json("customer", "omar@example.sa")["conversations"][0]["reference"] == reference


def test_a_token_made_here_opens_the_interface(desk: Desk) -> None:
    import urllib.request

    token = desk.json("api", "token", "Shop", "--scopes", "conversations:read")["token"]
    request = urllib.request.Request(
        f"{desk.url}/api/v1/conversations", headers={"Authorization": f"Bearer {token}"}
    )

    with urllib.request.urlopen(request, timeout=20) as answer:
        told = json.load(answer)

    assert told["items"] == desk.json("conversations")["items"]
