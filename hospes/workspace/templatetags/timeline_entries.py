"""What was said and done in a conversation, written in Python: a page shows sixty messages of some forty values.

Everything a person wrote goes through `escape`; what is not escaped is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import TYPE_CHECKING

from django import template
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from hospes.conversations.models import Conversation
from hospes.conversations.timeline import MessageEntry, NoteEntry
from hospes.lib.addresses import names_another
from hospes.servicelevels.gathering import NEVER_ARRIVED
from hospes.team.models import Agent
from hospes.workspace import showing
from hospes.workspace.addressing import address_of
from hospes.workspace.templatetags.delivery_state import WENT, delivery_state
from hospes.workspace.templatetags.entry_words import Words, words_in
from hospes.workspace.templatetags.mail_details import mail_details
from hospes.workspace.templatetags.mail_extras import extras_shown, protection_mark
from hospes.workspace.templatetags.message_files import file_shown
from hospes.workspace.templatetags.workspace import avatar, icon, linked, said, when

if TYPE_CHECKING:
    from hospes.workspace.views.conversations import Shown

register = template.Library()

MAX_COPIED = 40  # people named beside the sender; the details name all
STATE_CLASSES = {
    "failed": " failed", "bounced": " failed", "queued": " sending", "sending": " sending",
}  # fmt: skip


@register.simple_tag
def timeline_entries(
    entries: Sequence[Shown], conversation: Conversation, reader: Agent
) -> SafeString:
    """All entries of a stretch, oldest first, with a line where a new day begins."""
    words = words_in(get_language() or "en")
    return SafeString("".join(_entry(one, words, conversation, reader) for one in entries))


def _entry(shown: Shown, words: Words, conversation: Conversation, reader: Agent) -> str:
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


def _note(one: NoteEntry, words: Words) -> str:
    return (
        f'<article class="msg note" id="n-{one.id}">\n{avatar(one.agent_name)}\n'
        f'<div><div class="msg-head"><b><bdi>{escape(one.agent_name)}</bdi></b>{icon("lock")}'
        f"<span>{words.note}</span>{when(one.at)}</div>"
        f'<div class="bubble"><p class="said" dir="auto">{linked(one.text)}</p></div></div>\n</article>'
    )


def _report(m: MessageEntry, words: Words) -> str:
    """What a mail server wrote of a letter of ours, or a reader's program: the letter tells what became of it."""
    said = {"displayed": words.displayed, "read": words.received}.get(m.extras["report"])
    told = said % {"name": f"<bdi>{escape(m.from_address)}</bdi>"} if said else words.reported
    raw = ""
    if m.has_raw:
        raw = f' <a class="link" href="{address_of("message_raw", m.id)}">{words.raw_mail}</a>'
    return (
        f'<article class="event" id="m-{m.id}" data-message="{m.id}">{icon("server")}'
        f"<span>{told}{raw}</span>{when(m.at)}</article>"
    )


def _acknowledgement(m: MessageEntry, words: Words) -> str:
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


def _message(m: MessageEntry, words: Words, conversation: Conversation, reader: Agent) -> str:
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


def _marks(m: MessageEntry, words: Words) -> str:
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
        # A name that is an address itself may be another one than the letter went to.
        people = ", ".join(
            f"<bdi>{escape(name if name and '@' not in name else address)}</bdi>"
            for name, address in m.to
        )
        marks += f'<span class="ell">{words.to} {people}</span>'
    if m.cc:
        named = [f"<bdi>{escape(name or address)}</bdi>" for name, address in m.cc[:MAX_COPIED]]
        people = ", ".join([*named, "…"] if len(m.cc) > MAX_COPIED else named)
        marks += f'<span class="ell">{words.copy} {people}</span>'
    return marks


def _proof_mark(m: MessageEntry, words: Words) -> str:
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


def _answers_to(m: MessageEntry, words: Words) -> str:
    """Where it asks for the answer: the agent should see it before the answer goes there."""
    asked = m.extras.get("reply_to")
    if not asked:
        return ""
    told = words.answers_to % {"address": f'<bdi dir="ltr">{escape(asked[0][1])}</bdi>'}
    return f'<span class="chip">{icon("reply", "i-dir")}{told}</span>'


INSTEAD = ' class="instead"'  # of the text above, when it is opened


def _lies(m: MessageEntry) -> bool:
    """Whether the name it gives itself looks like the address of somebody else."""
    return names_another(m.from_name, m.from_address)


def _says_more(m: MessageEntry) -> bool:
    """Whether the whole mail says more than the reply in it: spaces at ends of lines are nothing said."""
    return bool(m.whole_text) and m.whole_text.split() != m.reply_text.split()


def _bubble(m: MessageEntry, words: Words) -> str:
    """The text, what more of it there is, the design it came in, and its files."""
    parts = []
    if m.reply_text:
        parts.append(f'<p class="said" {said(m.language)}>{linked(m.reply_text)}</p>')
    if m.extras:
        parts += extras_shown(m.extras)
    if m.is_incoming and _says_more(m):
        parts.append(
            f"<details{INSTEAD}><summary>{words.whole_mail}</summary>"
            f'<p class="said" {said(m.language)}>{escape(m.whole_text)}</p></details>'
        )
    if m.has_design:
        parts.append(
            f'<details{INSTEAD if m.reply_text else " open"} data-frame="{address_of("frame", m.id)}">'
            f"<summary>{words.design}</summary></details>"
        )
    if m.files:
        files = "".join(f"<li>{file_shown(file, m, words)}</li>" for file in m.files)
        parts.append(f'<ul class="files" role="list">{files}</ul>')
    return "\n".join(parts)


def _foot(m: MessageEntry, conversation: Conversation, reader: Agent) -> str:
    if not m.is_incoming:
        return delivery_state(m.id, m.delivery, to=m.to, is_operator=reader.is_operator)
    if m.language and m.language != conversation.language:
        return f"<span>{escape(showing.language_name(m.language))}</span>"
    return ""


def _holding(m: MessageEntry, words: Words) -> str:
    """Whether a reply of ours answers anything, and a way to say that it is the other way round."""
    if m.is_incoming or m.is_automatic or (m.delivery and m.delivery.state in NEVER_ARRIVED):
        return ""
    chip, value, label = "", "1", words.say_holds
    if m.is_holding:
        chip = f'<span class="chip chip-warn">{icon("timer")}{words.holds}</span>'
        value, label = "", words.say_answers
    return (
        f'{chip}<button type="button" class="btn btn-quiet btn-sm hold" hx-post="/m/{m.id}/holding/"'
        f' hx-vals=\'{{"is_holding": "{value}"}}\' hx-swap="none">{label}</button>'
    )
