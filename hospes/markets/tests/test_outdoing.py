"""Which of two values gives customers more."""

from __future__ import annotations

from typing import Any

import pytest

from hospes.markets.outdoing import is_at_least

WEEK = ["mon", "tue", "wed", "thu", "fri"]


def hours(*stretches: tuple[list[str], str, str]) -> tuple[dict[str, Any], ...]:
    return tuple({"days": days, "from": start, "to": end} for days, start, end in stretches)


FRANCE = hours((WEEK, "10:00", "13:00"), (WEEK, "14:00", "20:00"))


@pytest.mark.parametrize(
    ("key", "value", "law", "expected"),
    [
        ("consumer.withdrawal_days", 30, 14, True),
        ("consumer.withdrawal_days", 13, 14, False),
        ("consumer.refund_days", 1, 14, True),
        ("consumer.refund_days", 15, 14, False),
        ("consumer.phone_wait_seconds", 60, 180, True),
        ("consumer.refund_unit", "calendar", "business", True),
        ("consumer.refund_unit", "business", "calendar", False),
        ("consumer.withdrawal_unit", "business", "calendar", True),
        ("privacy.dsar_unit", "calendar", "month", True),
        ("privacy.dsar_unit", "month", "calendar", True),
        ("privacy.dsar_unit", "business", "month", False),
        ("consumer.human_agent_right", False, True, False),
        ("consumer.human_agent_right", True, False, True),
        ("marketing.holiday_contact", False, True, True),
        ("marketing.holiday_contact", True, False, False),
        ("marketing.message_consent", "opt_in", "opt_in_soft", True),
        ("marketing.message_consent", "opt_out", "opt_in_soft", False),
        ("language.statutory_language", ("fr", "en"), ("fr",), True),
        ("language.statutory_language", ("en",), ("fr",), False),
        ("customs.tax_standard_pct", 22, 20, False),
        ("customs.tax_standard_pct", 20, 20, True),
        ("marketing.call_windows", hours((WEEK, "10:00", "12:00")), FRANCE, True),
        ("marketing.call_windows", hours((WEEK, "10:00", "15:00")), FRANCE, False),
        ("marketing.call_windows", hours((["sat"], "10:00", "12:00")), FRANCE, False),
        ("marketing.call_windows", (), FRANCE, True),
        (
            "marketing.call_windows",
            hours((["mon"], "09:00", "17:00")),
            hours((["mon"], "09:00", "12:00"), (["mon"], "12:00", "18:00")),
            True,
        ),
    ],
)
def test_a_value_gives_as_much_as_the_law_or_less(
    key: str, value: object, law: object, expected: object
) -> None:
    assert is_at_least(key, value, law) is expected
