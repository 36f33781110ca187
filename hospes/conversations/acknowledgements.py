"""What the desk says by itself to whoever wrote to it: that it has the letter, under which number.

In the customer's language, and without a word of theirs: anybody can write to us in somebody else's name, and what
they wrote must not reach that somebody as a letter of ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from babel import Locale
from django.utils import translation
from django.utils.translation import pgettext

from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.language.speaking import spoken
from hospes.lib.units import in_unit

# RFC 3834, and what Microsoft's servers look at.
HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}


@dataclass(frozen=True)
class Acknowledgement:
    """The letter, without its head."""

    language: str
    subject: str
    text: str


def acknowledgement(
    *, reference: str, channel: Channel, languages: tuple[str, ...]
) -> Acknowledgement:
    """Return the letter about a conversation. channel: with its brand.

    languages: BCP 47, that the customer may read, the likeliest first; "" is passed over.
    """
    language = spoken(*languages, channel.brand.language)
    with translation.override(language):
        # Translators: the subject of the automatic letter that tells customers that we have theirs. Formal.
        subject = pgettext("letter", "We have received your message: %(reference)s")
        return Acknowledgement(
            language,
            subject % {"reference": reference},
            _text(reference, channel.brand, _usual_time(channel.usual_hours, language)),
        )


def _text(reference: str, brand: Brand, usual_time: str) -> str:
    """Return the letter in the active language."""
    # Translators: opens a letter to a customer whose name we do not use. Formal. Do not guess their gender.
    opening = pgettext("letter", "Hello,")
    # Translators: in an automatic letter to a customer. Promise nothing, and not when anybody answers.
    received = pgettext(
        "letter", "Thank you for your message. We have received it. Its number is %(reference)s."
    )
    # Translators: in an automatic letter to a customer; the time is one such as "24 hours" or "3 days".
    usual = pgettext("letter", "Usual time until an answer: %(time)s.")
    # Translators: ends an automatic letter to a customer.
    further = pgettext(
        "letter", "This message was sent automatically. To add something, simply reply to it."
    )
    # Translators: closes a letter to a customer, above the name of the brand.
    closing = pgettext("letter", "Kind regards,")
    sentences = [received % {"reference": reference}]
    if usual_time:
        sentences.append(usual % {"time": usual_time})
    sentences.append(further)
    return "\n\n".join([opening, "\n".join(sentences), f"{closing}\n{brand.name}"])


def _usual_time(hours: int | None, language: str) -> str:
    """Return "24 hours" or "3 days" in a language; "" where nobody said so."""
    if not hours:
        return ""
    locale = Locale.parse(language, sep="-")
    if hours % 24 or hours < 48:
        return in_unit(hours, "duration-hour", locale=locale, length="long")
    return in_unit(hours // 24, "duration-day", locale=locale, length="long")
