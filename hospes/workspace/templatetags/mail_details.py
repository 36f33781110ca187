"""What a mail says of itself, folded away below each message: written in Python, for a page shows sixty."""

from __future__ import annotations

from collections.abc import Iterator

from django import template
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from hospes.conversations.models import Conversation, Message
from hospes.workspace import showing

register = template.Library()


@register.simple_tag
def mail_details(message: Message, conversation: Conversation) -> SafeString:
    """From, to, when: all a mail says of itself, closed until somebody asks."""
    facts = format_html_join("\n", "<dt>{}</dt><dd>{}</dd>", _facts(message, conversation))
    return format_html(
        '<details class="mail-details"><summary class="link">{}</summary>'
        '<dl class="facts">{}</dl></details>',
        _("Details"),
        facts,
    )


def _facts(message: Message, conversation: Conversation) -> Iterator[tuple[str, str]]:
    yield (
        _("From"),
        format_html(
            '<bdi>{}</bdi> <bdi dir="ltr">{}</bdi>', message.from_name, message.from_address
        ),
    )
    yield _("To"), _addresses(message.to)
    if message.cc:
        yield _("Copy to"), _addresses(message.cc)
    if message.subject and message.subject != conversation.subject:
        yield _("Subject"), format_html("<bdi>{}</bdi>", message.subject)
    yield (_("Came in") if message.is_incoming else _("Written")), showing.full_moment(message.at)
    if message.is_incoming and message.sent_at:
        yield _("Written, as it says"), showing.full_moment(message.sent_at)
    if message.language:
        yield _("Language"), showing.language_name(message.language)
    if message.is_incoming:
        yield _("Sender"), _proof(message)
    if message.raw_id:
        address = reverse("message_raw", args=[message.pk])
        yield _("As it came in"), format_html('<a href="{}">{}</a>', address, _("Raw mail"))


def _addresses(pairs: list[list[str]]) -> SafeString:
    return format_html_join(", ", '<bdi dir="ltr">{}</bdi>', ((pair[1],) for pair in pairs))


def _proof(message: Message) -> str:
    if message.is_verified:
        return _("The mail server in front of us has proven the address.")
    return _("No mail server we trust has proven that it comes from this address.")
