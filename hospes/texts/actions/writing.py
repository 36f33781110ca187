"""Write texts: make them, say them otherwise, keep their variants true to the source, put them away."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand
from hospes.events.recording import record
from hospes.language.detect import canonical
from hospes.lib.refusal import Refused
from hospes.texts.events import TextChanged
from hospes.texts.models import Revision, Text, Variant
from hospes.texts.placeholders import PLACEHOLDERS, unknown_in

MOST_CHARS = 20_000  # of a body
MOST_NAME_CHARS = 80
SHORTCUT = re.compile(r"[\w-]{1,24}")
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,2}")


@dataclass(frozen=True)
class About:
    """What a text is called and where it counts. shortcut: what is typed after "/"; brand: None for every one."""

    name: str
    shortcut: str = ""
    brand: Brand | None = None


@dataclass(frozen=True)
class Form:
    """Whom a variant is for. language: BCP 47; market: ISO 3166-1 or -2; "" is every one."""

    language: str
    market: str = ""
    formality: str = ""
    channel: str = ""


@transaction.atomic
def make_text(about: About, *, language: str, body: str, by_id: int | None, at: datetime) -> Text:
    """Make a text with its source. Raises Refused, with what is wrong."""
    row = Text(language=_language(language), source_changed_at=at, made_at=at)
    _describe(row, about)
    Variant.objects.create(
        text=row,
        language=row.language,
        body=_body(body),
        checked_at=at,
        changed_at=at,
        changed_by_id=by_id,
    )
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)
    return row


@transaction.atomic
def describe_text(text: Text, about: About, *, by_id: int | None, at: datetime) -> Text:
    """Call it otherwise, or let it count elsewhere. Raises Refused, with what is wrong."""
    row = _locked(text)
    _describe(row, about)
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)
    return row


@transaction.atomic
def say(
    text: Text, form: Form, body: str, *, by_id: int | None, at: datetime, is_small: bool = False
) -> Variant:
    """Let a variant say this; it is made where there is none.

    What is written now is true to the source as it stands. A new source makes the others stale, unless the change is
    small: a comma, a typing error. Raises Refused, with what is wrong.
    """
    row, body = _locked(text), _body(body)
    form = Form(_language(form.language), form.market, form.formality, form.channel)
    if form.formality and form.formality not in Variant.Formality.values:
        raise Refused(_("It is formal or informal, or neither."), code="no_such_formality")
    variant = Variant.objects.filter(text=row, **vars(form)).first()
    if variant is None:
        variant = Variant(text=row, **vars(form))
    elif variant.body != body:
        Revision.objects.create(variant=variant, body=variant.body, until=at, by_id=by_id)
    is_new = variant.body != body
    variant.body, variant.checked_at = body, at
    if is_new:
        variant.changed_at, variant.changed_by_id = at, by_id
    variant.save()
    if is_new and not is_small and variant.is_source_of(row):
        row.source_changed_at = at
        row.save(update_fields=["source_changed_at"])
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)
    return variant


@transaction.atomic
def keep_as_it_is(variant: Variant, *, by_id: int | None, at: datetime) -> None:
    """Somebody looked: it says what the source says now."""
    row = Variant.objects.select_for_update().get(pk=variant.pk)
    row.checked_at = at
    row.save(update_fields=["checked_at"])
    record(TextChanged(text_id=row.text_id), at=at, by_id=by_id)


@transaction.atomic
def drop_variant(variant: Variant, *, by_id: int | None, at: datetime) -> None:
    """Raises Refused for the source: without it there is no text."""
    row = _locked(variant.text)
    if variant.is_source_of(row):
        raise Refused(_("This is its source. Put the whole text away instead."), code="is_source")
    variant.delete()
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)


@transaction.atomic
def archive_text(text: Text, *, by_id: int | None, at: datetime) -> Text:
    """Offer it to nobody any more; it can be taken out again."""
    row = _locked(text)
    row.archived_at = at
    row.save(update_fields=["archived_at"])
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)
    return row


@transaction.atomic
def restore_text(text: Text, *, by_id: int | None, at: datetime) -> Text:
    """Offer it again. Raises Refused when another has its name or shortcut by now."""
    row = _locked(text)
    row.archived_at = None
    _describe(row, About(row.name, row.shortcut, row.brand))
    record(TextChanged(text_id=row.pk), at=at, by_id=by_id)
    return row


def _locked(text: Text) -> Text:
    return Text.objects.select_for_update(of=("self",)).select_related("brand").get(pk=text.pk)


def _describe(row: Text, about: About) -> None:
    row.name, row.shortcut = (
        " ".join(about.name.split()),
        about.shortcut.strip().lstrip("/").lower(),
    )
    row.brand = about.brand
    if not row.name:
        raise Refused(_("Give it a name."), code="no_name")
    if len(row.name) > MOST_NAME_CHARS:
        words = _("Use at most %(limit)d characters.") % {"limit": MOST_NAME_CHARS}
        raise Refused(words, code="too_long")
    if row.shortcut and not SHORTCUT.fullmatch(row.shortcut):
        raise Refused(
            _("A shortcut is one word of letters, digits and dashes, of at most 24 characters."),
            code="no_shortcut",
        )
    others = Text.objects.filter(archived_at=None).exclude(pk=row.pk)
    if others.filter(name__iexact=row.name).exists():
        words = _("Another text is called %(name)s.") % {"name": row.name}
        raise Refused(words, code="name_taken")
    if row.shortcut and (taken := others.filter(shortcut=row.shortcut).first()):
        words = _("The shortcut /%(shortcut)s belongs to %(name)s.") % {
            "shortcut": row.shortcut,
            "name": taken.name,
        }
        raise Refused(words, code="shortcut_taken")
    row.save()


def _language(tag: str) -> str:
    if not LANGUAGE.fullmatch(tag.strip()):
        words = _("%(tag)s names no language. Write de, pt-BR or zh-Hant, say.") % {
            "tag": tag or "–"
        }
        raise Refused(words, code="no_language")
    return canonical(tag.strip())


def _body(body: str) -> str:
    body = body.replace("\r\n", "\n").replace("\0", "").strip()
    if not body:
        raise Refused(_("Write what it says."), code="empty")
    if len(body) > MOST_CHARS:
        words = _("Use at most %(limit)d characters.") % {"limit": MOST_CHARS}
        raise Refused(words, code="too_long")
    if wrong := unknown_in(body):
        words = _("Nobody fills %(wrong)s. There are: %(places)s.") % {
            "wrong": ", ".join(wrong[:3]),
            "places": ", ".join(f"{{{name}}}" for name in PLACEHOLDERS),
        }
        raise Refused(words, code="no_such_placeholder")
    return body
