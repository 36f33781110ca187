"""A program that asks again until it is answered gets everything done once, whatever is killed meanwhile."""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from tests.mail import letter, send
from tests.running import Desk, wait_until

NOTES = 150
KILLS = 4  # the supervisor lets what dies often rest, and rightly so
AT_ONCE = 3
TRIES = 120
SEED = 11


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path / "desk", {"HOSPES_API_REQUESTS_PER_SECOND": "1000"}).start()
    try:
        desk.python("from tests.cast import gather; gather()")
        yield desk
    finally:
        desk.stop()


@contextmanager
def killing_the_web(desk: Desk) -> Iterator[list[int]]:
    """Kill what answers programs now and then, without a word; tell which."""
    chance, done, killed = random.Random(SEED), threading.Event(), []

    def kill_now_and_then() -> None:
        while len(killed) < KILLS and not done.wait(chance.uniform(0.2, 0.8)):
            pid = desk.part_pids().get("web")
            if pid is not None and desk.is_ready():  # or it would never come back for long enough
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    killer = threading.Thread(target=kill_now_and_then)
    killer.start()
    try:
        yield killed
    finally:
        done.set()
        killer.join()


def ask(
    desk: Desk, token: str, method: str, path: str, body: object = None, key: str = ""
) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", desk.port, timeout=20)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    if key:
        headers["Idempotency-Key"] = key
    try:
        connection.request(method, f"/api/v1{path}", json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def insist(desk: Desk, token: str, path: str, number: int) -> bytes:
    """Ask until it is answered, as a program should: a lost answer, 409 in flight and 503 ask again."""
    pause = threading.Event()
    for _ in range(TRIES):
        with suppress(OSError, http.client.HTTPException):
            body, key = {"text": f"{number}"}, f"key-{number}"
            status, said = ask(desk, token, "POST", path, body, key)
            if status == 201:
                return said
            assert status in {409, 503}, said
        pause.wait(0.1)
    raise AssertionError(f"note {number} was never answered")


def test_what_was_asked_for_again_is_done_once(desk: Desk) -> None:
    body = letter("佐藤 愛子 <aiko@example.jp>", subject="水漏れ", text="水漏れ")
    send(desk.smtp_port, body, from_="aiko@example.jp", to="support@kaldera.example")
    token = desk.json("api", "token", "Shop", "--as", "ana@kaldera.example")["token"]

    def references() -> list[str]:
        _status, said = ask(desk, token, "GET", "/conversations")
        return [one["reference"] for one in json.loads(said)["items"]]

    (reference,) = wait_until(references, why="the letter is shown")
    path = f"/conversations/{reference}/notes"

    with killing_the_web(desk) as killed, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda n: insist(desk, token, path, n), range(NOTES)))

    wait_until(desk.is_ready, why="the desk is whole again")
    kept = json.loads(ask(desk, token, "GET", f"{path}?limit=200")[1])["items"]
    assert killed
    assert sorted(int(one["text"]) for one in kept) == list(range(NOTES))
    assert {json.loads(one)["id"] for one in answers} == {one["id"] for one in kept}
    again = insist(desk, token, path, 0)
    assert again == answers[0]
