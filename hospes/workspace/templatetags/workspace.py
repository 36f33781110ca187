"""What templates of the workspace may say: icons, people, moments, languages."""

from __future__ import annotations

import html
import re
from datetime import datetime
from functools import lru_cache

from django import template
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html, urlize
from django.utils.safestring import SafeString
from django.utils.translation import get_language, gettext

from hospes.api.scopes import SCOPES
from hospes.language.writing import direction
from hospes.lib.web_addresses import could_be_taken_for_another, host_of
from hospes.team.models import Agent
from hospes.workspace import showing
from hospes.workspace.commands import commands_of
from hospes.workspace.faults import in_words
from hospes.workspace.templatetags.mail_details import held_proof, written

register = template.Library()

register.filter("age", lambda at: showing.age(at, timezone.now()) if at else "")
register.filter("moment", lambda at: showing.moment(at) if at else "")
register.filter("full_moment", lambda at: showing.full_moment(at) if at else "")
register.filter("day", showing.day)
register.filter("full_day", showing.full_day)
register.filter("direction", direction)
register.filter("language_name", showing.language_name)
register.filter("file_size", showing.file_size)
register.filter("zone_city", showing.zone_city)
register.filter("fault", in_words)
register.filter("held_proof", held_proof)
register.filter("written", written)
register.filter("scope_words", lambda scope: SCOPES.get(scope, scope))

LINK = re.compile(r"<a href=")
WHOLE_LINK = re.compile(r'<a [^>]*href="([^"]*)"[^>]*>.*?</a>')
# Without one of these there is nothing to link, and most texts are spared the search word by word.
MAY_LINK = re.compile(r"://|@|\w\.\w")


@register.simple_tag
@lru_cache(maxsize=512)  # a page of the list draws hundreds, of a few kinds
def icon(name: str, classes: str = "", label: str = "") -> SafeString:
    """An icon of the sprite; with a label it speaks for itself, without one it is decoration."""
    address = f"{static('workspace/icons.svg')}#{name}"
    if label:
        return format_html(
            '<svg class="i {}" role="img" aria-label="{}"><use href="{}"/></svg>',
            classes,
            label,
            address,
        )
    return format_html(
        '<svg class="i {}" aria-hidden="true"><use href="{}"/></svg>', classes, address
    )


@register.simple_tag
@lru_cache(maxsize=2048)
def avatar(name: str, classes: str = "") -> SafeString:
    """A person as one or two letters; the name itself stands beside it."""
    return format_html(
        '<span class="avatar hue-{} {}" aria-hidden="true">{}</span>',
        showing.hue(name), classes, showing.initials(name),
    )  # fmt: skip


@register.simple_tag
def when(at: datetime | None) -> SafeString:
    """A moment on the reader's clock, whole on hover."""
    if at is None:
        return SafeString()
    short, full = showing.moment_and_full(at)
    return SafeString(
        f'<time datetime="{at.isoformat()}" title="{html.escape(full)}">{html.escape(short)}</time>'
    )


@register.simple_tag
def since(at: datetime | None) -> SafeString:
    """How long ago, kept up to date by the page itself."""
    if at is None:
        return SafeString()
    return format_html(
        '<time datetime="{}" data-since title="{}">{}</time>',
        at.isoformat(), showing.full_moment(at), showing.age(at, timezone.now()),
    )  # fmt: skip


@register.simple_tag
def clock_there(zone_name: str) -> str:
    return showing.clock_there(zone_name, timezone.now())


@register.simple_tag
def clock(zone_name: str, form: str = "") -> SafeString:
    """What time it is somewhere, kept up to date by the page; a moon while people sleep there."""
    now = timezone.now()
    words = showing.clock_there(zone_name, now, with_day=form != "short")
    if not words:
        return SafeString()
    sky = SafeString()
    if showing.is_night(zone_name, now):
        words_of_night = gettext("Evening or night there")
        sky = format_html('<span title="{}">{}</span>', words_of_night, icon("moon"))
    return format_html(
        '<span class="clock">{}<time data-zone="{}" data-form="{}">{}</time></span>',
        sky, zone_name, form, words,
    )  # fmt: skip


@register.filter
def linked(text: str) -> SafeString:
    """Make addresses in a text links that open beside the page and tell nothing of it."""
    if not MAY_LINK.search(text):
        return SafeString(html.escape(text))
    shown = LINK.sub(
        '<a target="_blank" referrerpolicy="no-referrer" href=',
        urlize(text, nofollow=True, autoescape=True),
    )
    return SafeString(WHOLE_LINK.sub(_with_host, shown) if "%" in shown else shown)


def _with_host(link: re.Match[str]) -> str:
    """A link whose host could be taken for another, with that host as the DNS knows it beside it."""
    host = host_of(html.unescape(link[1]))
    if not could_be_taken_for_another(host):
        return link[0]
    return f'{link[0]} <bdi class="host" dir="ltr">{html.escape(host)}</bdi>'


@register.simple_tag
def marked(text: str, asked: str) -> SafeString:
    """A text with the words marked that somebody looks for; in a script without spaces every sign counts."""
    words = sorted({word for word in asked.split() if word}, key=len, reverse=True)
    if not words:
        return SafeString(html.escape(text))
    found = re.compile("|".join(map(re.escape, words)), re.IGNORECASE)
    out, at = [], 0
    for hit in found.finditer(text):
        out += [html.escape(text[at : hit.start()]), f"<mark>{html.escape(hit[0])}</mark>"]
        at = hit.end()
    return SafeString("".join([*out, html.escape(text[at:])]))


@register.simple_tag
def command_list(part: str, agent: Agent) -> SafeString:
    """The commands this agent may give, as options of the palette or on the sheet of keys."""
    return _command_list(part, get_language() or "en", agent.role)


@lru_cache(maxsize=128)  # long, on every page, and the same for all of a role who read a language
def _command_list(part: str, _language: str, role: str) -> SafeString:
    commands = commands_of(Agent(role=role))
    return render_to_string(f"workspace/parts/commands.html#{part}", {"commands": commands})


@register.simple_tag
@lru_cache(maxsize=256)
def said(language: str) -> SafeString:
    """The attributes every text of a customer carries: its language and direction."""
    if not language:
        return SafeString('dir="auto"')
    return format_html('lang="{}" dir="{}"', language, direction(language))
