"""What the writer said now, without the history under it and the signature after it.

Works by the shape of the text first (a date and an address before a colon, a block of copied header lines, marks
of quotation), so that a language nobody listed is mostly understood; the words of `quoting_words.py` say the rest.
One pass over the lines; every line is looked at once and long ones not at all.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence

from hospes.channels.email import notes_heads, quoting_words
from hospes.channels.email.signatures import (
    DASHES,
    RULE,
    SCANNER,
    SENTENCE,
    without_scanner,
    without_signature,
)

MAX_LINES = 20_000  # a longer text is no letter: it is left alone
MAX_LINE_CHARS = 400  # nothing we look for is longer
MAX_ATTRIBUTION_LINES = 4
MAX_ATTRIBUTION_CHARS = 400
MAX_VERB_CHARS = 60  # of the verb that ends such a sentence, and what stands after it
MAX_HEADER_LINES = 16

WROTE = quoting_words.words(quoting_words.WROTE)
FROM = quoting_words.words(quoting_words.FROM)
SUBJECTS = quoting_words.words(quoting_words.SUBJECTS)
LABELS = FROM | SUBJECTS | quoting_words.words(quoting_words.OTHERS)
SEPARATORS = quoting_words.words(quoting_words.SEPARATORS)
ABOVE_THIS_LINE = tuple(sorted(quoting_words.words(quoting_words.ABOVE_THIS_LINE)))
# A word of each that stands between blanks whatever stands around the phrase.
ABOVE_WORDS = {max(words.split()[:-1], key=len) for words in ABOVE_THIS_LINE if " " in words}
ABOVE_WRITTEN = frozenset(
    form(word) for word in ABOVE_WORDS for form in (str, str.capitalize, str.upper)
)
ABOVE_UNSPACED = tuple(words for words in ABOVE_THIS_LINE if " " not in words)
ANSWERING = tuple(sorted(quoting_words.words(quoting_words.ANSWERING)))


def _any(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


QUOTED = re.compile(r"[ \t]{0,3}[>＞](?!From |[:：])")
# As The Bat! marks what it quotes: "MK> Hello".
INITIALS = re.compile(r"^([^\W\d_]{1,3})>", re.MULTILINE)
EMAIL = re.compile(r"[^\s@<>,;:()\[\]\"']{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63})+")
# Of a line: blanks, and the marks of direction that programs put around names in Hebrew and Arabic.
EDGES = " \t\r\f\v\xa0\u3000\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
ADDRESS_LAST = re.compile(rf"{EMAIL.pattern}[\s>)\]\"'，,{EDGES}]{{0,6}}\*?[:：]\*?$")
CLOCK = re.compile(r"\d{1,2}\s?[:.h時시點点]\s?\d{2}")
# A day with a month, a year or a clock time: enough of a moment to stand over a quotation.
MOMENT = re.compile(
    CLOCK.pattern
    + r"|\b(?:19|20)\d{2}\b|\d{4}[./年-]\s?\d{1,2}|\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\b[^\W\d]{3,10}\.?\s\d{1,2}\b"
)
UNSPACED = [word for word in WROTE if word[0] >= "\u3000"]  # stand right behind a name or a time
WROTE_LAST = re.compile(
    rf"(?:(?:^|[\s>\])\"'，,、]|(?<=[>\s]))(?:{_any(WROTE)})|{_any(UNSPACED)})\s{{0,3}}(?:[:：،]|-{{2,}})?\s{{0,9}}$",
    re.IGNORECASE,
)
AFTER_VERB = ":：،-" + "".join(filter(str.isspace, map(chr, range(0x3001))))
WROTE_ENDINGS = tuple(
    sorted({word.rstrip(AFTER_VERB).casefold().replace("ı", "i") for word in WROTE})
)
WROTE_WITHIN = re.compile(rf"(?:^|\s)(?:{_any(WROTE)})(?=[\s:：<\"]|$)", re.IGNORECASE)
COLON_LAST = (":", "：", ":*")
ARTICLE_LAST = "..."
NO_BEGINNING = ("<", "(", "[", "news:")
# How a sentence over a quotation begins: a preposition, a weekday, a number.
OPENING = re.compile(
    r"(?:on|le|el|il|am|em|op|den|d\.|på|w dniu|dnia|v|dne|dňa|u|dana|la|în|на|в|у|στις|στο|tarihinde|pada|vào|in data|al|ti|de|om|lúc)[\s,.]"
    r"|\*?\d{1,4}|[^\W\d]{2,12}\.?,?\s{1,2}\d{1,2}|[^\W\d]{2,12}[.,]|في |بتاريخ|ב|در |在|於|كتب|오",
    re.IGNORECASE,
)
DASHED = re.compile(
    rf"[{DASHES}]{{2,}}\s{{0,9}}([^{DASHES}\s].{{0,120}}?)\s{{0,9}}[{DASHES}]{{0,80}}"
)
DASHED_TITLE = re.compile(
    rf"[{DASHES}]{{2,}}\s{{0,9}}(?:{_any(SEPARATORS)})\s{{0,9}}[{DASHES}]{{2,}}"
)
# As Lotus Notes writes it: "-----Mina Kos/SHOP wrote: -----".
DASHED_VERB = re.compile(rf"[{DASHES}]{{3,}}\s{{0,9}}.{{1,120}}?:\s{{0,3}}[{DASHES}]{{3,}}")
# As GroupWise writes it: ">>> Mina <mina@shop.example> 10.04.2024 13:10 >>>".
BETWEEN_MARKS = re.compile(r">>>\s.{1,200}\s>>>\s*")
# As NetEase writes header lines: "| From | Mina<mina@shop.example> |".
CELLS = re.compile(r"\|\s{0,9}([^|\n]{1,24}?)\s{0,9}\|\s{0,9}([^|\n]*?)\s{0,9}\|?\s{0,9}")
LABELLED = re.compile(
    r"[*|_ \t\xa0]{0,20}([^\W\d_][^:：<>\n@]{0,24}?)\s{0,3}\*?\s{0,3}[:：]\*?(.*)"
)


def fold(text: str) -> str:
    """The reply alone. Where nothing would be left (a bare forward, say), the whole text."""
    lines = text.split("\n")
    if len(lines) > MAX_LINES:
        return text.strip()
    kept: list[str] = []
    is_scanned = SCANNER in text  # looked for once, since hardly a mail says so
    if ">" in text and (initials := INITIALS.search(text)):
        lines = _with_plain_marks(lines, initials[1])
    marks = _marks_in(text, lines)
    if notes_heads.may_be(text):
        marks = {*marks, *notes_heads.heads_in(lines)}
    for segment in _segments(lines, marks):
        said = without_signature(without_scanner(segment) if is_scanned else segment)
        if said:
            kept += ["", *said] if kept else said
    return "\n".join(line.rstrip() for line in kept).strip() or text.strip()


def _segments(lines: Sequence[str], marks: Collection[int]) -> list[list[str]]:
    """The stretches between quotations, each as its lines. marks: lines under which nobody writes, or nobody but there."""
    found: list[list[str]] = [[]]
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(">>>") and _is_between_marks(line):
            break
        if QUOTED.match(line):
            at = _after_quotation(lines, at)
            found.append([])
            continue
        end = at + 1 if at in marks else 0
        if not end and line.strip() and len(line) <= MAX_LINE_CHARS:
            end = _history_header(lines, at)
        if end:
            following = _next_text(lines, end)
            if len(found) == 1 and not any(map(str.strip, found[0])) and at in marks:
                at = end  # nothing stands above this line: the answer was written under it
                continue
            if following >= len(lines) or not QUOTED.match(lines[following]):
                break  # quoted without marks: all the rest is history
            at = _after_quotation(lines, following)
            found.append([])
            continue
        found[-1].append(line)
        at += 1
    return found


def _with_plain_marks(lines: list[str], initials: str) -> list[str]:
    """The lines with a plain mark where these initials stand before one, if a sentence says that somebody wrote."""
    mark = f"{initials}>"
    first = next(at for at, line in enumerate(lines) if line.startswith(mark))
    above = next((lines[at] for at in range(first - 1, -1, -1) if lines[at].strip()), "")
    if not _says_wrote(above):
        return lines
    return [line[len(initials) :] if line.startswith(mark) else line for line in lines]


def _marks_in(text: str, lines: Sequence[str]) -> Collection[int]:
    """Where another desk asks to write the answer above a line; looked for once, since hardly a mail has one."""
    # To look for each phrase takes as long as all the rest of folding; a word of each is looked up at once.
    if ABOVE_WRITTEN.isdisjoint(text.split()) and (
        text.isascii() or not any(words in text for words in ABOVE_UNSPACED)
    ):
        return ()
    folded = text.casefold()
    phrases = [words for words in ABOVE_THIS_LINE if words in folded]
    shown = [(at, line.casefold()) for at, line in enumerate(lines) if len(line) <= MAX_LINE_CHARS]
    return {
        at
        for at, line in shown
        if any(words in line for words in phrases) and any(stem in line for stem in ANSWERING)
    }


def _is_between_marks(line: str) -> bool:
    return len(line) <= MAX_LINE_CHARS and bool(
        BETWEEN_MARKS.fullmatch(line) and (EMAIL.search(line) or MOMENT.search(line))
    )


def _after_quotation(lines: Sequence[str], at: int) -> int:
    """The line after a quotation; a line that lost its mark when it was wrapped belongs to it."""
    while at < len(lines):
        if QUOTED.match(lines[at]):
            at += 1
        elif not lines[at].strip():
            following = _next_text(lines, at)
            if following >= len(lines) or not QUOTED.match(lines[following]):
                return at
            at = following
        elif _is_wrapped(lines, at):
            at += 1
        else:
            return at
    return at


def _is_wrapped(lines: Sequence[str], at: int) -> bool:
    before = lines[at - 1]
    after = lines[at + 1] if at + 1 < len(lines) else ""
    return len(before) > 60 and bool(QUOTED.match(before)) and bool(QUOTED.match(after))


def _next_text(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and not lines[at].strip():
        at += 1
    return at


# Where history begins -----------------------------------------------------------------------------


def _history_header(lines: Sequence[str], at: int) -> int:
    """The line after what introduces history at this line; 0 when nothing does."""
    return _separator(lines, at) or _header_block(lines, at) or _attribution(lines, at)


def _separator(lines: Sequence[str], at: int) -> int:
    """A line such as "-----Original Message-----", or a rule over a block of header lines."""
    line = lines[at].replace("&nbsp;", " ").strip(" \t\xa0").replace("’", "'")
    title = line.rstrip(":： ").casefold()
    if title.strip(f"# {DASHES}") in SEPARATORS:
        return at + 1
    if not line or line[0] not in DASHES:
        return 0
    if RULE.fullmatch(line):
        block = _next_text(lines, at + 1)
        return _header_block(lines, block) if block < len(lines) and block - at <= 3 else 0
    if DASHED_TITLE.match(title):
        return at + 1
    dashed = DASHED.fullmatch(line)
    if dashed is None:
        return 0
    title = dashed[1].rstrip(DASHES + " :")
    says_who = DASHED_VERB.fullmatch(line) or EMAIL.search(title)
    if (
        title.casefold() in SEPARATORS
        or _says_who_and_when(title, quotes=False)
        or (says_who and _says_wrote(title))
    ):
        return at + 1
    # A title in words nobody listed, over header lines.
    following = at + 1 < len(lines) and line[-1] in DASHES and lines[at + 1].strip()
    return _header_block(lines, at + 1) if following else 0


def _header_block(lines: Sequence[str], at: int) -> int:
    """Copied header lines: the sender's and another, or three that hold an address and a moment."""
    if _labelled(lines[at]) is None:
        return 0
    block: list[tuple[str, str]] = []
    end = at
    while end < min(len(lines), at + MAX_HEADER_LINES):
        found = _labelled(lines[end])
        if found is not None:
            block.append(found)
        elif not _belongs_to_block(lines, end):
            break
        end += 1
    return end if _is_header_block(block) else 0


def _labelled(line: str) -> tuple[str, str] | None:
    """(label, value) of "Label: value"; the label in lower case."""
    return labelled(line) if len(line) <= MAX_LINE_CHARS else None


def labelled(line: str) -> tuple[str, str] | None:
    """The same of a line however long."""
    found = (line.startswith("|") and CELLS.fullmatch(line)) or LABELLED.fullmatch(line)
    return (found[1].strip().casefold(), found[2]) if found else None


def _belongs_to_block(lines: Sequence[str], at: int) -> bool:
    """A blank line between two header lines, a folded value, or an address on a line of its own."""
    line = lines[at]
    if not line.strip():
        following = _labelled(lines[at + 1]) if at + 1 < len(lines) else None
        return following is not None and following[0] in LABELS
    return len(line) <= 160 and (line[:1].isspace() or EMAIL.search(line) is not None)


def _is_header_block(block: Sequence[tuple[str, str]]) -> bool:
    labels = [label for label, _ in block]
    values = "\n".join(value for _, value in block)
    known = sum(label in LABELS for label in labels)
    if not known or len(block) < 2:
        return False
    if any(label in FROM for label in labels) and known >= 2:
        return EMAIL.search(values) is not None or CLOCK.search(values) is not None
    return (
        len(block) >= 3 and EMAIL.search(values) is not None and MOMENT.search(values) is not None
    )


def _attribution(lines: Sequence[str], at: int) -> int:
    """The line after "On Monday at nine, Mina <mina@shop.example> wrote:", perhaps over several lines."""
    end = _attribution_end(lines, at)
    if end < 0:
        return 0
    following = _next_text(lines, end + 1)
    quotes = following < len(lines) and QUOTED.match(lines[following]) is not None
    if not _says_who_and_when(_joined(lines, at, end), quotes=quotes):
        return 0
    return end + 1 if _begins_here(lines, at, end, quotes=quotes) else 0


def _begins_here(lines: Sequence[str], at: int, end: int, *, quotes: bool) -> bool:
    """Whether the sentence begins on this line; a line of the reply may stand right above the true beginning."""
    opens = OPENING.match(lines[at].strip()) is not None
    if at == end or (opens and MOMENT.search(lines[at])):
        return True
    if MOMENT.search(lines[at]) and WROTE_WITHIN.search(lines[at]):
        return True
    for later in range(at + 1, end + 1):
        rest = _joined(lines, later, end)
        if _is_verb(rest):
            break
        if not _says_who_and_when(rest, quotes=quotes):
            continue
        # It stands by itself, unless its name was left on the line before.
        if (OPENING.match(rest) and MOMENT.search(rest)) or not rest.startswith(NO_BEGINNING):
            return False
    if SENTENCE.search(lines[at].strip()):
        return False
    return opens or at == 0 or not lines[at - 1].strip()


def _attribution_end(lines: Sequence[str], at: int) -> int:
    """The line on which a sentence beginning at this one could introduce a quotation; -1 when none could."""
    for end in range(at, min(at + MAX_ATTRIBUTION_LINES, len(lines))):
        line = lines[end].rstrip(EDGES)
        if not line or len(line) > MAX_ATTRIBUTION_CHARS or QUOTED.match(line):
            return -1
        if line.endswith(COLON_LAST) or _says_wrote(line):
            return end
        if line.endswith(ARTICLE_LAST) and _names_article(lines, end):
            return end
    return -1


def _names_article(lines: Sequence[str], at: int) -> bool:
    """Whether it names what it quotes below, as Outlook Express does: "wrote in message news:1@shop.example..."."""
    is_quoted = at + 1 < len(lines) and QUOTED.match(lines[at + 1]) is not None
    return is_quoted and EMAIL.search(lines[at]) is not None


def _says_wrote(text: str) -> bool:
    """Whether it ends with a verb such as "wrote"."""
    last = text[-MAX_VERB_CHARS:].casefold().replace("ı", "i").replace("i\u0307", "i")
    # Almost no line does, and to try every verb at every place of it takes ten times as long.
    if not last.rstrip(AFTER_VERB).endswith(WROTE_ENDINGS):
        return False
    return WROTE_LAST.search(text, len(text) - MAX_VERB_CHARS) is not None


def _is_verb(text: str) -> bool:
    """Whether it is a verb such as "wrote" alone: who and when stand on the line before."""
    return text.rstrip(AFTER_VERB).casefold() in WROTE


def _joined(lines: Sequence[str], start: int, end: int) -> str:
    return " ".join(line.strip(EDGES) for line in lines[start : end + 1])


def _says_who_and_when(sentence: str, *, quotes: bool) -> bool:
    """Whether this introduces a quotation; `quotes`: marked lines follow it."""
    if len(sentence) > MAX_ATTRIBUTION_CHARS:
        return False
    wrote = _says_wrote(sentence)
    colon = sentence.endswith((*COLON_LAST, ARTICLE_LAST) if quotes else COLON_LAST)
    address = EMAIL.search(sentence) is not None
    moment = MOMENT.search(sentence) is not None
    opening = OPENING.match(sentence) is not None
    if quotes and (wrote or (colon and (address or (moment and opening)))):
        return True
    verb = wrote or (colon and WROTE_WITHIN.search(sentence) is not None)
    return moment and ((verb and (address or opening)) or ADDRESS_LAST.search(sentence) is not None)
