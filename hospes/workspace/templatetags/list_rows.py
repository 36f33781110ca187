"""The rows of the list, written in Python: a page of them would cost a template more than all else of the page.

Everything a customer wrote goes through `escape`; what is not escaped is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.conversations.models import Priority
from hospes.workspace.dues import what_words
from hospes.workspace.templatetags.dues import due_chip
from hospes.workspace.templatetags.workspace import icon

if TYPE_CHECKING:
    from hospes.conversations.queries import Colleague, ListRow
    from hospes.workspace.views.inbox import Row

register = template.Library()

SUBJECT_CHARS = 60
LINE_CHARS = 110  # of a subject with its preview: the widest list shows no more in its one line
WIDE = "\u1100"  # from here on a sign takes the room of two letters: kana, Han, Hangul, pictures


@register.simple_tag
def list_rows(rows: Sequence[Row], current: str = "", view: str = "") -> SafeString:
    """All rows of a page. current: the reference of the conversation that is open beside them."""
    words = _words(get_language() or "en")
    return SafeString("".join(_row(row, words, current, view) for row in rows))


@dataclass(frozen=True)
class _Words:
    """What the rows say, escaped, in one language."""

    new: str
    draft: str
    our_answer: str
    not_verified: str
    waits: str
    answered: str
    comes_back: str
    undelivered: str
    high: str
    urgent: str


@lru_cache(maxsize=32)
def _words(_language: str) -> _Words:
    return _Words(
        new=escape(_("New:")),
        draft=escape(_("Draft:")),
        our_answer=escape(_("Our answer:")),
        not_verified=escape(_("Sender not verified")),
        waits=escape(_("Waiting on us")),
        answered=escape(_("Answered")),
        comes_back=escape(_("Comes back")),
        undelivered=escape(_("Delivery problem")),
        high=escape(_("High priority")),
        urgent=escape(_("Urgent")),
    )


def _row(row: Row, words: _Words, current: str, view: str) -> str:
    r = row.found
    marks = {"unread": r.is_unread, "is-looked-at": bool(r.present), "leaving": row.has_left}
    classes = " ".join(["conv", *(name for name, is_so in marks.items() if is_so)])
    is_current = ' aria-current="true"' if r.reference == current else ""
    new = f'<span class="vh">{words.new} </span>' if r.is_unread else ""
    return (
        f'<div role="listitem" class="conv-item" id="row-{r.conversation_id}"'
        f' data-sort="{_iso(r.sort_at)}"{" data-left" if row.has_left else ""}>\n'
        f'<a class="{classes}" href="{row.url}" hx-get="{row.url}" hx-target="#conversation"'
        ' hx-swap="outerHTML" hx-push-url="true" hx-sync="#conversation:replace"'
        f"{is_current}>{icon('mail')}"
        f'<span class="conv-name">{new}<bdi>{escape(r.customer_name)}</bdi></span>'
        f"{_time(row, words)}\n{_text(row, words)}\n{_meta(row, words, view)}</a></div>\n"
    )


def _time(row: Row, words: _Words) -> str:
    """How long ago something was last said; for one who waits since then, that they wait."""
    if row.waits and row.waits == row.time_words:
        return _waiting(row, words, "conv-time waits")
    said = (
        f'<time class="conv-time" datetime="{_iso(row.found.last_activity_at)}" data-since>'
        f"{escape(row.time_words)}</time>"
    )
    if not row.is_answered:
        return said
    return (
        f'<span class="row gap-1 answered" title="{words.answered}">{icon("check")}'
        f'<span class="vh">{words.answered} </span>{said}</span>'
    )


def _iso(at: datetime | None) -> str:
    """Return a moment for the scripts, to the second: all of a page are of one length."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else ""


def _waiting(row: Row, words: _Words, classes: str) -> str:
    return (
        f'<span class="{classes}" title="{words.waits}">{icon("hourglass")}'
        f'<span class="vh">{words.waits} </span>'
        f'<time datetime="{_iso(row.found.waiting_since)}" data-since>'
        f"{escape(row.waits)}</time></span>"
    )


def _text(row: Row, words: _Words) -> str:
    r = row.found
    if r.draft:
        return (
            f'<span class="conv-text"><b>{words.draft}</b>'
            f' <span dir="auto">{escape(r.draft)}</span></span>'
        )
    language = f' lang="{escape(r.language)}"' if r.language else ""
    subject = preview = ""
    if r.subject:
        subject = f'<b class="conv-subject"{language}><bdi>{escape(_cut(r.subject))}</bdi></b>'
    if r.preview:
        ours = f'{icon("reply", "i-dir")}<span class="vh">{words.our_answer} </span>'
        preview = (
            f'<span class="conv-preview"{language} dir="{row.direction}">'
            f"{'' if r.is_last_incoming else ours}{escape(_begin(r.preview, r.subject))}</span>"
        )
    direction = f' dir="{row.direction}"' if r.language else ""
    return f'<span class="conv-text"{direction}>{subject}{preview}</span>'


def _cut(subject: str) -> str:
    return subject if len(subject) <= SUBJECT_CHARS else f"{subject[: SUBJECT_CHARS - 1]}…"


def _begin(preview: str, subject: str) -> str:
    """Return what of the preview may be seen after the subject."""
    room = max(LINE_CHARS - _room(subject[:SUBJECT_CHARS]), SUBJECT_CHARS // 2)
    for at, sign in enumerate(preview):
        room -= 2 if sign >= WIDE else 1
        if room < 0:
            return f"{preview[:at]}…"
    return preview


def _room(text: str) -> int:
    return len(text) + (0 if text.isascii() else sum(sign >= WIDE for sign in text))


def _meta(row: Row, words: _Words, view: str) -> str:
    r = row.found
    not_verified = (
        f'<span class="mark" title="{words.not_verified}">{icon("shield-alert")}'
        f'<span class="vh">{words.not_verified}</span></span>'
    )
    return (
        f'<span class="conv-meta"><span class="tag"><bdi>{escape(row.tag)}</bdi></span>'
        f"{'' if r.is_sender_verified else not_verified}{_trouble(r, words)}{_priority(r, words)}"
        f'<span class="row gap-1 push">{"".join(map(_present, r.present))}'
        f"{'' if view == 'mine' else _assignee(r.assignee_name)}{_clock(row, words)}</span></span>"
    )


def _trouble(r: ListRow, words: _Words) -> str:
    """That a reply did not arrive, or that nobody knows."""
    if not r.is_undelivered:
        return ""
    return (
        f'<span class="chip chip-bad" title="{words.undelivered}">{icon("triangle-alert")}'
        f'<span class="ell">{words.undelivered}</span></span>'
    )


def _priority(r: ListRow, words: _Words) -> str:
    """How much it presses, where that is more than usual."""
    if r.priority < Priority.HIGH:
        return ""
    is_urgent = r.priority == Priority.URGENT
    name = words.urgent if is_urgent else words.high
    kind = "chip-bad" if is_urgent else "chip-plum"
    return f'<span class="chip {kind}" title="{name}">{icon("circle-alert")}<span class="vh">{name}</span></span>'


def _present(one: Colleague) -> str:
    name = escape(one.name)
    return (
        f'<span class="chip chip-warn" data-present="{one.agent_id}" title="{name}">'
        f"{icon('pencil' if one.state == 'writing' else 'eye')}"
        f'<bdi class="ell">{name}</bdi></span>'
    )


def _assignee(name: str) -> str:
    if not name:
        return ""
    title = escape(_("Assigned to %(name)s") % {"name": name})
    return f'<span class="small ell" title="{title}"><bdi>{escape(name)}</bdi></span>'


def _clock(row: Row, words: _Words) -> str:
    """When it comes back, by when something is owed, or how long somebody has waited."""
    if row.back:
        return (
            f'<span class="chip" title="{words.comes_back}">{icon("moon")}'
            f'<span class="vh">{words.comes_back} </span>{escape(row.back)}</span>'
        )
    due_at = row.found.next_due_at
    if due_at is not None:
        what = what_words(row.found.next_due)
        return due_chip(due_at, row.found.due_warn_at, what=what, now=row.now)
    if row.waits and row.waits != row.time_words:
        return _waiting(row, words, "waits")
    return ""
