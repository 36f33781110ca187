"""Did a machine write this? What it means: kept, marked, and never answered by a machine of ours."""

from __future__ import annotations

import re
from collections.abc import Sequence

from hospes.channels.contract import Address
from hospes.channels.email import automatic_words
from hospes.channels.email.addresses import addresses_of
from hospes.channels.email.headers import token_of
from hospes.channels.email.mime import Part

# The words a reason may be; the first that fits is given.
BOUNCE = "bounce"
READ_RECEIPT = "read-receipt"
COMPLAINT = "complaint"
AUTO_REPLY = "auto-reply"
AUTO_GENERATED = "auto-generated"
MAILING_LIST = "mailing-list"
BULK = "bulk"
NO_REPLY = "no-reply"

REPORT_KINDS = {
    "delivery-status": BOUNCE,
    "disposition-notification": READ_RECEIPT,
    "feedback-report": COMPLAINT,
}
AUTO_REPLY_FIELDS = (
    "x-autoreply",
    "x-autorespond",
    "x-autoresponder",
    "x-autoreply-from",
    "x-mail-autoreply",
)
SUPPRESSING = {"all", "autoreply", "oof", "dr"}
BULK_PRECEDENCE = {"bulk": BULK, "junk": BULK, "list": MAILING_LIST, "auto_reply": AUTO_REPLY}
SUBJECTS = {" ".join(words.split()) for words in automatic_words.SUBJECTS.split(",")}
LIST_FIELDS = (
    "list-id",
    "list-unsubscribe",
    "list-post",
    "list-help",
    "list-subscribe",
    "list-owner",
    "list-archive",
)
MACHINES = re.compile(
    r"(?:mailer-daemon|postmaster|mail-daemon|no-?_?reply|do-?_?not-?_?reply|donotreply|noreply|bounces?)(?:[+._-].*)?@"
)
SERVERS = ("mailer-daemon", "mail-daemon", "postmaster")


def reason(root: Part, senders: Sequence[Address], subject: str = "") -> str:
    """One of the words above, or "" for a message that a person wrote. subject: decoded."""
    return (
        _report_reason(root)
        or (BOUNCE if _is_by_mail_server(root, senders) else "")
        or _field_reason(root)
        or _sender_reason(root, senders)
        or _subject_reason(root, subject)
    )


def _report_reason(root: Part) -> str:
    if root.content_type != "multipart/report":
        return ""
    kind = root.parameters.get("report-type", b"").decode("ascii", "replace").lower()
    return REPORT_KINDS.get(kind, BOUNCE)


def _field_reason(root: Part) -> str:
    submitted = token_of(root.first("auto-submitted")).partition(";")[0].strip()
    if submitted and submitted != "no":
        return AUTO_REPLY if submitted == "auto-replied" else AUTO_GENERATED
    if any(token_of(root.first(name)) not in ("", "no") for name in AUTO_REPLY_FIELDS):
        return AUTO_REPLY
    suppressed = token_of(root.first("x-auto-response-suppress")).replace(",", " ").split()
    if SUPPRESSING.intersection(suppressed):
        return AUTO_GENERATED
    precedence = BULK_PRECEDENCE.get(token_of(root.first("precedence")))
    if precedence:
        return precedence
    return MAILING_LIST if any(name in root.headers for name in LIST_FIELDS) else ""


def _is_by_mail_server(root: Part, senders: Sequence[Address]) -> bool:
    """Whether a mail server itself says something. Many add that it answers automatically; a list is no server."""
    found = next((match for sender in senders if (match := MACHINES.match(sender.key))), None)
    if found is None or not found[0].startswith(SERVERS):
        return False
    return _field_reason(root) in ("", AUTO_REPLY, AUTO_GENERATED)


def _sender_reason(root: Part, senders: Sequence[Address]) -> str:
    if any(value.strip() == b"<>" for value in root.values("return-path")):
        return BOUNCE
    found = next((match for sender in senders if (match := MACHINES.match(sender.key))), None)
    if found is None:
        return ""
    return "" if _asks_for_an_answer(root) else NO_REPLY


def _subject_reason(root: Part, subject: str) -> str:
    """What programs answer by themselves says so in front of the subject it answers; a person's answer begins "Re:".

    The words alone may be the subject of a person's letter, unless it answers one.
    """
    first, colon, _ = subject.replace("：", ":").partition(":")
    if " ".join(first.casefold().replace("’", "'").split()) not in SUBJECTS:
        return ""
    return AUTO_REPLY if colon or root.first("in-reply-to") or root.first("references") else ""


def is_machine(sender: Address) -> bool:
    """Whether nobody reads what is written to this address, though a person may stand behind the mail."""
    return MACHINES.match(sender.key) is not None


def _asks_for_an_answer(root: Part) -> bool:
    """Whether a machine hands on what a person wrote, such as a form on a page: answers go to them."""
    named, _ = addresses_of(root.values("reply-to"))
    return len(named) == 1 and MACHINES.match(named[0].key) is None
