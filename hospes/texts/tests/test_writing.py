"""Texts as rows: made, said otherwise, true to their source, in tables."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from hospes.lib.refusal import Refused
from hospes.texts import table
from hospes.texts.actions.importing import preview, take_over
from hospes.texts.actions.writing import (
    About,
    Form,
    archive_text,
    drop_variant,
    keep_as_it_is,
    make_text,
    restore_text,
    say,
)
from hospes.texts.choosing import Reader
from hospes.texts.models import Text, Variant

pytestmark = [pytest.mark.django_db, pytest.mark.database]
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def parcel(name: str = "Where is my parcel", shortcut: str = "parcel") -> Text:
    return make_text(
        About(name, shortcut), language="en", body="Hello {first_name}, it is on its way.", by_id=None, at=NOW,
    )  # fmt: skip


def variant(text: Text, language: str) -> Variant:
    return Variant.objects.get(text=text, language=language, market="")


def test_a_text_is_given_in_the_language_of_its_reader() -> None:
    text = parcel()
    say(text, Form("ja"), "荷物は配送中です。", by_id=None, at=NOW)

    assert [str(one) for one in text.for_reader(Reader(["ja", "en"]))] == ["ja", "en"]
    assert [str(one) for one in text.for_reader(Reader(["fi"]))] == ["en"]


def test_a_new_source_makes_the_others_stale_until_somebody_looks() -> None:
    text = parcel()
    say(text, Form("de"), "Es ist unterwegs.", by_id=None, at=NOW)
    say(text, Form("fr"), "Il est en route.", by_id=None, at=NOW)
    say(text, Form("en"), "It arrives today.", by_id=None, at=NOW + timedelta(days=1))
    keep_as_it_is(variant(text, "de"), by_id=None, at=NOW + timedelta(days=2))
    text.refresh_from_db()

    assert {one.language: one.is_stale(text) for one in text.variants.all()} == {"de": False, "en": False, "fr": True}  # fmt: skip


def test_a_small_change_of_the_source_leaves_the_others_as_they_are() -> None:
    text = parcel()
    say(text, Form("de"), "Es ist unterwegs.", by_id=None, at=NOW)
    say(
        text, Form("en"), "It is on its way!", by_id=None, at=NOW + timedelta(days=1), is_small=True
    )
    text.refresh_from_db()

    assert not variant(text, "de").is_stale(text)


def test_what_a_variant_said_before_is_kept() -> None:
    text = parcel()
    say(text, Form("en"), "It arrives today.", by_id=7, at=NOW + timedelta(days=1))

    revision = variant(text, "en").revisions.get()
    assert (revision.body, revision.by_id) == ("Hello {first_name}, it is on its way.", 7)


@pytest.mark.parametrize(
    ("body", "code"),
    [("", "empty"), ("Hi {frist_name}", "no_such_placeholder"), ("x" * 20_001, "too_long")],
)
def test_what_cannot_be_said_is_refused(body: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        say(parcel(), Form("en"), body, by_id=None, at=NOW)

    assert refused.value.code == code


def test_two_texts_share_neither_name_nor_shortcut() -> None:
    parcel()
    for name, shortcut, code in (("WHERE is my parcel", "", "name_taken"), ("Another", "/Parcel", "shortcut_taken")):  # fmt: skip
        with pytest.raises(Refused) as refused:
            parcel(name, shortcut)
        assert refused.value.code == code


def test_what_was_put_away_leaves_its_name_to_others() -> None:
    old = archive_text(parcel(), by_id=None, at=NOW)
    parcel()

    with pytest.raises(Refused, match="Another text is called"):
        restore_text(old, by_id=None, at=NOW)


def test_the_source_cannot_be_dropped() -> None:
    text = parcel()
    say(text, Form("de"), "Es ist unterwegs.", by_id=None, at=NOW)
    drop_variant(variant(text, "de"), by_id=None, at=NOW)

    with pytest.raises(Refused, match="source"):
        drop_variant(variant(text, "en"), by_id=None, at=NOW)


def test_a_language_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        say(parcel(), Form("German please"), "x", by_id=None, at=NOW)

    assert refused.value.code == "no_language"


def test_a_table_comes_back_as_it_went_out() -> None:
    text = parcel()
    say(text, Form("ja", "JP", "formal"), "「荷物」,\n配送中です。", by_id=None, at=NOW)
    say(text, Form("de"), "-10 % auf alles; wirklich", by_id=None, at=NOW)
    data = table.written(Text.objects.prefetch_related("variants"))

    rows = table.read(data)
    assert data.startswith('\ufeffname,shortcut,source,de,en,"ja [JP, formal]"'.encode())
    assert b"'-10 %" in data  # no formula for a spreadsheet
    assert rows[0].bodies == {
        Form("en"): "Hello {first_name}, it is on its way.",
        Form("de"): "-10 % auf alles; wirklich",
        Form("ja", "JP", "formal"): "「荷物」,\n配送中です。",
    }
    assert preview(rows) == take_over(rows, by_id=None, at=NOW)
    assert [change.columns for change in preview(rows)] == [()]


def test_a_table_with_semicolons_makes_and_changes_texts() -> None:
    parcel()
    data = "name;shortcut;de;en\nWhere is my parcel;;Es ist da.;\nRefund;refund;Ihr Geld kommt.;Your money is coming.\n"
    done = take_over(table.read(data.encode()), by_id=3, at=NOW)

    assert [(one.row.name, one.is_new, one.columns) for one in done] == [
        ("Where is my parcel", False, ("de",)), ("Refund", True, ("de", "en")),
    ]  # fmt: skip
    assert Text.objects.get(name="Refund").language == "de"


def test_what_a_table_would_do_is_told_line_by_line_and_not_done() -> None:
    data = "name,shortcut,source,en\nRefund,,,Your {money} comes.\nThanks,,,Thank you.\n"
    found = preview(table.read(data.encode()))

    assert [(one.row.line, bool(one.problem)) for one in found] == [(2, True), (3, False)]
    assert "{money}" in found[0].problem
    assert not Text.objects.exists()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "empty"), (b"a,b\n1,2\n", "first line"), ("name,de\nÄ,x\n".encode("latin-1"), "UTF-8"),
        (b"name,de\n,hallo\n", "Line 2"), (b"name,de\nHi,\n", "says nothing"), (b"name,Deutsch!\nHi,x\n", "names no language"),
    ],
)  # fmt: skip
def test_a_table_that_is_none_is_refused_with_what_to_do(data: bytes, said: str) -> None:
    with pytest.raises(Refused, match=said):
        table.read(data)
