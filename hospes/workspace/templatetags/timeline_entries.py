"""What was said and done in a conversation, written in Python: a page shows sixty messages of some forty values.

Everything a person wrote goes through `escape`; what is not escaped is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.conversations.models import Conversation
from hospes.conversations.timeline import FileEntry, MessageEntry, NoteEntry
from hospes.files.checks import may_open
from hospes.files.models import FileCheck
from hospes.lib.addresses import names_another
from hospes.team.models import Agent
from hospes.workspace import showing
from hospes.workspace.addressing import address_of
from hospes.workspace.templatetags.delivery_state import WENT, delivery_state
from hospes.workspace.templatetags.mail_details import mail_details
from hospes.workspace.templatetags.mail_extras import extras_shown, protection_mark
from hospes.workspace.templatetags.workspace import avatar, icon, linked, said, when

if TYPE_CHECKING:
    from hospes.workspace.views.conversations import Shown

register = template.Library()

MAX_COPIED = 40  # people named beside the sender; the details name all
MAX_PICTURE_BYTES = 12 * 2**20
STATE_CLASSES = {
    "failed": " failed", "bounced": " failed", "queued": " sending", "sending": " sending",
}  # fmt: skip


@register.simple_tag
def timeline_entries(
    entries: Sequence[Shown], conversation: Conversation, reader: Agent
) -> SafeString:
    """All entries of a stretch, oldest first, with a line where a new day begins."""
    words = _words(get_language() or "en")
    return SafeString("".join(_entry(one, words, conversation, reader) for one in entries))


@dataclass(frozen=True)
class _Words:
    """What the entries say, escaped, in one language."""

    reported: str
    raw_mail: str
    not_proven: str
    not_verified: str
    may_be_forged: str
    forwarded: str  # by %(name)s
    form: str
    calls_itself: str  # %(name)s
    same_id: str
    automatic: str
    to: str
    copy: str
    answers_to: str  # %(address)s
    whole_mail: str
    design: str
    acknowledged: str  # in %(language)s
    acknowledging: str  # in %(language)s: %(state)s
    notice: str  # to %(name)s: %(state)s
    note: str
    picture: str
    file: str
    not_stored: str
    virus: str  # %(name)s
    unread: str
    unchecked: str
    holds: str
    say_holds: str
    say_answers: str


@lru_cache(maxsize=32)
def _words(_language: str) -> _Words:
    return _Words(
        reported=escape(
            _("A mail server reported on a reply; what it says stands below the reply.")
        ),
        raw_mail=escape(_("Raw mail")),
        not_proven=escape(_("No mail server we trust has proven that it comes from this address.")),
        not_verified=escape(_("Not verified")),
        may_be_forged=escape(_("May be forged (DMARC)")),
        forwarded=escape(_("Forwarded by %(name)s, address not proven")),
        form=escape(_("By a contact form, address not proven")),
        calls_itself=escape(_("Calls itself %(name)s")),
        same_id=escape(_("Same Message-ID as another mail")),
        automatic=escape(_("Automatic")),
        to=escape(_("To:")),
        copy=escape(_("Copy:")),
        answers_to=escape(_("Answers go to %(address)s")),
        whole_mail=escape(_("Show the whole mail")),
        design=escape(_("Show it as it was designed")),
        acknowledged=escape(_("Automatic acknowledgement sent (%(language)s)")),
        acknowledging=escape(_("Automatic acknowledgement (%(language)s): %(state)s")),
        notice=escape(_("Automatic letter to %(name)s: %(state)s")),
        note=escape(_("Internal note")),
        picture=escape(_("picture")),
        file=escape(_("file")),
        not_stored=escape(_("Not stored: the disk was full. We try again by ourselves.")),
        virus=escape(_("Not opened: a virus was found (%(name)s)")),
        unread=escape(_("Not checked: the virus scanner could not look into it")),
        unchecked=escape(_("Not checked for viruses yet")),
        holds=escape(_("Holding reply: the clock goes on")),
        say_holds=escape(_("This only holds")),
        say_answers=escape(_("This answers")),
    )


def _entry(shown: Shown, words: _Words, conversation: Conversation, reader: Agent) -> str:
    one = shown.entry
    day = ""
    if shown.day:
        day = f'<div class="day" id="day-{shown.date}"><span>{escape(shown.day)}</span></div>\n'
    if isinstance(one, MessageEntry) and one.extras.get("report"):
        return f"{day}{_report(one, words)}\n"
    if isinstance(one, MessageEntry) and one.is_by_itself:
        return f"{day}{_acknowledgement(one, words)}\n"
    if isinstance(one, MessageEntry):
        return f"{day}{_message(one, words, conversation, reader)}\n"
    if isinstance(one, NoteEntry):
        return f"{day}{_note(one, words)}\n"
    return (
        f'{day}<p class="event" id="e-{one.id}">{icon(shown.icon)}'
        f"<span>{escape(shown.words)}</span>{when(one.at)}</p>\n"
    )


def _note(one: NoteEntry, words: _Words) -> str:
    return (
        f'<article class="msg note" id="n-{one.id}">\n{avatar(one.agent_name)}\n'
        f'<div><div class="msg-head"><b><bdi>{escape(one.agent_name)}</bdi></b>{icon("lock")}'
        f"<span>{words.note}</span>{when(one.at)}</div>"
        f'<div class="bubble"><p class="said" dir="auto">{linked(one.text)}</p></div></div>\n</article>'
    )


def _report(m: MessageEntry, words: _Words) -> str:
    """What a mail server wrote of a letter of ours: the letter tells already what became of it."""
    raw = ""
    if m.has_raw:
        raw = f' <a class="link" href="{address_of("message_raw", m.id)}">{words.raw_mail}</a>'
    return (
        f'<article class="event" id="m-{m.id}" data-message="{m.id}">{icon("server")}'
        f"<span>{words.reported}{raw}</span>{when(m.at)}</article>"
    )


def _acknowledgement(m: MessageEntry, words: _Words) -> str:
    """What the desk sent by itself, in one line; its text on opening."""
    language = escape(showing.language_name(m.language))
    line = words.acknowledged % {"language": language}
    state = escape(m.delivery.state_words) if m.delivery else ""
    if m.extras.get("to_colleague"):
        line = words.notice % {"name": f"<bdi>{escape(m.to[0][0])}</bdi>", "state": state}
    elif m.delivery is None or m.delivery.state not in WENT:
        line = words.acknowledging % {"language": language, "state": state}
    return (
        f'<article class="event" id="m-{m.id}" data-message="{m.id}">{icon("mail")}'
        f'<details><summary>{line}</summary><p class="said" {said(m.language)}>{escape(m.reply_text)}</p>'
        f"</details>{when(m.at)}</article>"
    )


def _message(m: MessageEntry, words: _Words, conversation: Conversation, reader: Agent) -> str:
    classes = "cust" if m.is_incoming else "mine"
    if m.delivery:
        classes += STATE_CLASSES.get(m.delivery.state, "")
    written_from = ""
    if m.is_incoming and not m.is_automatic:
        written_from = f' data-from="{escape(m.from_address)}"'
    name = m.agent_name
    if m.is_incoming:
        name = m.from_address if _lies(m) else m.from_name or m.from_address
    return (
        f'<article class="msg {classes}" id="m-{m.id}" data-message="{m.id}"{written_from}>\n'
        f'{avatar(name)}\n<div>\n<div class="msg-head"><b><bdi>{escape(name)}</bdi></b>'
        f"{icon('mail')}{when(m.at)}{_marks(m, words)}</div>\n"
        f'<div class="bubble">{_bubble(m, words)}</div>\n'
        f'<div class="msg-foot">{_foot(m, conversation, reader)}{_holding(m, words)}{mail_details(m, conversation)}</div>\n'
        "</div>\n</article>"
    )


def _marks(m: MessageEntry, words: _Words) -> str:
    """What stands beside the name: not verified, who forwarded it, automatic, who got a copy."""
    marks = _proof_mark(m, words) if m.is_incoming else ""
    if m.is_incoming and _lies(m):
        told = words.calls_itself % {"name": f"<bdi>{escape(m.from_name)}</bdi>"}
        marks += f'<span class="chip chip-warn">{icon("triangle-alert")}{told}</span>'
    if m.verdict.get("same_id"):
        marks += f'<span class="chip chip-warn">{icon("triangle-alert")}{words.same_id}</span>'
    if m.extras:
        marks += protection_mark(m.extras)
    if m.is_automatic:
        marks += f'<span class="chip">{icon("info")}{words.automatic}</span>'
    if m.extras and m.is_incoming:
        marks += _answers_to(m, words)
    if not m.is_incoming and m.to:
        people = ", ".join(f"<bdi>{escape(name or address)}</bdi>" for name, address in m.to)
        marks += f'<span class="ell">{words.to} {people}</span>'
    if m.cc:
        named = [f"<bdi>{escape(name or address)}</bdi>" for name, address in m.cc[:MAX_COPIED]]
        people = ", ".join([*named, "…"] if len(m.cc) > MAX_COPIED else named)
        marks += f'<span class="ell">{words.copy} {people}</span>'
    return marks


def _proof_mark(m: MessageEntry, words: _Words) -> str:
    """Beside the name of whoever wrote to us: what is not proven of it."""
    if m.agent_name:
        told = words.forwarded % {"name": escape(m.agent_name)}
        return f'<span class="chip chip-warn">{icon("shield-alert")}{told}</span>'
    if "form" in m.verdict:
        return f'<span class="chip chip-warn">{icon("shield-alert")}{words.form}</span>'
    if _is_forged(m):
        return f'<span class="chip chip-bad">{icon("triangle-alert")}{words.may_be_forged}</span>'
    if m.is_verified:
        return ""
    return (
        f'<span class="chip chip-warn" title="{words.not_proven}">{icon("shield-alert")}'
        f"{words.not_verified}</span>"
    )


def _is_forged(m: MessageEntry) -> bool:
    """Whether its domain asks not to believe mail like this; somebody let it in all the same."""
    verdict = m.verdict
    is_kept_out = verdict.get("dmarc_policy") != "none" and "forwarder" not in verdict
    return verdict.get("dmarc") == "fail" and is_kept_out


def _answers_to(m: MessageEntry, words: _Words) -> str:
    """Where it asks for the answer: the agent should see it before the answer goes there."""
    asked = m.extras.get("reply_to")
    if not asked:
        return ""
    told = words.answers_to % {"address": f'<bdi dir="ltr">{escape(asked[0][1])}</bdi>'}
    return f'<span class="chip">{icon("reply", "i-dir")}{told}</span>'


def _lies(m: MessageEntry) -> bool:
    """Whether the name it gives itself looks like the address of somebody else."""
    return names_another(m.from_name, m.from_address)


def _says_more(m: MessageEntry) -> bool:
    """Whether the whole mail says more than the reply in it: spaces at ends of lines are nothing said."""
    return bool(m.whole_text) and m.whole_text.split() != m.reply_text.split()


def _bubble(m: MessageEntry, words: _Words) -> str:
    """The text, what more of it there is, the design it came in, and its files."""
    parts = []
    if m.reply_text:
        parts.append(f'<p class="said" {said(m.language)}>{linked(m.reply_text)}</p>')
    if m.extras:
        parts += extras_shown(m.extras)
    if m.is_incoming and _says_more(m):
        parts.append(
            f"<details><summary>{words.whole_mail}</summary>"
            f'<p class="said" {said(m.language)}>{escape(m.whole_text)}</p></details>'
        )
    if m.has_design:
        parts.append(
            f'<details data-frame="{address_of("frame", m.id)}"{"" if m.reply_text else " open"}>'
            f"<summary>{words.design}</summary></details>"
        )
    if m.files:
        files = "".join(f"<li>{_file(file, m, words)}</li>" for file in m.files)
        parts.append(f'<ul class="files" role="list">{files}</ul>')
    return "\n".join(parts)


def _foot(m: MessageEntry, conversation: Conversation, reader: Agent) -> str:
    if not m.is_incoming:
        return delivery_state(m.id, m.delivery, to=m.to, is_operator=reader.is_operator)
    if m.language and m.language != conversation.language:
        return f"<span>{escape(showing.language_name(m.language))}</span>"
    return ""


def _holding(m: MessageEntry, words: _Words) -> str:
    """Whether a reply of ours answers anything, and a way to say that it is the other way round."""
    if m.is_incoming or m.is_automatic:
        return ""
    chip, value, label = "", "1", words.say_holds
    if m.is_holding:
        chip = f'<span class="chip chip-warn">{icon("timer")}{words.holds}</span>'
        value, label = "", words.say_answers
    return (
        f'{chip}<button type="button" class="btn btn-quiet btn-sm hold" hx-post="/m/{m.id}/holding/"'
        f' hx-vals=\'{{"is_holding": "{value}"}}\' hx-swap="none">{label}</button>'
    )


def _file(file: FileEntry, m: MessageEntry, words: _Words) -> str:
    """A picture to look at, a file to save, or why it is neither."""
    if file.is_missing:
        return _closed_file(file, words, "triangle-alert", words.not_stored)
    if file.check == FileCheck.State.FOUND:
        told = words.virus % {"name": f'<bdi dir="ltr">{escape(file.told)}</bdi>'}
        return _closed_file(file, words, "shield-alert", told)
    address = escape(reverse("attachment", args=[file.id, file.name or "file"]))
    kind = escape(showing.file_kind(file.name, file.content_type))
    size = f"<bdi>{escape(showing.file_size(file.size_bytes))}</bdi>"
    is_open = may_open(file.check, is_incoming=m.is_incoming)
    if is_open and _is_picture(file):
        return (
            f'<a class="thumb" href="{address}?inline" target="_blank"><img src="{address}?inline"'
            ' alt="" loading="lazy" width="128" height="96"><span class="thumb-name">'
            f'<bdi class="ell">{escape(file.name) or words.picture}</bdi>'
            f"<span><bdi>{kind}</bdi> · {size}</span></span></a>"
        )
    kind = f"<bdi>{kind}</bdi> · " if kind else ""
    # What is not checked yet opens beside the page: it may ask before it gives the file.
    way = "download" if is_open else 'target="_blank"'
    return (
        f'<a class="file" href="{address}" {way}>{icon("file-text", "i-lg")}'
        f'<span class="thumb-name"><bdi class="ell">{escape(file.name) or words.file}</bdi>'
        f"<span>{kind}{size}</span>{_check(file, words, is_open=is_open)}</span></a>"
    )


def _closed_file(file: FileEntry, words: _Words, sign: str, why: str) -> str:
    return (
        f'<span class="file file-held">{icon(sign, "i-lg")}<span class="thumb-name">'
        f'<bdi class="ell">{escape(file.name) or words.file}</bdi>'
        f'<span class="file-check">{why}</span></span></span>'
    )


def _check(file: FileEntry, words: _Words, *, is_open: bool) -> str:
    """Below a file that can be opened: that no virus scanner has looked into it, where one should have."""
    why = words.unread if file.check == FileCheck.State.UNREAD else ""
    why = why if is_open else words.unchecked
    return f'<span class="file-check">{why}</span>' if why else ""


def _is_picture(file: FileEntry) -> bool:
    """Whether the page may show it as a picture: of a kind that cannot act, and not too heavy."""
    return file.content_type in showing.SHOWN_INLINE and file.size_bytes <= MAX_PICTURE_BYTES
