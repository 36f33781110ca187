"""What the panel of a customer lists, written in Python: addresses, and what else they wrote to us about.

Everything a customer wrote goes through `escape`; what is not escaped is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from html import escape

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.conversations.timeline import Earlier
from hospes.language.forms import phone_shown
from hospes.people.models import Identity
from hospes.workspace import showing
from hospes.workspace.templatetags.workspace import icon

register = template.Library()


@lru_cache(maxsize=32)
def _words(_language: str) -> dict[str, str]:
    """Return what is said here, escaped, in one language."""
    words = {
        "mail": _("Mail"),
        "phone": _("Phone"),
        "verified": _("Verified"),
        "not_verified": _("Not verified"),
        "comes_back": _("Mail comes back from this address"),
        "others": _("Other conversations"),
        "first": _("This is the first one."),
        "open": _("Open"),
        "closed": _("Closed"),
        "sender_not_verified": _("not verified"),
    }
    return {name: escape(text) for name, text in words.items()}


@register.simple_tag
def mail_addresses(identities: Sequence[Identity]) -> SafeString:
    """Each address, and whether it is proven; only the first says what it is to the eye."""
    words = _words(get_language() or "en")
    mail = [one for one in identities if one.kind == Identity.Kind.EMAIL]
    names = [words["mail"], *[f'<span class="vh">{words["mail"]}</span>'] * len(mail)]
    return SafeString(
        "".join(
            f'<dt>{name}</dt><dd class="row gap-1"><bdi dir="ltr" class="ell"'
            f' title="{escape(one.value)}">{escape(one.value)}</bdi>{_proof(one, words)}</dd>'
            for name, one in zip(names, mail, strict=False)
        )
    )


@register.simple_tag
def phone_numbers(identities: Sequence[Identity]) -> SafeString:
    """Each phone number, as it is dialled from another country."""
    phones = [one for one in identities if one.kind == Identity.Kind.PHONE]
    name = _words(get_language() or "en")["phone"]
    return SafeString(
        "".join(
            f'<dt>{name if n == 0 else ""}</dt><dd><a href="tel:{escape(one.value)}">'
            f'<bdi dir="ltr">{escape(phone_shown(one.value))}</bdi></a></dd>'
            for n, one in enumerate(phones)
        )
    )


def _proof(one: Identity, words: dict[str, str]) -> str:
    proof = (
        _mark("state-ok", "shield-check", words["verified"])
        if one.is_verified
        else _mark("state-warn", "shield-alert", words["not_verified"])
    )
    if one.suppressed_at is None:
        return proof
    return proof + _mark("state-bad", "triangle-alert", words["comes_back"])


def _mark(state: str, name: str, word: str) -> str:
    return f'<span class="{state}" title="{word}">{icon(name)}<span class="vh">{word}</span></span>'


@register.simple_tag
def other_conversations(others: Sequence[Earlier]) -> SafeString:
    """The customer's other conversations, with what became of each."""
    words = _words(get_language() or "en")
    title = f"{icon('messages-square')}{words['others']}"
    if not others:
        return SafeString(
            f'<div class="sec"><h2>{title}</h2>\n<p class="small">{words["first"]}</p></div>'
        )
    return SafeString(
        f'<div class="sec"><h2>{title} <span class="count count-quiet">{len(others)}</span></h2>\n'
        f'<ul role="list" class="stack gap-1">{"".join(_other(one, words) for one in others)}</ul></div>'
    )


def _other(one: Earlier, words: dict[str, str]) -> str:
    address = f"/c/{one.reference}/"
    mark, state = ("mail", "open") if one.is_open else ("circle-check", "closed")
    not_verified = "" if one.is_sender_verified else f" · {words['sender_not_verified']}"
    return (
        f'<li><a class="earlier" href="{address}" hx-get="{address}" hx-target="#conversation"'
        f' hx-swap="outerHTML" hx-push-url="true">{icon(mark)}'
        f'<span class="ell"><bdi>{escape(one.subject or one.reference)}</bdi></span>'
        f"<small>{words[state]} · <bdi>{escape(showing.moment(one.last_activity_at))}</bdi>"
        f"{not_verified}</small></a></li>"
    )
