"""Whom a forwarded mail came from first, what it was about, and what it said.

A title that only forwarding programs write is enough. Without one, copied header lines are, unless the subject
says that this is a reply: replies carry the same lines. Where programs write nothing but a sentence over what they
forward, the subject has to say so.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from hospes.channels.contract import Address, Forwarded
from hospes.channels.email import forwarding_words, quoting
from hospes.channels.email.quoting_words import words
from hospes.channels.email.signatures import DASHES, RULE

TITLES = words(forwarding_words.TITLES)
PREFIXES = words(forwarding_words.PREFIXES)
REPLIES = words(forwarding_words.REPLY_PREFIXES) - PREFIXES
FILLERS = words(forwarding_words.FILLERS) | quoting.WROTE

MAX_HEADER_CHARS = 2000  # a long list of recipients
WRAPPED_CHARS = 68  # a line that programs break at the latest
MAX_BLANKS = 3  # between a title and the header lines
INVISIBLE = dict.fromkeys(
    map(ord, "\ufeff\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
)
MARK = re.compile(r"^[ \t]{0,3}[>＞] ?")
PREFIX = re.compile(r"\s*([^\s:：\[\](){}][^:：\n]{0,16}?)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]")
TITLED = re.compile(
    rf"[{DASHES}]{{2,}}\s{{0,9}}([^{DASHES}\s].{{0,80}}?)\s{{0,9}}[{DASHES}]{{2,}}(.*)"
)
LINKED = re.compile(r"<mailto:[^<>]*>|\[mailto:([^\[\]]*)\]", re.IGNORECASE)
BRACKETED = re.compile(r"[<(\[]{1,2}\s*([^\s<>()\[\]]+@[^\s<>()\[\]]+?)\s*[>)\]]{1,2}")
QUOTED_NAME = re.compile(r"[\"“„«‘]\s*([^\"”“»]{1,120}?)\s*[\"”“»’]")
# Labels that a program ran together on one line: "...>To: ", "... GMT+1Subject: ".
_CAPITALISED = sorted((label[:1].upper() + label[1:] for label in quoting.LABELS), key=len)[::-1]
RUN_TOGETHER = re.compile(
    "("
    + "|".join(
        re.escape(label) if len(label) > 3 else rf"(?<![^\W\d_]){re.escape(label)}"
        for label in _CAPITALISED
    )
    + r")\s?[:：]\s"
)


@dataclass(frozen=True, slots=True)
class _Head:
    """The lines over a forwarded text."""

    start: int
    end: int  # the first line of the text
    sender: Address
    subject: str = ""


def forwarded_in(text: str, subject: str) -> Forwarded | None:
    """The outermost forwarded mail in this one, with its text as it stands; None when nothing was forwarded."""
    if not may_be(text):
        return None
    whole = text.replace("\ufeff", "").split("\n")
    if len(whole) > quoting.MAX_LINES:
        return None
    prefix = _prefix(subject, 0)
    kind = _folded(prefix[1]) if prefix else ""
    lines = [MARK.sub("", line.translate(INVISIBLE)) for line in whole]
    about = bare_subject(subject)
    heads = [_titled(lines, about), None if kind in REPLIES else _untitled(lines, about)]
    head = min((one for one in heads if one), key=attrgetter("start"), default=None)
    if head is None and kind in PREFIXES:
        head = _introduced(lines)
    if head is None or not (head.sender.address or head.sender.name):
        return None
    body = whole[head.end :]
    if quoting.QUOTED.match(next((line for line in body if line.strip()), "")):
        body = [MARK.sub("", line) for line in body]
    return Forwarded(
        sender=head.sender,
        subject=head.subject or about,
        text="\n".join(line.rstrip() for line in body).strip(),
        comment="\n".join(line.rstrip() for line in whole[: head.start]).strip(),
    )


def may_be(text: str) -> bool:
    """Whether header lines may be copied into it: most mails are known by this to hold none."""
    colons = text.count(":") + text.count("：")
    return colons >= 3 or (colons > 0 and "@" in text)


def is_reply(subject: str) -> bool:
    """Whether a mail program wrote before this subject that the mail is a reply."""
    prefix = _prefix(subject, 0)
    return prefix is not None and _folded(prefix[1]) in REPLIES


# Subjects -----------------------------------------------------------------------------------------


def bare_subject(subject: str) -> str:
    """The subject without what mail programs wrote before it."""
    at = 0
    while (match := _prefix(subject, at)) is not None:
        at = match.end()
    return subject[at:].strip()


def _prefix(subject: str, at: int) -> re.Match[str] | None:
    match = PREFIX.match(subject, at)
    return match if match and _folded(match[1]) in PREFIXES | REPLIES else None


def _folded(word: str) -> str:
    return word.strip().casefold()


# Heads --------------------------------------------------------------------------------------------


def _titled(lines: Sequence[str], about: str) -> _Head | None:
    """Header lines under "---- Forwarded message ----" or "Begin forwarded message:"."""
    for at, line in enumerate(lines):
        if not 8 <= len(line.strip()) <= quoting.MAX_LINE_CHARS * 4:
            continue
        dashed = TITLED.match(line.strip())
        title = _folded((dashed[1] if dashed else line).strip().rstrip(":： "))
        title = title.replace("’", "'").replace(",", "")
        if title not in TITLES:
            continue
        if dashed and dashed[2].strip():
            return _run_together(dashed[2], at)
        block = at + 1
        while block < len(lines) and not lines[block].strip() and block - at <= MAX_BLANKS:
            block += 1
        head = _block(lines, block, about, needs=1) if block < len(lines) else None
        if head is not None:
            return _Head(at, head.end, head.sender, head.subject)
    return None


def _untitled(lines: Sequence[str], about: str) -> _Head | None:
    """Header lines that name a sender and a subject, and stand by themselves or under a rule."""
    for at, line in enumerate(lines):
        if ":" not in line and "：" not in line and not line.startswith("|"):
            continue
        head = _block(lines, at, about, needs=3)
        if head is not None:
            start = _over(lines, at)
            return _Head(start, head.end, head.sender, head.subject)
    return None


def _over(lines: Sequence[str], at: int) -> int:
    """The line where a head begins: at a rule or "-----Original Message-----" over its header lines."""
    above = at - 1
    while above >= 0 and at - above <= MAX_BLANKS and not lines[above].strip():
        above -= 1
    if above < 0 or not lines[above].strip():
        return at
    line = lines[above].strip()
    return above if RULE.fullmatch(line) or quoting.DASHED_TITLE.match(line.casefold()) else at


def _block(lines: Sequence[str], at: int, about: str, *, needs: int) -> _Head | None:
    """Header lines from here on, at least so many: the sender's among them.

    about: the mail's own subject, which is mostly that of what it forwards.
    """
    found: list[tuple[str, str]] = []
    end = at
    while end < min(len(lines), at + quoting.MAX_HEADER_LINES):
        line = lines[end]
        label = _labelled(line) if found or line.strip() else None
        if label is not None and _is_header(label, about):
            found.append(label)
        elif found and line.strip() and _goes_on(found[-1], lines, end):
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            break
        end += 1
    said = _said(found, about, by_shape=needs == 1)
    if said is None or len(found) < needs or (needs > 1 and not said[1]):
        return None
    return _Head(at, end, *said)


def _labelled(line: str) -> tuple[str, str] | None:
    label = quoting.labelled(line) if len(line) < MAX_HEADER_CHARS else None
    return (label[0], label[1].strip(" \t*")) if label else None


def _is_header(label: tuple[str, str], about: str) -> bool:
    """Whether it is a header line: by its label or, in a language nobody listed, by what stands behind it."""
    name, value = label
    return (
        name in quoting.LABELS
        or quoting.EMAIL.search(value) is not None
        or quoting.MOMENT.search(value) is not None
        or (bool(about) and value == about)
    )


def _goes_on(before: tuple[str, str], lines: Sequence[str], at: int) -> bool:
    """Whether this line belongs to the header line before it: folded, or broken by a program that wraps."""
    line, (label, value) = lines[at], before
    if line[:1].isspace():
        return True
    if value.endswith((",", ";")) and "@" in line:
        return True
    is_long = len(label) + len(value) + len(line.split(maxsplit=1)[0]) > WRAPPED_CHARS
    ends_block = at + 1 == len(lines) or not lines[at + 1].strip() or _is_known(lines[at + 1])
    return label in quoting.SUBJECTS and is_long and ends_block


def _is_known(line: str) -> bool:
    label = _labelled(line)
    return label is not None and label[0] in quoting.LABELS


def _run_together(rest: str, at: int) -> _Head | None:
    parts = RUN_TOGETHER.split(f" {rest}")[1:]
    labels = zip(map(_folded, parts[::2]), map(str.strip, parts[1::2]), strict=True)
    said = _said(list(labels), "", by_shape=False)
    return _Head(at, at + 1, *said) if said else None


def _said(
    found: Sequence[tuple[str, str]], about: str, *, by_shape: bool
) -> tuple[Address, str] | None:
    """Sender and subject of copied header lines; by their shape, the first line with an address is the sender's."""
    senders = [value for label, value in found if label in quoting.FROM]
    subjects = [value for label, value in found if label in quoting.SUBJECTS]
    subjects += [value for _label, value in found if about and value == about]
    if not senders and (by_shape or _has_shape(found, subjects)):
        senders = [value for _label, value in found if quoting.EMAIL.search(value)]
    return (person(senders[0]), subjects[0] if subjects else "") if senders else None


def _has_shape(found: Sequence[tuple[str, str]], subjects: Sequence[str]) -> bool:
    """Whether the lines are a mail's head in a language nobody listed: an address first, a moment, a subject."""
    moments = [value for _label, value in found if quoting.MOMENT.search(value)]
    return bool(subjects) and bool(moments) and quoting.EMAIL.search(found[0][1]) is not None


def _introduced(lines: Sequence[str]) -> _Head | None:
    """A sentence that says who wrote, and when, over what is forwarded."""
    for at, line in enumerate(lines):
        if (
            not line.rstrip().endswith(quoting.COLON_LAST)
            or len(line) > quoting.MAX_ATTRIBUTION_CHARS
        ):
            continue
        address = quoting.EMAIL.search(line)
        if address is not None and quoting.MOMENT.search(line) is not None:
            return _Head(at, at + 1, Address(_name_before(line, address.start()), address[0]))
    return None


# Persons ------------------------------------------------------------------------------------------


def person(value: str) -> Address:
    """Who is named by a copied From line, in any of the forms programs write."""
    value = LINKED.sub(lambda link: f"<{link[1]}>" if link[1] else "", value).strip()
    bracketed = BRACKETED.search(value)
    bare = bracketed or quoting.EMAIL.search(value)
    if bare is None:
        return Address(_clean(value), "")
    address = (bracketed[1] if bracketed else bare[0]).strip("'\"")
    local, _at, domain = address.rpartition("@")
    address = f"{local}@{domain.lower()}"
    name = _clean(value[: bare.start()])
    return Address("" if name.casefold() == address.casefold() else name, address)


def _clean(name: str) -> str:
    return " ".join(name.strip(" \t,;\"'“”„«»‘’*").split())


def _name_before(sentence: str, end: int) -> str:
    """The name that stands before an address in a sentence that begins with a moment."""
    before = sentence[:end].rstrip(" <(")
    quoted = list(QUOTED_NAME.finditer(before))
    if quoted:
        return _clean(quoted[-1][1])
    name = re.split(r"[\d,:;]", before)[-1].split()
    while name and _folded(name[0]) in FILLERS:
        name.pop(0)
    return _clean(" ".join(name))
