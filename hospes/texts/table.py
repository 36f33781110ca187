"""Texts as a table for translators: one row a text, one column a variant; pure, beside the rows it is given.

CSV as spreadsheets write it: UTF-8, with a mark of the byte order for those that need it, commas or semicolons. A column
is named by its language, and what else it is for in brackets: `de`, `de [AT]`, `de [formal]`, `ja [JP, formal, email]`.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hospes.language.detect import canonical
from hospes.lib.refusal import Refused
from hospes.texts.actions.writing import LANGUAGE, Form
from hospes.texts.models import Text, Variant

NAME, SHORTCUT, SOURCE = "name", "shortcut", "source"  # the columns that are no variants
COLUMN = re.compile(r"([A-Za-z0-9-]+)\s*(?:\[([^\]]*)\])?")
MARKET = re.compile(r"[A-Z]{2}(?:-[A-Z0-9]{1,3})?")
MOST_BYTES = 10_000_000
MOST_ROWS = 10_000


@dataclass(frozen=True)
class Row:
    """One text of a table. line: of the file, from 1; source: its language; bodies: only those that say something."""

    line: int
    name: str
    shortcut: str
    source: str
    bodies: dict[Form, str] = field(default_factory=dict)


def written(texts: Iterable[Text]) -> bytes:
    """The table of these texts, whose variants are prefetched."""
    texts = list(texts)
    bodies = {(text.pk, form_of(one)): one.body for text in texts for one in text.variants.all()}
    forms = sorted({form for _text, form in bodies}, key=column_of)
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow([NAME, SHORTCUT, SOURCE, *map(column_of, forms)])
    for text in texts:
        said = [_safe(bodies.get((text.pk, form), "")) for form in forms]
        table.writerow([_safe(text.name), _safe(text.shortcut), text.language, *said])
    return out.getvalue().encode("utf-8-sig")


def read(data: bytes) -> list[Row]:
    """The rows of a table. Raises Refused, with the line and what is wrong with it."""
    if len(data) > MOST_BYTES:
        raise Refused(_("The file is larger than 10 MB. Cut it into several."), code="too_large")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Refused(_("Save the file as CSV in UTF-8: it is in another charset."), code="no_utf8") from None  # fmt: skip
    head = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text), delimiter=max(",;\t", key=head.count))
    try:
        lines = [(table.line_num, cells) for cells in table if any(map(str.strip, cells))]
    except csv.Error as error:
        raise _wrong(table.line_num, str(error)) from None
    if not lines:
        raise Refused(_("The file is empty."), code="empty")
    if len(lines) > MOST_ROWS:
        raise Refused(_("It has more than 10,000 rows. Cut it into several."), code="too_large")
    names = [name.strip() for name in lines[0][1]]
    if NAME not in names:
        raise Refused(_("The first line must name the columns: name, shortcut, source, and a language for each variant, such as de or pt-BR."), code="no_head")  # fmt: skip
    forms = {place: _form(name) for place, name in enumerate(names) if name and name not in (NAME, SHORTCUT, SOURCE)}  # fmt: skip
    return [_row(line, names, forms, cells) for line, cells in lines[1:]]


def form_of(variant: Variant) -> Form:
    return Form(variant.language, variant.market, variant.formality, variant.channel)


def column_of(form: Form) -> str:
    """The name of its column."""
    more = ", ".join(filter(None, (form.market, form.formality, form.channel)))
    return f"{form.language} [{more}]" if more else form.language


def _form(name: str) -> Form:
    column = COLUMN.fullmatch(name)
    if column is None or not LANGUAGE.fullmatch(column[1]):
        words = _("The column %(name)s names no language. Write de, pt-BR or zh-Hant, and what else it is for in brackets: de [AT].") % {"name": name}  # fmt: skip
        raise Refused(words, code="no_such_column")
    market = formality = channel = ""
    for word in filter(None, (one.strip() for one in (column[2] or "").split(","))):
        if word in Variant.Formality.values:
            formality = word
        elif MARKET.fullmatch(word):
            market = word
        else:
            channel = word
    return Form(canonical(column[1]), market, formality, channel)


def _row(line: int, names: Sequence[str], forms: dict[int, Form], cells: Sequence[str]) -> Row:
    def cell(name: str) -> str:
        place = names.index(name) if name in names else len(cells)
        return _unsafe(cells[place]).strip() if place < len(cells) else ""

    said = {
        form: _unsafe(cells[place]).strip() for place, form in forms.items() if place < len(cells)
    }
    bodies = {form: body for form, body in said.items() if body}
    if not cell(NAME):
        raise _wrong(line, _("the text has no name"))
    if not bodies:
        raise _wrong(line, _("it says nothing in any language"))
    source = canonical(cell(SOURCE)) if cell(SOURCE) else next(iter(bodies)).language
    return Row(line, cell(NAME), cell(SHORTCUT), source, bodies)


def _wrong(line: int, why: str | Promise) -> Refused:
    words = _("Line %(line)d: %(why)s.") % {"line": line, "why": why}
    return Refused(words, code="bad_row")


# A spreadsheet takes what begins so for a formula and runs it.
FORMULA = ("=", "+", "-", "@", "\t")


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _unsafe(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell
