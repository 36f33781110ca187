"""When a mail was written, whatever its sender's program took for a date."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from hospes.channels.email.moments import sent_at
from hospes.channels.email.parsing import parse

NINE, TEN = (datetime(2026, 11, 24, hour, tzinfo=UTC) for hour in (9, 10))
SERVERS = (
    "from a.example by mx.example; now",
    "from b.example (b; [192.0.2.1])\n by a.example with ESMTPS id 7;\n Tue, 24 Nov 2026 10:00:00 +0100 (CET)",
    "from c.example by b.example; Tue, 24 Nov 2026 08:00:00 +0000",
)

WORDS = [
    "mar., 24 nov. 2026 10:00:00 +0100",
    "Di., 24. November 2026 10:00:00 +01:00",
    "martes, 24 de noviembre de 2026, 10:00:00 +0100",
    "24 de novembro de 2026 às 10:00 +0100",
    "вт, 24 нояб. 2026 10:00:00 +0100",
    "tor., 24. nov. 2026 kl. 10.00 +0100",
    "الثلاثاء ٢٤ نوفمبر ٢٠٢٦ ١٠:٠٠ +0100",
    "2026年11月24日 18:00 +0900",
    "2026年11月24日(火) 午後6:00 +0900",
    "2026. 11. 24. 오후 6:00 +0900",
    "2026/11/24 09:00:00",
    "24.11.2026 9:00",
    "=?utf-8?q?mar=2E=2C_24_nov=2E_2026?= 10:00:00 +0100",
]


@pytest.mark.parametrize("date", WORDS)
def test_a_date_is_read_in_the_words_of_many_languages(date: str) -> None:
    assert sent_at(date.encode(), ()) == NINE


@pytest.mark.parametrize("date", ["2026-11-24 10:00", "2026-11-24T11:00:00+01:00"])
def test_a_date_is_read_as_the_standard_of_dates_has_it(date: str) -> None:
    assert parse(f"Date: {date}\n\nHello".encode()).sent_at == TEN


@pytest.mark.parametrize("date", ["11/12/2026 10:00", "32 Foo", "31 nov. 2026 10:00", "24 nov. 2026", "24 foo 2026 10:00", ""])  # fmt: skip
def test_where_no_moment_is_named_the_last_server_that_does_tells(date: str) -> None:
    received = "".join(f"Received: {one}\n" for one in SERVERS)
    assert parse(f"Date: {date}\n\nHello".encode()).sent_at is None
    assert parse(f"{received}Date: {date}\n\nHello".encode()).sent_at == NINE
    assert parse(f"{received}Subject: no date\n\nHello".encode()).sent_at == NINE


def test_a_date_that_can_be_read_is_the_senders_whatever_servers_say() -> None:
    date = b"Tue, 24 Nov 2026 10:00:00 +0000"
    assert sent_at(date, [one.encode() for one in SERVERS]) == TEN
