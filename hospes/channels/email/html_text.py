"""Safe HTML as text: tables in columns, and where a link leads behind its words unless they say it themselves."""

from __future__ import annotations

import re
from html import escape, unescape
from urllib.parse import unquote

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.canvas import Canvas
from inscriptis.model.config import ParserConfig
from inscriptis.model.html_document_state import HtmlDocumentState
from inscriptis.model.table import Table, TableRow
from inscriptis.model.tag import CustomHtmlTagHandlerMapping

ANY_TAG = re.compile(r"<[^<>]{0,2000}>")
WIDE_GAPS = re.compile(r"\n{3,}")
STYLE = CSS_PROFILES["strict"]

# As the cleaner writes them, and nobody else.
LINK = re.compile(r'<a((?: [\w:-]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
IMAGE = re.compile(r'<img((?: [\w:-]+="[^"]*")*) ?/?>')
ALT = re.compile(r' alt="([^"]*)"')
MAX_ALT_CHARS = 200
TARGET = re.compile(r' href="([^"]*)"')
SCHEME = re.compile(r"(?:https?://(?:www\.)?|mailto:|tel:)", re.IGNORECASE)
MAX_LINKS = 200  # of one mail whose targets are told
MAX_TARGET_CHARS = 200  # of a longer one, as those that count clicks: page or host alone

# More than these take a library seconds to set out; a page of so many is read line by line.
MAX_TAGS = 50_000
MAX_CELLS = 10_000
CELL = re.compile(r"<t[dh][ >]")
OPENS_CELL = re.compile(r"<t[dh](?: [^>]*)?>")
BREAK = re.compile(
    r"</?(?:address|blockquote|br|caption|center|d[dlt]|details|dir|div|figcaption|figure|footer|h[1-6r]|header|li|main"
    r"|nav|ol|p|pre|section|summary|table|tr|ul)(?: [^>]*)?>"
)
GAP = "  "  # between two cells
MAX_PADDING_CHARS = 1_000_000  # of one mail: columns as wide as their longest cell


def text_of(safe: str) -> str:
    """The text of HTML that was made safe, without blank lines around."""
    if "<a " in safe:
        safe = _with_targets(safe)
    if " alt=" in safe:
        safe = IMAGE.sub(_in_words, safe)
    is_huge = safe.count("<") > MAX_TAGS or len(CELL.findall(safe)) > MAX_CELLS
    text = _line_by_line(safe) if is_huge else _set_out(safe)
    if (
        not text.strip()
    ):  # it is beyond the library's strength, or so deep that the tree builder lost it
        text = without_tags(safe)
    lines = "\n".join(line.rstrip() for line in text.replace("\xa0", " ").split("\n"))
    return WIDE_GAPS.sub("\n\n", lines).strip("\n")


def _in_words(image: re.Match[str]) -> str:
    """A picture as the words that stand for it, which its sender left out where it only adorns."""
    found = ALT.search(image[1])
    words = " ".join(unescape(found[1]).split())[:MAX_ALT_CHARS] if found else ""
    return f"[{escape(words)}]" if words else image[0]


def _set_out(safe: str) -> str:
    try:
        return str(get_text(safe, _config()))
    except (RecursionError, ValueError, TypeError, AttributeError, IndexError, KeyError):
        return ""


def _line_by_line(safe: str) -> str:
    """A line for each row, paragraph and item, and the cells of a row one after another."""
    lines = BREAK.sub("\n", OPENS_CELL.sub(GAP, " ".join(safe.split())))
    return "\n".join(line.strip() for line in unescape(ANY_TAG.sub("", lines)).split("\n"))


def without_tags(html: str) -> str:
    """What stands between the tags, of HTML that nothing else can read."""
    return unescape(ANY_TAG.sub(" ", html)).strip()


# Links --------------------------------------------------------------------------------------------


def _with_targets(safe: str) -> str:
    """The same with the target of each link behind its words, once, where they do not say it."""
    told: set[str] = set()

    def told_of(link: re.Match[str]) -> str:
        found = TARGET.search(link[1])
        target = "".join(unescape(found[1]).split()) if found else ""
        words = unescape(ANY_TAG.sub("", link[2])).strip()
        if not target or not words or target in told or len(told) >= MAX_LINKS:
            return link[0]
        if _says(words, target):
            return link[0]
        told.add(target)
        end = link.start(2) + _end_of_words(link[2])
        return f"{safe[link.start() : end]} {escape(_shown(target))}{safe[end : link.end()]}"

    return LINK.sub(told_of, safe)


def _says(words: str, target: str) -> bool:
    """Whether the words of a link name where it leads, with or without what every address has."""
    if target[:4].lower() == "tel:":
        return _digits(target) in _digits(words)
    if target[:7].lower() == "mailto:":
        target = target.partition("?")[0]
    return _bare(target) in _bare(words)


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def _bare(address: str) -> str:
    return SCHEME.sub("", "".join(unquote(address).split())).rstrip("/").casefold()


def _end_of_words(inner: str) -> int:
    """Where the last word within a link ends: what follows are ends of elements."""
    end = len(inner.rstrip())
    while inner.endswith(">", 0, end):
        end = len(inner[: inner.rfind("<", 0, end)].rstrip())
    return end


def _shown(target: str) -> str:
    """A target as text: of a mail address or telephone no more than that, of a long one as much as leads somewhere."""
    scheme, _, rest = target.partition(":")
    if scheme.lower() in ("mailto", "tel"):
        target = unquote(rest.partition("?")[0])
    target = target.replace("<", "%3C").replace(">", "%3E")
    if len(target) <= MAX_TARGET_CHARS:
        return f"<{target}>"
    beginning = re.split(r"[?#]", target, maxsplit=1)[0]
    if len(beginning) > MAX_TARGET_CHARS:
        beginning = "/".join(target.split("/", 3)[:3])[:MAX_TARGET_CHARS]
    return f"<{beginning}>…"


# Tables -------------------------------------------------------------------------------------------


class _Page:
    """How much a page may still be widened so that columns stand straight."""

    def __init__(self) -> None:
        self.padding_left = MAX_PADDING_CHARS

    def table_opens(self, state: HtmlDocumentState, _attributes: object) -> None:
        canvas = Canvas()
        state.tags[-1].set_canvas(canvas)
        state.current_table.append(_Table(canvas.left_margin, self))


class _Table(Table):  # type: ignore[misc] # inscriptis has no types
    """A table that takes no more room than there is; then its cells stand one after another."""

    __slots__ = ("page",)

    def __init__(self, left_margin: int, page: _Page) -> None:
        super().__init__(left_margin, GAP)
        self.page = page

    def get_text(self) -> str:
        self.page.padding_left -= _padding(self.rows)
        if self.page.padding_left >= 0:
            return str(super().get_text())
        return "".join(f"{_as_line(row)}\n" for row in self.rows)

    def get_annotations(self, idx: int, left_margin_len: int) -> list[object]:  # noqa: ARG002
        """None: nobody asks for them, and looking costs as much as the text."""
        return []


def _padding(rows: list[TableRow]) -> int:
    """How many characters it takes beside its own to set a table in columns."""
    widths: list[int] = []
    own = 0
    for row in rows:
        for at, cell in enumerate(row.columns):
            cell.normalize_blocks()
            own += sum(map(len, cell.blocks))
            if at == len(widths):
                widths.append(0)
            widths[at] = max(widths[at], cell.width)
    return sum(sum(widths[: len(row.columns)]) * _lines_of(row) for row in rows) - own


def _lines_of(row: TableRow) -> int:
    return max((len(cell.blocks) for cell in row.columns), default=0)


def _as_line(row: TableRow) -> str:
    return (GAP if _lines_of(row) == 1 else "\n").join(
        "\n".join(cell.blocks) for cell in row.columns
    )


def _config() -> ParserConfig:
    handlers = CustomHtmlTagHandlerMapping({"table": _Page().table_opens}, {})
    return ParserConfig(css=STYLE, custom_html_tag_handler_mapping=handlers)
