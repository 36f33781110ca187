"""What templates of the workspace may say: icons, people, moments, languages."""

from __future__ import annotations

from datetime import datetime

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from hospes.workspace import showing

register = template.Library()

register.filter("age", lambda at: showing.age(at, timezone.now()) if at else "")
register.filter("moment", lambda at: showing.moment(at) if at else "")
register.filter("full_moment", lambda at: showing.full_moment(at) if at else "")
register.filter("day", showing.day)
register.filter("direction", showing.direction)
register.filter("language_name", showing.language_name)
register.filter("file_size", showing.file_size)
register.filter("zone_city", showing.zone_city)


@register.simple_tag
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
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        showing.full_moment(at),
        showing.moment(at),
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
def said(language: str) -> SafeString:
    """The attributes every text of a customer carries: its language and direction."""
    if not language:
        return SafeString('dir="auto"')
    return format_html('lang="{}" dir="{}"', language, showing.direction(language))
