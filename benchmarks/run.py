"""Hospes beside django-helpdesk: the same mail, the same PostgreSQL, the same machine; prints ratios.

    script/bench [mail] [pages] [memory] [live] [--size N ...] [--rounds N] [--quick]

It sets everything up itself, under `benchmarks/.peer`, listens on this machine alone and ends what it starts.
`docs/developers/benchmarks.md` says what each figure means.
"""

from __future__ import annotations

import argparse
import json
import time
from dataclasses import dataclass
from typing import Any

from benchmarks import corpus, ground, live, memory, pages
from benchmarks.ground import Ground
from benchmarks.report import Line, Report, machine

PARTS = ("mail", "pages", "memory", "live")
MAILS, QUICK_MAILS = 800, 200
WARM = 20  # of ours, before the clock starts
LEAD_IN = 600  # from here on as many mails answer an earlier one as ever will
PEER_IS_SLOW_FROM = 50_000  # there it gets fewer mails, or a run would take an hour


@dataclass(frozen=True)
class Given:
    """What was asked for."""

    parts: list[str]
    sizes: list[int]
    rounds: int
    is_quick: bool
    with_peer: bool
    is_kept: bool


def read_words() -> Given:
    parser = argparse.ArgumentParser(prog="script/bench", description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", metavar="mail|pages|memory|live", help="default: all")
    parser.add_argument("--size", type=int, nargs="+", help="conversations (20000 100000)")
    parser.add_argument(
        "--rounds", type=int, help="of each measure, ours and the peer's in turn (3)"
    )
    parser.add_argument("--quick", action="store_true", help="small and short: does it work at all")
    parser.add_argument("--ours-alone", action="store_true", help="leave the peer out")
    parser.add_argument("--keep", action="store_true", help="go on with the desks of the last run")
    words = parser.parse_args()
    unknown = set(words.parts) - {*PARTS, "all"}
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    return Given(
        parts=[one for one in PARTS if not words.parts or {one, "all"} & set(words.parts)],
        sizes=sorted(words.size or ([1000] if words.quick else [20_000, 100_000])),
        rounds=words.rounds or (1 if words.quick else 3),
        is_quick=words.quick,
        with_peer=not words.ours_alone,
        is_kept=words.keep,
    )


def main() -> None:
    given = read_words()
    ground.FOLDER.mkdir(exist_ok=True)
    if given.with_peer:
        ground.install_peer()
    report = Report(ground.RESULTS, is_kept=given.is_kept)
    print(machine(), flush=True)
    on = Ground(with_peer=given.with_peer)
    on.start()
    try:
        if not given.is_kept:
            on.make_databases()
        mails = _Mails(given) if "mail" in given.parts else None
        desks = given.sizes if {"mail", "pages"} & set(given.parts) or not given.is_kept else []
        for size in desks if given.is_kept else [0, *desks]:
            _fill(on, size, given)
            if mails is not None:
                mails.measure(on, report, _name(size))
            if "pages" in given.parts and size:
                pages.measure(on, report, _name(size), rounds=given.rounds, is_quick=given.is_quick)
    finally:
        on.stop()
    if "memory" in given.parts:
        memory.measure(
            report, _name(given.sizes[-1]), rounds=given.rounds, with_peer=given.with_peer
        )
    if "live" in given.parts:
        live.measure(report, _name(given.sizes[-1]), is_quick=given.is_quick)
    print(f"\n{machine()}\n\n{report.table()}\n\nEvery figure: {ground.RESULTS}")


def _name(size: int) -> str:
    return f"{size:,}" if size else "empty"


def _fill(on: Ground, size: int, given: Given) -> None:
    if not size:
        return
    start = time.monotonic()
    ground.run_desk("fill.py", str(size))
    if given.with_peer:
        ground.run_peer("fill.py", str(size))
    on.settle()
    print(f"Filled to {size:,} conversations in {time.monotonic() - start:.0f} s.", flush=True)


MAILS_LINE = Line("mails a second, one worker", "1/s", ">= 8x; 90 % kept", more_is_better=True)
CPU_LINE = Line("CPU a mail (program + PostgreSQL)", "ms", ">= 8x; 90 % kept")
STATEMENTS_LINE = Line("statements a mail", "", "<= 1.5 under load")
PROVED_LINE = Line(
    "mails a second, senders found out by us (SPF, DKIM, DMARC)", "1/s", "> 4x", more_is_better=True
)
PROVED_CPU_LINE = Line("CPU a mail, senders found out by us", "ms", "> 4x")
FOLLOWING_LINE = Line("CPU of what follows from a mail (search, screens)", "ms", "")


FED = ground.FOLDER / "fed"  # how many mails the desks have had


def _fed() -> int:
    return int(FED.read_text()) if FED.exists() else 0


class _Mails:
    """Feeds both the same mails, ever new ones, in turn."""

    def __init__(self, given: Given) -> None:
        self.given, self.next = given, _fed() if given.is_kept else 0
        self.count = QUICK_MAILS if given.is_quick else MAILS
        a_round = self.count + WARM + self.count // 4 + WARM
        wanted = self.next + LEAD_IN + a_round * given.rounds * (1 + len(given.sizes))
        conversations = 4000 if wanted > 1000 else 400  # three mails each, and some more
        if wanted > 3 * conversations:
            raise SystemExit("So many mails are not there: run it without --keep.")
        if len(list(ground.MAILS.glob("*.eml"))) < 3 * conversations:
            corpus.write(ground.MAILS, conversations)

    def measure(self, on: Ground, report: Report, at: str) -> None:
        if not self.next:
            self._lead_in(on)
        for _ in range(self.given.rounds):
            if self.given.with_peer:
                self._peer(on, report, at)
            self._ours(on, report, at)
            self.next += self.count + WARM
            FED.write_text(str(self.next))
        for _ in range(self.given.rounds):
            self._proved(on, report, at)
            self.next += self.count // 4 + WARM
            FED.write_text(str(self.next))

    def _lead_in(self, on: Ground) -> None:
        """Feed both what comes before, so that every round has the same share of answers, and of long quotes."""
        if self.given.with_peer:
            ground.run_peer("ingest.py", *self._words(LEAD_IN, on))
        ground.run_desk("ingest.py", *self._words(LEAD_IN, on))
        self.next += LEAD_IN

    def _peer(self, on: Ground, report: Report, at: str) -> None:
        count = self.count if at == "empty" else self.count // 4
        if at != "empty" and int(at.replace(",", "")) >= PEER_IS_SLOW_FROM:
            count = self.count // 16
        said = json.loads(ground.run_peer("ingest.py", *self._words(count, on)))
        self._add(report, at, "peer", said)

    def _ours(self, on: Ground, report: Report, at: str) -> None:
        said = json.loads(ground.run_desk("ingest.py", *self._words(self.count + WARM, on)))
        if not said["balanced"] or said["messages"] != said["mails"]:
            raise SystemExit(f"Mails were lost: {said}")
        self._add(report, at, "ours", said)
        following = said["reactions_cpu_ms"] + said["reactions_postgres_ms"]
        report.add(FOLLOWING_LINE, at, "ours", following)

    def _proved(self, on: Ground, report: Report, at: str) -> None:
        words = [*self._words(self.count // 4 + WARM, on), "proved"]
        said = json.loads(ground.run_desk("ingest.py", *words))
        if not said["balanced"] or said["verified"] != said["messages"] or not said["messages"]:
            raise SystemExit(f"Not every sender was found out: {said}")
        print(f"  mail, senders found out, {at}, ours: {said['per_second']:.0f}/s", flush=True)
        report.add(PROVED_LINE, at, "ours", said["per_second"], **said)
        report.add(PROVED_CPU_LINE, at, "ours", said["cpu_ms"] + said["postgres_ms"])

    def _words(self, count: int, on: Ground) -> list[str]:
        return [str(ground.MAILS), str(self.next), str(count), str(on.postmaster)]

    def _add(self, report: Report, at: str, who: str, said: dict[str, Any]) -> None:
        print(f"  mail, {at}, {who}: {said['per_second']:.0f}/s", flush=True)
        report.add(MAILS_LINE, at, who, said["per_second"], **said)
        report.add(CPU_LINE, at, who, said["cpu_ms"] + said["postgres_ms"])
        report.add(STATEMENTS_LINE, at, who, said["statements"])
        if who == "peer":  # which finds nothing out: what it does is all it does
            report.add(PROVED_LINE, at, who, said["per_second"])
            report.add(PROVED_CPU_LINE, at, who, said["cpu_ms"] + said["postgres_ms"])


if __name__ == "__main__":
    main()
