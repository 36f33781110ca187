"""The places of a text: filled, left, and named wrongly."""

from __future__ import annotations

from hospes.texts.placeholders import PLACEHOLDERS, fill, left_in, named_in, unknown_in

MINA = {"first_name": "Mina", "reference": "H-7K3F9"}


def test_places_are_filled_with_what_is_known_of_the_reader() -> None:
    filled = fill("Hi {first_name}, about { reference }.", MINA)

    assert (filled.text, filled.missing) == ("Hi Mina, about H-7K3F9.", ())


def test_where_nothing_is_known_stands_what_is_to_stand_instead() -> None:
    assert fill("Hi {last_name|there}!{phone|}", MINA).text == "Hi there!"


def test_a_place_that_nobody_can_fill_stays_and_is_named() -> None:
    filled = fill("{phone}: {? when we call}, {phone}", MINA)

    assert filled.text == "{phone}: {? when we call}, {phone}"
    assert filled.missing == ("{phone}", "{? when we call}")
    assert left_in(filled.text) == ["{phone}", "{? when we call}"]


def test_what_a_customer_is_called_is_never_filled_again() -> None:
    assert fill("{first_name}", {"first_name": "{agent}", "agent": "Ana"}).text == "{agent}"


def test_braces_that_nobody_fills_are_told() -> None:
    said = "{frist_name} {} {first name} { {name} {? ok} {name|you}"

    assert unknown_in(said) == ["{frist_name}", "{}", "{first name}", "{ "]


def test_code_in_braces_does_not_hold_up_a_letter() -> None:
    assert left_in("if (x) { return {}; } {color: red}") == []


def test_names_are_found_with_and_without_what_stands_instead() -> None:
    assert named_in("{name|you} {agent} {? x}") == {"name", "agent"}
    assert {"name", "agent"} <= set(PLACEHOLDERS)
