"""`hospes worktime`: working time of any calendar, a line of JSON in and one out. Needs no desk."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hospes.config.cli.printing import print_json

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from hospes.config.cli import Subparsers
    from hospes.markets.working_time import Calendar

DESCRIPTION = """\
Reads questions, one JSON object a line, from FILE or standard input, and answers each with one line:

  {"op": "add", "calendar": {...}, "from": "2026-12-23T15:30:00Z", "seconds": 3600}  ->  {"at": ...}
  op add and subtract   seconds of working time, or days: working days, at the same wall clock
  op between            up to "to": {"seconds": ...}
  op openings           so many as "take" says: {"openings": [[start, end], ...]}

A calendar has a zone and hours, and may have holidays, breaks and exceptions:

  {"zone": "Europe/Berlin", "hours": {"mon": [["09:00", "17:00"]], "fri": [["22:00", "06:00"]]},
   "holidays": ["2026-12-25"], "breaks": {"2026-12-24": [["12:00", "24:00"]]},
   "exceptions": {"2026-12-27": [["10:00", "14:00"]]}}

A line that cannot be answered gives {"error": ..., "line": ...}, and the exit code is 1 in the end."""
REFUSED = 1


def add_to(subparsers: Subparsers, common: argparse.ArgumentParser) -> None:
    worktime = subparsers.add_parser(
        "worktime", parents=[common], help="reckon with opening hours, JSON in and out",
        description=DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    worktime.add_argument("file", metavar="FILE", nargs="?", default="-", help="(standard input)")
    worktime.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    if args.file == "-":
        return _answer_all(sys.stdin)
    with Path(args.file).open(encoding="utf-8") as lines:
        return _answer_all(lines)


def _answer_all(lines: Any) -> int:
    """Answer each line as it comes. Returns the exit code."""
    from hospes.markets.working_time import BadCalendar, NeverOpen

    code = 0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            answer = _answer(line)
        except (BadCalendar, NeverOpen) as error:
            why = in_words(error)
            answer, code = {"error": why, "line": number}, REFUSED
            print(f"hospes: {number}: {why}", file=sys.stderr)
        print_json(answer)
        sys.stdout.flush()  # a program may ask the next question only after this
    return code


def _answer(line: str) -> dict[str, Any]:
    """Return the answer to one question. Raises BadCalendar and NeverOpen."""
    from hospes.markets.calendar_reading import read_moment
    from hospes.markets.working_time import BadCalendar

    try:
        asked = json.loads(line)
    except ValueError:
        raise BadCalendar("no_json") from None
    if not isinstance(asked, dict):
        raise BadCalendar("no_json")
    ops: dict[Any, Callable[[dict[str, Any], Calendar, datetime], dict[str, Any]]] = {
        "add": _add, "subtract": _subtract, "between": _between, "openings": _openings,
    }  # fmt: skip
    op = asked.get("op")
    if not isinstance(op, str) or op not in ops:
        raise BadCalendar("unknown_name", name=str(op), known=", ".join(ops))
    return ops[op](asked, _calendar(asked.get("calendar")), read_moment(asked.get("from")))


_calendars: dict[str, Calendar] = {}  # a file asks the same few again and again


def _calendar(given: Any) -> Calendar:
    from hospes.markets.calendar_reading import read_calendar

    key = json.dumps(given, sort_keys=True)
    if key not in _calendars:
        if len(_calendars) >= 256:
            _calendars.clear()
        _calendars[key] = read_calendar(given)
    return _calendars[key]


def _add(asked: dict[str, Any], calendar: Calendar, start: datetime) -> dict[str, Any]:
    from hospes.markets import working_time
    from hospes.markets.calendar_reading import read_amount

    if "days" in asked:
        return {"at": _z(working_time.add_days(calendar, start, read_amount(asked["days"])))}
    return {"at": _z(working_time.add(calendar, start, read_amount(asked.get("seconds"))))}


def _subtract(asked: dict[str, Any], calendar: Calendar, start: datetime) -> dict[str, Any]:
    from hospes.markets import working_time
    from hospes.markets.calendar_reading import read_amount

    if "days" in asked:
        return {"at": _z(working_time.subtract_days(calendar, start, read_amount(asked["days"])))}
    return {"at": _z(working_time.subtract(calendar, start, read_amount(asked.get("seconds"))))}


def _between(asked: dict[str, Any], calendar: Calendar, start: datetime) -> dict[str, Any]:
    from hospes.markets.calendar_reading import read_moment
    from hospes.markets.working_time import between

    return {"seconds": between(calendar, start, read_moment(asked.get("to")))}


def _openings(asked: dict[str, Any], calendar: Calendar, start: datetime) -> dict[str, Any]:
    from hospes.markets.calendar_reading import read_amount
    from hospes.markets.working_time import NeverOpen, openings

    take, found = read_amount(asked.get("take")), []
    with contextlib.suppress(NeverOpen):  # fewer are left than were asked for
        for begin, end in openings(calendar, start, take):
            found.append([_z(begin), _z(end)])  # what was found before stays
    return {"openings": found}


def _z(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def in_words(error: Any) -> str:
    """Return what is wrong in the language of this terminal (LC_ALL, LC_MESSAGES, LANG)."""
    _speak()
    from django.utils.translation import override

    from hospes.markets.calendar_words import why_not

    with override(_language()):
        return why_not(error)


def _language() -> str:
    from django.conf import settings

    said = next(
        (os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), ""
    )
    language = said.replace("-", "_").partition("_")[0].partition(".")[0]
    return language if language in dict(settings.LANGUAGES) else "en"


def _speak() -> None:
    """Let gettext work without a desk: its settings would look for the data folder."""
    import django
    from django.apps import apps
    from django.conf import settings

    if apps.ready:
        return
    if not settings.configured:
        import hospes

        folder = Path(hospes.__file__).parent / "locale"
        settings.configure(USE_I18N=True, USE_TZ=True, LOCALE_PATHS=[folder])
    django.setup()
