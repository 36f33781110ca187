"""A desk whose mail comes and goes through a provider alone: hooks in, an account out, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hospes.channels.email.providers.tests import payloads
from hospes.channels.email.providers.tests.payloads import Call, Letter
from hospes.channels.email.providers.tests.stand_in import KEY, StandIn, providers
from tests.mail import letter
from tests.running import Desk, wait_until

AIKO, SUPPORT = "aiko@example.jp", "support@kaldera.example"


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with providers() as stand_in:
        yield stand_in


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    settings = {"HOSPES_UNDO_SECONDS": "0", "HOSPES_PRIVATE_NETWORKS": "127.0.0.1"}
    desk = Desk(tmp_path / "desk", settings).start()
    desk.python("from tests.cast import gather; gather()")
    yield desk
    desk.end()


def called(address: str, desk: Desk, what: Call) -> httpx.Response:
    """Let the provider call the very address that it was given, with its secret in it."""
    parts = httpx.URL(address)
    there = parts.copy_with(username="", password="", port=desk.port)
    headers = {k: v for k, v in what.headers.items() if k != "Authorization"}
    return httpx.post(
        there, content=what.body, headers={**headers, "Content-Type": what.content_type},
        auth=(parts.username, parts.password),
    )  # fmt: skip


def shown(desk: Desk) -> list[dict[str, Any]]:
    return list(desk.json("conversations")["items"])


def test_a_question_comes_in_by_a_hook_and_its_answer_leaves_through_the_account(
    desk: Desk, stand_in: StandIn, tmp_path: Path
) -> None:
    key = tmp_path / "key"
    key.write_text(KEY)
    made = desk.json(
        "mail", "out", "--add", "postmark", "--password-file", str(key),
        "--api-url", stand_in.api_url("postmark"),
    )  # fmt: skip
    hooks = desk.json("mail", "out", str(made["number"]), "--hooks")

    question = letter(f"愛子 <{AIKO}>", subject="小包", text="小包はどこですか。")
    answer = called(hooks["inbound"], desk, payloads.postmark_mail(question, SUPPORT, AIKO))
    assert (answer.status_code, answer.text) == (200, "Stored.\n")
    wrong = hooks["inbound"].replace("hospes:", "hospes:x")
    assert called(wrong, desk, payloads.postmark_mail(question, SUPPORT, AIKO)).status_code == 401

    (one,) = wait_until(lambda: shown(desk), why="the question is shown")
    desk.hospes("conversation", one["reference"], "reply", "土曜日に届きます。")
    wait_until(lambda: stand_in.taken, why="the answer leaves")
    (sent,) = stand_in.taken
    assert (sent.subject, AIKO in sent.to[0]) == ("Re: 小包", True)

    told = payloads.postmark_status("bounced", Letter(sent.hospes, sent.id, AIKO))
    assert called(hooks["status"], desk, told).text == "News: 1.\n"
    assert called(hooks["status"], desk, told).text == "News: 0.\n"
    state = desk.python(
        "import json; from hospes.conversations.models import OutboxEntry as O;"
        "print(json.dumps(list(O.objects.values_list('state', 'reason'))))"
    )
    assert json.loads(state) == [["bounced", "no_such_address"]]
