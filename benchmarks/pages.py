"""List, conversation and reply: CPU of server and PostgreSQL a page, how long it took, statements."""

from __future__ import annotations

import json
import sys
from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks import ground, processes, web
from benchmarks.ground import Ground, running
from benchmarks.report import Line, Report

VIEWS, QUICK_VIEWS = 100, 20  # of a page, in one round
PEER_SECONDS = 25  # a page of the peer is asked for no longer than this in one round
AIMS = {
    "list": ">= 70x at 100,000; <= 6 statements",
    "list, page 201": "1.2x of the first page",
    "list, who sees a tenth": "growth <= 1.15x",
    "conversation": ">= 5x at 100,000; <= 9 statements",
    "conversation from the list": "",
    "conversation of 60 messages": "<= 15 ms",
    "reply": ">= 2x at 100,000",
}


@dataclass
class Side:
    """One of the two: its server, somebody signed in, and its pages."""

    who: str
    database: str
    server: int  # process
    browsers: dict[str, web.Browser]
    pages: dict[str, web.Page]
    asked: int = 0


def measure(on: Ground, report: Report, at: str, *, rounds: int, is_quick: bool) -> None:
    with ExitStack() as stack:
        sides = [_ours(stack)]
        if on.with_peer:
            sides.insert(0, _peer(on, stack))
        for name in AIMS:
            for side in sides:
                if name in side.pages:
                    _statements(on, report, at, side, name)
            for _ in range(rounds):
                for side in sides:
                    if name in side.pages:
                        _round(on, report, at, side, name, QUICK_VIEWS if is_quick else VIEWS)


def _ours(stack: ExitStack) -> Side:
    told = json.loads(ground.run_desk("tell.py"))
    port = ground.free_port()
    words = [sys.executable, "-m", "hospes", "web", "--port", port, "--host", "127.0.0.1"]
    server = stack.enter_context(running(words, ground.desk_environment(), port=port))
    bench = web.sign_in_to_ours(port, told["bench"])
    narrow = web.sign_in_to_ours(port, told["narrow"])
    # Whoever has a page open has its stream open.
    for key in (told["bench"], told["narrow"]):
        stack.enter_context(web.open_stream(port, key))
    pages = web.our_pages(told["references"], told["long"], told["cursor"])
    pages["list, who sees a tenth"] = pages["list"]
    browsers = dict.fromkeys(pages, bench) | {"list, who sees a tenth": narrow}
    return Side("ours", "hospes", server.pid, browsers, pages)


def _peer(on: Ground, stack: ExitStack) -> Side:
    port = ground.free_port()
    words = [
        ground.PEER_PYTHON,
        "-m",
        "gunicorn",
        "-b",
        f"127.0.0.1:{port}",
        "-w",
        "4",
        "--threads",
        "2",
    ]
    words += ["--keep-alive", "60", "--log-level", "error", "peer_wsgi:application"]
    server = stack.enter_context(running(words, ground.peer_environment(), port=port))
    browser = web.sign_in_to_peer(port)
    with on.connection(ground.PEER_DATABASE) as connection:
        found = connection.execute(
            "SELECT id FROM helpdesk_ticket ORDER BY id LIMIT 997"
        ).fetchall()
    pages = web.peer_pages(browser, [row[0] for row in found])
    return Side("peer", ground.PEER_DATABASE, server.pid, dict.fromkeys(pages, browser), pages)


def _statements(on: Ground, report: Report, at: str, side: Side, name: str) -> None:
    browser, page = side.browsers[name], side.pages[name]
    for _ in range(3):  # caches of the program are warm on any desk that is used
        web.ask_all(browser, page(_next(side)))
    with on.counting(side.database) as found:
        web.ask_all(browser, page(_next(side)))
    if name == "list, page 201":
        return
    line = Line(f"{name}: statements", "", AIMS[name] if "statements" in AIMS[name] else "")
    report.add(line, at, side.who, len(found), statements=[text[:120] for text in found])


def _round(on: Ground, report: Report, at: str, side: Side, name: str, views: int) -> None:
    browser, page = side.browsers[name], side.pages[name]
    took: list[float] = []
    before = (
        processes.cpu_seconds(side.server),
        processes.backend_seconds(on.postmaster, side.database),
    )
    while len(took) < views and sum(took) < PEER_SECONDS:
        took.append(web.ask_all(browser, page(_next(side))))
    server = 1000 * (processes.cpu_seconds(side.server) - before[0]) / len(took)
    postgres = (
        1000 * (processes.backend_seconds(on.postmaster, side.database) - before[1]) / len(took)
    )
    took.sort()
    report.add(
        Line(f"{name}: CPU", "ms", AIMS[name]),
        at,
        side.who,
        server + postgres,
        server_ms=server,
        postgres_ms=postgres,
        views=len(took),
    )
    report.add(Line(f"{name}: p50", "ms"), at, side.who, 1000 * took[len(took) // 2])
    report.add(Line(f"{name}: p95", "ms"), at, side.who, 1000 * took[int(len(took) * 0.95)])
    print(f"  {name}, {at}, {side.who}: {server:.1f} + {postgres:.1f} ms CPU", flush=True)


def _next(side: Side) -> int:
    side.asked += 1
    return side.asked
