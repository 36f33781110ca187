"""Take over a table of texts, whole or not at all; what it would change is told beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hospes.lib.refusal import Refused
from hospes.texts.actions.writing import About, Form, make_text, say
from hospes.texts.models import Text
from hospes.texts.table import Row, column_of, form_of


@dataclass(frozen=True)
class Change:
    """What one row of a table does. problem: why it cannot be taken, "" when it can."""

    row: Row
    is_new: bool = False
    columns: tuple[str, ...] = ()  # the variants that say something else afterwards
    problem: str = ""


def preview(rows: Sequence[Row]) -> list[Change]:
    """What `take_over` would do, found out by doing it and taking it back."""
    with transaction.atomic():
        done = [_tried(row) for row in rows]
        transaction.set_rollback(True)
    return done


@transaction.atomic
def take_over(rows: Sequence[Row], *, by_id: int | None, at: datetime) -> list[Change]:
    """Write every row: texts of the same name say what the table says, others are made. Raises Refused for the first that cannot be."""
    return [_taken(row, by_id=by_id, at=at) for row in rows]


def _tried(row: Row) -> Change:
    try:
        with transaction.atomic():
            return _taken(row, by_id=None, at=timezone.now())
    except Refused as refused:
        return Change(row, problem=str(refused))


def _taken(row: Row, *, by_id: int | None, at: datetime) -> Change:
    text = Text.objects.filter(archived_at=None, name__iexact=row.name).first()
    source = Form(text.language if text else row.source)
    is_new = text is None
    if text is None:
        if source not in row.bodies:
            words = _("%(name)s has no words in %(language)s, the language of its source.")
            raise Refused(words % {"name": row.name, "language": source.language}, code="no_source")
        about = About(row.name, row.shortcut)
        body = row.bodies[source]
        text = make_text(about, language=source.language, body=body, by_id=by_id, at=at)
    said = {form_of(one): one.body for one in text.variants.all()}
    # The source first, so that what stands beside it in the table is as new as it is.
    changed = sorted(
        (form for form, body in row.bodies.items() if said.get(form) != body),
        key=lambda form: form != source,
    )
    for form in changed:
        say(text, form, row.bodies[form], by_id=by_id, at=at)
    shown = row.bodies if is_new else changed
    return Change(row, is_new, tuple(column_of(form) for form in shown))
