"""How fast working time is: script/bench worktime. Beside businesstimedelta and beside stepping by minutes.

Forty calendars (zones of the world, lunch breaks, the public holidays of their countries), moments of one year.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from benchmarks.ground import FOLDER, HERE
from hospes.markets.public_holidays import Where, public_holidays
from hospes.markets.usual import usual_zone
from hospes.markets.working_time import Calendar, add, between
from hospes.servicelevels.clocks import Happened, Rules, Targets, What, count

COUNTRIES = [
    "AR",
    "AT",
    "AU",
    "BE",
    "BG",
    "BR",
    "CA",
    "CH",
    "CL",
    "CO",
    "CY",
    "CZ",
    "DE",
    "DK",
    "EE",
    "ES",
    "FI",
    "FR",
    "GB",
    "GR",
    "HR",
    "HU",
    "ID",
    "IE",
    "IN",
    "IT",
    "JP",
    "KE",
    "KR",
    "LT",
    "LU",
    "LV",
    "MX",
    "NL",
    "NO",
    "PL",
    "PT",
    "RO",
    "SI",
    "ZA",
]
CONVERSATIONS, FEW, LEAST = 100_000, 2_000, 200
AIM_SECONDS, AIM_MICROSECONDS = 10, 20
PEER, PEER_PYTHON = "businesstimedelta==1.0.1", FOLDER / "worktime-venv" / "bin" / "python"
YEAR = datetime(2026, 1, 1, tzinfo=UTC)
Question = tuple[int, int, int]  # which calendar, the moment in seconds since 1970, working seconds


def calendars() -> list[Calendar]:
    shifts = (((540, 720), (780, 1020)), ((480, 960),), ((600, 840), (900, 1140)))
    made = []
    for number, country in enumerate(COUNTRIES):
        off = frozenset(holiday.on for holiday in public_holidays(Where(country), 2025, 2028))
        work = shifts[number % 3]
        made.append(Calendar(usual_zone(country), (*(work for _ in range(5)), (), ()), off))
    return made


def questions(many: int) -> list[Question]:
    dice = random.Random(7)
    begin = int(YEAR.timestamp())
    return [
        (dice.randrange(len(COUNTRIES)), begin + dice.randrange(365 * 86_400), dice.choice((3600, 14_400, 28_800, 86_400)))
        for _ in range(many)
    ]  # fmt: skip


def by_minutes(calendar: Calendar, moment: datetime, seconds: int) -> datetime:
    """The floor: step from minute to minute and count those that are open."""
    zone, left = ZoneInfo(calendar.zone), seconds
    at = moment
    while left > 0:
        local = at.astimezone(zone)
        minute = local.hour * 60 + local.minute
        if any(start <= minute < end for start, end in calendar.openings_of(local.date())):
            step = min(60 - local.second, left)
            left -= step
        else:
            step = 60 - local.second
        at += timedelta(seconds=step)
    return at


def timed(work: Callable[[], Sequence[datetime]]) -> tuple[float, list[int]]:
    """Return the CPU seconds it took and the dues."""
    began = time.process_time()
    dues = work()
    return time.process_time() - began, [int(due.timestamp()) for due in dues]


def ours(made: Sequence[Calendar], asked: Sequence[Question]) -> tuple[float, list[int]]:
    given = [
        (made[which], datetime.fromtimestamp(at, UTC), seconds) for which, at, seconds in asked
    ]
    return timed(lambda: [add(calendar, at, seconds) for calendar, at, seconds in given])


def floor(made: Sequence[Calendar], asked: Sequence[Question]) -> tuple[float, list[int]]:
    given = [
        (made[which], datetime.fromtimestamp(at, UTC), seconds) for which, at, seconds in asked
    ]
    return timed(lambda: [by_minutes(calendar, at, seconds) for calendar, at, seconds in given])


def peer(made: Sequence[Calendar], asked: Sequence[Question]) -> tuple[float, list[int]]:
    if not PEER_PYTHON.exists():
        print(f"Installing {PEER} ...", flush=True)
        subprocess.run([sys.executable, "-m", "venv", PEER_PYTHON.parents[1]], check=True)
        words = ["-m", "pip", "install", "-q", "--no-input", "--disable-pip-version-check"]
        subprocess.run([PEER_PYTHON, *words, PEER], check=True)
    told = {
        "calendars": [
            {"zone": one.zone, "hours": one.hours, "holidays": sorted(map(date.isoformat, one.holidays))}
            for one in made
        ],
        "questions": asked,
    }  # fmt: skip
    done = subprocess.run(
        [PEER_PYTHON, HERE / "peer" / "worktime.py"],
        input=json.dumps(told), capture_output=True, text=True, check=True,
    )  # fmt: skip
    answered = json.loads(done.stdout)
    return answered["cpu"], answered["dues"]


def conversations(made: Sequence[Calendar], asked: Sequence[Question]) -> float:
    """Count the clocks of conversations anew: asked, answered, pending for a day, asked again."""
    targets = Targets(timedelta(hours=4), timedelta(hours=8), timedelta(hours=40))
    told = []
    for which, at, seconds in asked:
        began = datetime.fromtimestamp(at, UTC)
        ways = (
            What.CUSTOMER_MESSAGE,
            What.AGENT_REPLY,
            What.PENDING,
            What.OPEN,
            What.CUSTOMER_MESSAGE,
        )
        happened = [
            Happened(began + timedelta(seconds=i * seconds), what) for i, what in enumerate(ways)
        ]
        told.append((Rules(made[which], targets), began, happened))
    start = time.process_time()
    for rules, began, happened in told:
        count(rules, created_at=began, happened=happened)
    return time.process_time() - start


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    asked = questions(CONVERSATIONS)
    began = time.process_time()
    made = calendars()
    for one in made:
        between(one, YEAR, YEAR + timedelta(days=500))
    cold = time.process_time() - began
    warm, dues = ours(made, asked)
    whole = conversations(made, asked)
    slow, peers = peer(made, asked[:FEW])
    slowest, floors = floor(made, asked[:LEAST])
    same = sum(a == b for a, b in zip(dues, peers, strict=False))
    assert dues[:LEAST] == floors, "Stepping by minutes gives other dues."
    a_due, theirs, stepped = warm / CONVERSATIONS * 1e6, slow / FEW * 1e6, slowest / LEAST * 1e6
    print(f"Forty calendars made and their tables worked out: {cold * 1000:.0f} ms")
    print(f"{'one due, warm':42} {a_due:10.1f} µs   (aim: under {AIM_MICROSECONDS})")
    print(
        f"{'  businesstimedelta':42} {theirs:10.0f} µs   {theirs / a_due:.0f}x; the same due in {same} of {FEW}"
    )
    print(
        f"{'  stepping by minutes':42} {stepped:10.0f} µs   {stepped / a_due:.0f}x; the same due in all {LEAST}"
    )
    print(f"{f'{CONVERSATIONS:,} dues, warm':42} {warm:10.2f} s")
    print(
        f"{f'all clocks of {CONVERSATIONS:,} conversations':42} {whole:10.2f} s    (aim: under {AIM_SECONDS})"
    )


if __name__ == "__main__":
    main()
