"""The first texts of a desk: what is said most often, in every language that we have phrases of."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from hospes.language.phrasebook import phrases_in
from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.texts.actions.writing import About, Form, make_text, say
from hospes.texts.models import Text

# Name and shortcut of each, and the phrase it is made of. The names are what an operator may change.
PHRASES = {
    "empathy": ("We understand", "sorry"),
    "apology": ("Apology", "apology"),
    "promise": ("Answer by a date", "by"),
    "approved": ("Approved by a lead", "approved"),
}
WHOLE = ("Letter without words", "letter", "{salutation}\n\n{? what you want to say}\n\n{closing}")
PLACES = {"{date}": "{answer_by}", "{company}": "{brand}", "{surname}": "{last_name}", "{full_name}": "{name}", "{case_id}": "{reference}"}  # fmt: skip


@transaction.atomic
def start_with_phrases(*, by_id: int | None, at: datetime) -> int:
    """Make them, in the languages of customers, and say how many; those whose names are taken are left as they are."""
    taken = {name.casefold() for name in Text.objects.values_list("name", flat=True)}
    made = 0
    for phrase, (name, shortcut) in PHRASES.items():
        if name.casefold() not in taken:
            _make(phrase, About(name, _free(shortcut)), by_id=by_id, at=at)
            made += 1
    name, shortcut, body = WHOLE
    if name.casefold() not in taken:
        make_text(About(name, _free(shortcut)), language="en", body=body, by_id=by_id, at=at)
        made += 1
    return made


def _make(phrase: str, about: About, *, by_id: int | None, at: datetime) -> None:
    text = make_text(about, language="en", body=_said(phrase, "en"), by_id=by_id, at=at)
    for language in CUSTOMER_LANGUAGES:
        if language != "en":
            say(text, Form(language), _said(phrase, language), by_id=by_id, at=at)
        informal = _said(phrase, language, informal=True)
        if informal != _said(phrase, language):
            say(text, Form(language, formality="informal"), informal, by_id=by_id, at=at)


def _said(phrase: str, language: str, *, informal: bool = False) -> str:
    phrases = phrases_in(language)
    assert phrases is not None  # of each of these languages
    said = phrases.text(phrase, informal=informal)
    for place, ours in PLACES.items():
        said = said.replace(place, ours)
    return said


def _free(shortcut: str) -> str:
    return "" if Text.objects.filter(archived_at=None, shortcut=shortcut).exists() else shortcut
