"""What is owed next, as a chip: words, colour and icon, kept true by the page itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hospes.workspace import showing
from hospes.workspace.dues import CHIPS, ICONS, MET, PAUSED, DueShown, left_words, state_of
from hospes.workspace.templatetags.workspace import icon

register = template.Library()


def due_chip(due_at: datetime, warn_at: datetime | None, *, what: str, now: datetime) -> str:
    """Return the chip of something that is owed. what: in words, for who cannot see where it stands."""
    state = state_of(due_at, warn_at, now)
    return _chip(state, what, _time(due_at, warn_at, left_words(due_at, now)), is_short=True)


@register.simple_tag
def due(shown: DueShown) -> SafeString:
    """One due of a conversation, with its name."""
    words = escape(shown.left)
    if shown.state not in {MET, PAUSED} and shown.left:
        words = _time(shown.due_at, shown.warn_at, shown.left)
    return SafeString(_chip(shown.state, shown.what, words, is_short=False))


@register.filter
def span(length: timedelta | None) -> str:
    """A length of working time in words; "" for none."""
    return showing.span(length, by_days=False) if length is not None else ""


@register.simple_tag
def due_words() -> SafeString:
    """The words that the page itself puts times into."""
    left, late = escape(_("%(time)s left")), escape(_("%(time)s late"))
    return SafeString(f' data-due-left="{left}" data-due-late="{late}"')


def _chip(state: str, what: str, words: str, *, is_short: bool) -> str:
    name = escape(what)
    label = f'<span class="vh">{name}: </span>' if is_short else f"<span>{name}</span> "
    title = f' title="{name}"' if is_short else ""
    return f'<span class="chip due{CHIPS[state]}"{title}>{icon(ICONS[state])}{label}{words}</span>'


def _time(due_at: datetime, warn_at: datetime | None, words: str) -> str:
    warn = f' data-warn="{_iso(warn_at)}"' if warn_at is not None else ""
    return f'<time datetime="{_iso(due_at)}" data-due{warn}>{escape(words)}</time>'


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
