"""What the desk says by itself to whoever wrote to it: that it has the letter, under which number.

In the customer's language, and without a word of theirs: anybody can write to us in somebody else's name, and what
they wrote must not reach that somebody as a letter of ours. So it names them only as colleagues wrote their name down.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_skeleton, format_time, get_timezone_location
from django.utils import translation
from django.utils.translation import pgettext

from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.language.speaking import spoken
from hospes.lib.units import in_unit

Greet = Callable[[str], str]  # in a language: how the letter begins


def nobody(_language: str) -> str:
    """Greet nobody by name."""
    return ""


# RFC 3834, and what Microsoft's servers look at.
HEADERS = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}


@dataclass(frozen=True)
class Acknowledgement:
    """The letter, without its head."""

    language: str
    subject: str
    text: str


@dataclass(frozen=True)
class Expected:
    """When the customer will hear from us, as far as anybody can say: between two moments, on their clock."""

    earliest: datetime
    latest: datetime
    zone: str  # IANA


def acknowledgement(
    *,
    reference: str,
    channel: Channel,
    languages: tuple[str, ...],
    expected: Expected | None = None,
    greet: Greet = nobody,
) -> Acknowledgement:
    """Return the letter about a conversation. channel: with its brand.

    languages: BCP 47, that the customer may read, the likeliest first; "" is passed over.
    expected: when an answer comes; None: nobody knows, and only what an operator wrote is said.
    greet: names the customer in a language, as far as we know their name; "": nobody is named.
    """
    language = spoken(*languages, channel.brand.language)
    with translation.override(language):
        # Translators: the subject of the automatic letter that tells customers that we have theirs. Formal.
        subject = pgettext("letter", "We have received your message: %(reference)s")
        return Acknowledgement(
            language,
            subject % {"reference": reference},
            _text(
                reference,
                channel.brand,
                when_answered(channel, expected, language),
                greet(language),
            ),
        )


def delay_notice(
    *,
    reference: str,
    channel: Channel,
    languages: tuple[str, ...],
    expected: Expected,
    greet: Greet = nobody,
) -> Acknowledgement:
    """Return the letter that says that an answer takes longer than was told."""
    language = spoken(*languages, channel.brand.language)
    with translation.override(language):
        # Translators: the subject of the automatic letter that tells customers that we have theirs. Formal.
        subject = pgettext("letter", "We have received your message: %(reference)s")
        # Translators: opens a letter to a customer whose name we do not use. Formal. Do not guess their gender.
        opening = pgettext("letter", "Hello,")
        # Translators: in an automatic letter to a customer. Formal.
        longer = pgettext("letter", "Our answer takes longer than we told you. We are sorry.")
        # Translators: closes a letter to a customer, above the name of the brand.
        closing = pgettext("letter", "Kind regards,")
        lines = f"{longer}\n{_expected(expected, language)}"
        text = "\n\n".join([greet(language) or opening, lines, f"{closing}\n{channel.brand.name}"])
        return Acknowledgement(language, subject % {"reference": reference}, text)


def _text(reference: str, brand: Brand, when: str, salutation: str) -> str:
    """Return the letter in the active language. when: an answer comes, "" where nobody knows."""
    # Translators: opens a letter to a customer whose name we do not use. Formal. Do not guess their gender.
    opening = pgettext("letter", "Hello,")
    # Translators: in an automatic letter to a customer. Promise nothing, and not when anybody answers.
    received = pgettext(
        "letter", "Thank you for your message. We have received it. Its number is %(reference)s."
    )
    # Translators: in an automatic letter to a customer: what happens next. Formal. No word for a man or a woman.
    steps = pgettext(
        "letter", "What happens next: our team reads your message and answers you by mail."
    )
    # Translators: ends an automatic letter to a customer.
    further = pgettext(
        "letter", "This message was sent automatically. To add something, simply reply to it."
    )
    # Translators: closes a letter to a customer, above the name of the brand.
    closing = pgettext("letter", "Kind regards,")
    sentences = [received % {"reference": reference}, steps]
    if when:
        sentences.append(when)
    sentences.append(further)
    return "\n\n".join([salutation or opening, "\n".join(sentences), f"{closing}\n{brand.name}"])


def when_answered(channel: Channel, expected: Expected | None, language: str) -> str:
    """Return when an answer comes, as a sentence in the active language, which is this one; "" where nobody knows."""
    if expected is not None:
        return _expected(expected, language)
    if not channel.usual_hours:
        return ""
    # Translators: in an automatic letter to a customer; the time is one such as "24 hours" or "3 days".
    usual = pgettext("letter", "Usual time until an answer: %(time)s.")
    return usual % {"time": _usual_time(channel.usual_hours, language)}


def _expected(expected: Expected, language: str) -> str:
    # Translators: in an automatic letter to a customer; both are a day with a time, the place tells whose clock.
    words = pgettext("letter", "Expected answer: from %(start)s to %(end)s (time in %(place)s).")
    locale, zone = Locale.parse(language, sep="-"), ZoneInfo(expected.zone)
    start, end = (one.astimezone(zone) for one in (expected.earliest, expected.latest))
    return words % {
        "start": _moment(start, locale),
        "end": _moment(end, locale),
        "place": get_timezone_location(zone, locale=locale, return_city=True)
        if "/" in expected.zone
        else expected.zone,
    }


def _moment(at: datetime, locale: Locale) -> str:
    clock = format_time(at, "short", tzinfo=at.tzinfo, locale=locale)
    day = format_skeleton("MMMEd", at, tzinfo=at.tzinfo, locale=locale)
    return str(locale.datetime_formats["medium"]).format(clock, day)


def _usual_time(hours: int, language: str) -> str:
    """Return "24 hours" or "3 days" in a language."""
    locale = Locale.parse(language, sep="-")
    if hours % 24 or hours < 48:
        return in_unit(hours, "duration-hour", locale=locale, length="long")
    return in_unit(hours // 24, "duration-day", locale=locale, length="long")
