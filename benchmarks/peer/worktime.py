"""Dues by businesstimedelta, run in the peer's own environment: questions in (JSON), answers and seconds out."""

import json
import sys
import time
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock

import businesstimedelta
import pytz


def rules_of(calendar):
    zone = pytz.timezone(calendar["zone"])
    spans = {}
    for day, openings in enumerate(calendar["hours"]):
        for start, end in openings:
            spans.setdefault((start, end), []).append(day)
    days = [
        businesstimedelta.WorkDayRule(
            start_time=clock(start // 60, start % 60),
            end_time=clock(end // 60, end % 60),
            working_days=working,
            tz=zone,
        )
        for (start, end), working in spans.items()
    ]
    off = {date.fromisoformat(day): "off" for day in calendar["holidays"]}
    return businesstimedelta.Rules([*days, businesstimedelta.HolidayRule(off, tz=zone)])


asked = json.load(sys.stdin)
calendars = [rules_of(calendar) for calendar in asked["calendars"]]
questions = [
    (
        datetime.fromtimestamp(at, UTC),
        businesstimedelta.BusinessTimeDelta(calendars[which], timedelta=timedelta(seconds=seconds)),
    )
    for which, at, seconds in asked["questions"]
]
began, spent = time.perf_counter(), time.process_time()
dues = [at + delta for at, delta in questions]
cpu, took = time.process_time() - spent, time.perf_counter() - began
json.dump({"cpu": cpu, "seconds": took, "dues": [int(due.timestamp()) for due in dues]}, sys.stdout)
