"""What a mail says of itself, folded away below each message: written in Python, for a page shows sixty."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from html import escape
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.conversations.models import Conversation
from hospes.conversations.timeline import MessageEntry
from hospes.intake.models import HeldRaw
from hospes.intake.trusting import kept, proves
from hospes.workspace import showing
from hospes.workspace.addressing import address_of

# A clock may go fast, and old mail may be brought in; beyond that a date says nothing but that it is wrong.
EARLIEST, LATEST = timedelta(days=-2), timedelta(days=365 * 20)


def mail_details(message: MessageEntry, conversation: Conversation) -> str:
    """From, to, when: all a mail says of itself, closed until somebody asks."""
    words = _words(get_language() or "en")
    facts = "\n".join(
        [
            f"<dt>{words[name]}</dt><dd>{fact}</dd>"
            for name, fact in _facts(message, conversation, words)
        ]
    )
    return (
        f'<details class="mail-details"><summary class="link">{words["details"]}</summary>'
        f'<dl class="facts">{facts}</dl></details>'
    )


@lru_cache(maxsize=32)
def _words(_language: str) -> dict[str, str]:
    """Return what the details say, escaped, in one language."""
    words = {
        "details": _("Details"),
        "from": _("From"),
        "to": _("To"),
        "copy": _("Copy to"),
        "further": _("Further recipients"),
        "further_in_raw": _("There are more than are kept here. The raw mail names all of them."),
        "subject": _("Subject"),
        "came_in": _("Came in"),
        "written": _("Written"),
        "sent": _("Written, as it says"),
        "language": _("Language"),
        "sender": _("Sender"),
        "raw": _("As it came in"),
        "raw_mail": _("Raw mail"),
        "proven": _("The mail server in front of us has proven the address."),
        "forwarded": _("Forwarded by %(name)s, address not proven"),
        "form": _(
            "The form of %(address)s sent it. Whoever filled it in may have given any address."
        ),
        "proven_by_us": _("Proven: the domain itself sent or signed it. We checked."),
        "vouched": _("%(domain)s handed it on, and says it had proof of the sender."),
        "forged": _("The sender's domain neither sent nor signed it. It may be forged."),
        "unsaid": _("The sender's domain does not say which mail is genuine (no DMARC)."),
        "unanswered": _(
            "The sender could not be checked: the servers of the domain did not answer."
        ),
        "checks": _("Checks"),
        "not_proven": _("No mail server we trust has proven that it comes from this address."),
    }
    return {name: escape(text) for name, text in words.items()}


def _facts(
    message: MessageEntry, conversation: Conversation, words: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """Yield the name of each fact among the words, and the fact as HTML."""
    address = f'<bdi dir="ltr">{escape(message.from_address)}</bdi>'
    yield "from", f"<bdi>{escape(message.from_name)}</bdi> {address}"
    yield "to", _addresses(message.to)
    if message.cc:
        yield "copy", _addresses(message.cc)
    if message.is_incoming and message.extras.get("addresses_cut"):
        yield "further", words["further_in_raw"]
    if message.subject and message.subject != conversation.subject:
        yield "subject", f"<bdi>{escape(message.subject)}</bdi>"
    yield (
        "came_in" if message.is_incoming else "written",
        escape(showing.full_moment(message.at)),
    )
    if message.is_incoming and message.sent_at:
        yield "sent", written(message.sent_at, message.at)
    if message.language:
        yield "language", escape(showing.language_name(message.language))
    if message.is_incoming:
        yield "sender", _proof(message, words)
        checks = "" if message.agent_name else _checks(message.verdict)  # of who forwarded it
        if checks:
            yield "checks", f'<bdi dir="ltr">{escape(checks)}</bdi>'
    if message.has_raw:
        yield "raw", f'<a href="{address_of("message_raw", message.id)}">{words["raw_mail"]}</a>'


def written(said: datetime, came_in: datetime) -> SafeString:
    """When a mail says that it was written, and whether that can be."""
    told = escape(showing.full_moment(said))
    if EARLIEST <= came_in - said <= LATEST:
        return SafeString(told)
    wrong = escape(_("This date is wrong: look at when it came in."))
    return SafeString(f'{told} <span class="chip chip-warn">{wrong}</span>')


def _proof(message: MessageEntry, words: dict[str, str]) -> str:
    if message.agent_name:
        return words["forwarded"] % {"name": escape(message.agent_name)}
    return _said_of(message.verdict, words, is_verified=message.is_verified)


def held_proof(held: HeldRaw) -> SafeString:
    """What was found out about the sender of a held mail, and each check."""
    verdict = kept(held.verdict)
    is_verified = verdict is not None and proves(verdict, held.from_address)
    said = _said_of(held.verdict or {}, _words(get_language() or "en"), is_verified=is_verified)
    checks = _checks(held.verdict or {})
    return SafeString(said + (f' <bdi dir="ltr">{escape(checks)}</bdi>' if checks else ""))


def _said_of(verdict: dict[str, Any], words: dict[str, str], *, is_verified: bool) -> str:
    if "form" in verdict:
        return words["form"] % {"address": f'<bdi dir="ltr">{escape(verdict["form"])}</bdi>'}
    is_ours = "dmarc" in verdict and not verdict.get("authserv_id")
    if is_verified:
        return words["proven_by_us" if is_ours else "proven"]
    if "forwarder" in verdict:
        return words["vouched"] % {"domain": f'<bdi dir="ltr">{escape(verdict["forwarder"])}</bdi>'}
    if verdict.get("dmarc") == "fail":
        return words["forged"]
    if is_ours:
        return words["unanswered" if verdict.get("dmarc") == "temperror" else "unsaid"]
    return words["not_proven"]


def _checks(verdict: dict[str, Any]) -> str:
    """Return what each check found, in the words of the trade, which are the same in every language."""
    told = [
        ("SPF", "spf", [verdict.get("spf_domain", "")]),
        ("DKIM", "dkim", verdict.get("dkim_domains", [])),
        ("DMARC", "dmarc", [verdict.get("dmarc_policy", "")]),
        ("ARC", "arc", [verdict.get("arc_sealer", "")]),
    ]
    return " · ".join(
        f"{name} {verdict[key]}" + (f" ({', '.join(about)})" if any(about) else "")
        for name, key, about in told
        if verdict.get(key) and (key != "arc" or verdict[key] != "none")
    )


def _addresses(pairs: list[list[str]]) -> str:
    return ", ".join(f'<bdi dir="ltr">{escape(pair[1])}</bdi>' for pair in pairs)
