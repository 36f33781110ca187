"""Where what somebody writes ends and what stands under every letter of theirs begins: names, telephones, disclaimers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice

from hospes.channels.email import quoting_words

MAX_LINE_CHARS = 400  # nothing we look for is longer
MAX_SIGNATURE_LINES = 12
MAX_DISCLAIMER_LINES = 40  # under a proper "-- "
MAX_CLOSING_LINES = 8
MAX_SIGNATURE_CHARS = 90
MAX_SENT_FROM_WORDS = 9
LINES_TO_A_DISCLAIMER = 3
MAX_SCANNER_LINES = 4  # after the first that names its address

SENT_FROM = tuple(sorted(quoting_words.words(quoting_words.SENT_FROM)))
SENT_FROM_LAST = tuple(sorted(quoting_words.words(quoting_words.SENT_FROM_LAST)))
CLOSINGS = quoting_words.words(quoting_words.CLOSINGS)
DISCLAIMERS = tuple(sorted(quoting_words.words(quoting_words.DISCLAIMERS)))
DISCLAIMERS_IN_ASCII = tuple(stem for stem in DISCLAIMERS if stem.isascii())

DASHES = "-_=*~—–‐‑‒―─━═＝－"
RULE = re.compile(rf"[┏┌╔╭┗└╚╰]?[{DASHES}#+]{{2,}}[┓┐╗╮┛┘╝╯]?|[—–―]")
ENDING_MARKS = re.compile(r"[\s,.!;:。、，،！\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]+$")
PICTURE = re.compile(r"\[cid:[^\]\s]{1,200}\]")  # a logo that Outlook left in the text
LINK = re.compile(r"\s{0,3}[<\[(]\s?[^<>\s]{0,300}\s?[>\])]")
SENTENCE = re.compile(r"^\S+(?:\s+\S+){4,}[.!?。！？]$|。$")
NAMED = re.compile(r"-- [^\W\d_][^\n:,;!?]{0,60}")  # "-- Kim Sommer", all on one line
SCANNER = "www.avast.com"
# "Virus-free. www.avast.com", with or without links.
SCANNED = re.compile(
    r"\s{0,9}(?:[^.。\n]{1,40}[.。]\s{0,3})?[<\[(]?(?:https?://)?www\.avast\.com[^\s<>]{0,300}(?:\s?<[^<>\s]{0,300}>|[>\])])?\s{0,9}"
)
SCANNERS_NAME = re.compile(r"\bAvast\b|^\[image:[^\]]{0,80}\]$")
EXCUSE = re.compile(r"\b(?:typos?|brevity|excuse|forgive|spelling|autocorrect|tippfehler|kürze)\b")
DEVICE = re.compile(
    r"\b(?:my|mon|meinem|mi|meu|mio|mijn|min|mojego|mého|iphone|ipad|android|outlook|mail|galaxy|samsung|huawei|xiaomi|blackberry|handy)\b"
    r"|iphone|ipad|android|outlook|我的",
    re.IGNORECASE,
)


def without_signature(lines: list[str]) -> list[str]:
    """The lines without the signature at their end and without blank lines around."""
    while lines and not lines[-1].strip():
        lines.pop()
    for at, line in enumerate(lines):
        if line.strip() and len(line) <= MAX_LINE_CHARS and _begins_signature(lines, at):
            return _trimmed(lines[:at])
    return _trimmed(lines)


def without_scanner(lines: list[str]) -> list[str]:
    """The lines without what Avast puts under a text, in any language: its address tells it."""
    named = (at for at, line in enumerate(lines) if SCANNER in line and SCANNED.fullmatch(line))
    at = next(named, len(lines))
    following = _filled_after(lines, at, MAX_SCANNER_LINES)
    if at == len(lines) or following is None:
        return lines
    while at > 0 and _is_scanners(lines[at - 1].strip()):
        at -= 1
    return lines[:at]


def _is_scanners(line: str) -> bool:
    """Whether a line over the scanner's address is of its making: blank, a rule, its picture or its sentence."""
    return (
        not line
        or RULE.fullmatch(line) is not None
        or SCANNERS_NAME.search(line) is not None
        or _is_disclaimer(line)
    )


def _trimmed(lines: list[str]) -> list[str]:
    """Without blank lines around, and without the rule that stood over what was folded."""
    while lines and (not lines[-1].strip() or RULE.fullmatch(lines[-1].strip())):
        lines.pop()
    return lines[next((at for at, line in enumerate(lines) if line.strip()), 0) :]


def _begins_signature(lines: Sequence[str], at: int) -> bool:
    """Whether the signature begins at this line; the last of `lines` is not blank."""
    line = lines[at].strip()
    if RULE.fullmatch(line):
        return _is_delimiter(lines, at)
    if at > 0 and PICTURE.fullmatch(line):
        names = _names_after(lines, at, MAX_SIGNATURE_LINES)
        return bool(names) and _is_block_of_names(names)
    if _is_long(line) or not (line[0] in "-_=*~#+—–" or line[0].isalpha()):
        return False
    is_last = at + 1 == len(lines)
    folded = LINK.sub("", line).casefold()
    if _is_sent_from(folded):
        return is_last or (not lines[at + 1].strip() and DEVICE.search(folded) is not None)
    if NAMED.fullmatch(line):
        following = _filled_after(lines, at, MAX_SIGNATURE_LINES)
        return (
            at > 0
            and _is_block_of_names([line, *(following or [])])
            and following is not None
            and not any(other.startswith("--") for other in (*lines[:at], *following))
        )
    return (
        at > 0
        and ENDING_MARKS.sub("", folded) in CLOSINGS
        and _is_block_of_names(_names_after(lines, at, MAX_CLOSING_LINES))
    )


def _is_delimiter(lines: Sequence[str], at: int) -> bool:
    line = lines[at].strip()
    following = _filled_after(lines, at, MAX_DISCLAIMER_LINES)
    if line == "--":
        return following is not None
    if not following or (at > 0 and lines[at - 1].rstrip().endswith((":", "："))):
        return False  # a list of what the line above speaks of
    if len(line) > 2 and any(map(_is_disclaimer, following[:LINES_TO_A_DISCLAIMER])):
        return True
    return _is_block_of_names(_names_after(lines, at, MAX_SIGNATURE_LINES))


def _filled_after(lines: Sequence[str], at: int, most: int) -> list[str] | None:
    """The lines after this one that are not blank; None when they are more than `most`."""
    following = (lines[later].strip() for later in range(at + 1, len(lines)))
    filled = list(islice((line for line in following if line), most + 1))
    return filled if len(filled) <= most else None


def _names_after(lines: Sequence[str], at: int, most: int) -> list[str] | None:
    """The same, as far as to a disclaimer, after which nobody says anything more."""
    filled = _filled_after(lines, at, MAX_DISCLAIMER_LINES)
    if filled is None:
        return None
    end = len(filled)
    if _is_disclaimer("\n".join(filled)):
        end = next(number for number, line in enumerate(filled) if _is_disclaimer(line))
    return filled[:end] if end <= most else None


def _is_disclaimer(line: str) -> bool:
    folded = line.casefold()
    stems = DISCLAIMERS_IN_ASCII if folded.isascii() else DISCLAIMERS
    for stem in stems:  # noqa: SIM110 # a third of the time that `any` takes
        if stem in folded:
            return True
    return False


def _is_block_of_names(lines: Sequence[str] | None) -> bool:
    """Few short lines and no sentence: names, titles, numbers, links."""
    return lines is not None and not any(_is_long(line) or SENTENCE.search(line) for line in lines)


def _is_long(line: str) -> bool:
    """Whether there is much to read on it: where a link leads is not counted."""
    if len(line) <= MAX_SIGNATURE_CHARS:
        return False
    return "<" not in line or len(LINK.sub("", line)) > MAX_SIGNATURE_CHARS


def _is_sent_from(line: str) -> bool:
    excuse = EXCUSE.search(line)
    if excuse is not None and DEVICE.search(line):
        return line.startswith(SENT_FROM)
    if any(mark in line for mark in ",;!?") or line.count(" ") > MAX_SENT_FROM_WORDS:
        return False
    return line.startswith(SENT_FROM) or (
        line.rstrip(". ").endswith(SENT_FROM_LAST) and DEVICE.search(line) is not None
    )
