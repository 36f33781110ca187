"""HTML made safe to show, and HTML as text.

Safe means: no script, no form, no frame, no SVG or MathML, no style sheet, only the style properties that set
colours, fonts and spacing, and nothing that loads from elsewhere by itself. Pictures of the mail itself stay as
`cid:`; remote ones wait under `data-remote-src` until the reader asks for them. The frame it is shown in forbids
the same once more.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from itertools import pairwise

import nh3

from hospes.channels.email.html_text import text_of, without_tags

TAGS = set(
    """
    a abbr acronym address b bdi bdo big blockquote br caption center cite code col colgroup dd del details dfn
    dir div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol
    p pre q rp rt ruby s samp section small span strike strong sub summary sup table tbody td tfoot th thead
    time tr tt u ul var wbr
    """.split()  # noqa: SIM905 - a list of ninety quoted words reads worse
)
# Elements whose text is not part of what was written.
SILENT = {
    "head",
    "iframe",
    "math",
    "noembed",
    "noframes",
    "object",
    "script",
    "select",
    "style",
    "svg",
    "template",
    "textarea",
    "title",
    "xml",
}
TABLE = {"align", "bgcolor", "border", "cellpadding", "cellspacing", "height", "valign", "width"}
CELL = {"align", "bgcolor", "colspan", "height", "nowrap", "rowspan", "valign", "width"}
ATTRIBUTES = {
    "*": {"dir", "lang", "style", "title"},
    "a": {"href"},
    "bdo": {"dir"},
    "blockquote": {"type"},
    "col": {"align", "span", "valign", "width"},
    "colgroup": {"align", "span", "valign", "width"},
    "div": {"align"},
    "font": {"color", "face", "size"},
    "h1": {"align"},
    "h2": {"align"},
    "h3": {"align"},
    "hr": {"align", "color", "size", "width"},
    "img": {"align", "alt", "border", "height", "hspace", "src", "vspace", "width"},
    "li": {"value"},
    "ol": {"start", "type"},
    "p": {"align"},
    "table": TABLE,
    "tbody": {"align", "valign"},
    "td": CELL,
    "th": CELL | {"scope"},
    "tr": {"align", "bgcolor", "height", "valign"},
    "ul": {"type"},
}
SIDES = ("top", "right", "bottom", "left")
STYLES = {
    "background", "background-color", "border", "border-collapse", "border-color", "border-radius", "border-spacing",
    "border-style", "border-width", "box-sizing", "caption-side", "clear", "color", "direction", "display", "empty-cells",
    "float", "font", "font-family", "font-size", "font-style", "font-variant", "font-weight", "height", "letter-spacing",
    "line-height", "list-style-type", "margin", "max-height", "max-width", "min-height", "min-width", "overflow-wrap",
    "padding", "table-layout", "text-align", "text-decoration", "text-indent", "text-transform", "unicode-bidi",
    "vertical-align", "white-space", "width", "word-break", "word-spacing", "word-wrap",
    *(f"{box}-{side}" for box in ("margin", "padding", "border") for side in SIDES),
    *(f"border-{side}-{what}" for side in SIDES for what in ("color", "style", "width")),
}  # fmt: skip
# Marks of the mail programs on what they quote; kept so that the reader's frame can fold it.
QUOTE_CLASSES = {
    "blockquote": {"gmail_quote", "protonmail_quote", "tutanota_quote"},
    "div": {
        "gmail_quote",
        "gmail_signature",
        "moz-cite-prefix",
        "moz-signature",
        "protonmail_quote",
        "yahoo_quoted",
        "zmail_extra",
    },
}

# In a style value a call may load something: url(), image(), image-set(), var(). These only compute.
COMPUTING = re.compile(r"(?<![\w-])(?:rgba?|hsla?|calc)\(", re.IGNORECASE)
# What hides a call from us: escapes, comments, rules.
HIDING = ("\\", "/*", "@")
PICTURE_DATA = re.compile(r"data:image/(?:png|jpe?g|gif|webp|bmp);base64,", re.IGNORECASE)
ABSOLUTE = re.compile(r"(?:https?|mailto|tel):", re.IGNORECASE)
SCHEMELESS = re.compile(r"//[\w\[]")
# Stands for "remote" between the cleaner and the renaming below; nobody who writes mail can know it.
REMOTE = f"x{secrets.token_hex(8)}:"


def _permitted(_tag: str, attribute: str, value: str) -> str | None:
    """One attribute as it may stay; None takes it away."""
    if attribute == "style":
        return ";".join(each for each in value.split(";") if not _may_load(each))
    if attribute == "src":
        if value[:4].lower() == "cid:" or PICTURE_DATA.match(value):
            return value
        remote = _elsewhere(value)
        return REMOTE + remote if remote else None
    if attribute == "href":
        return _elsewhere(value)
    return value


def _elsewhere(value: str) -> str | None:
    """The whole address; None where it leads to a place within a page that is not there, or is no address."""
    value = value.strip()
    if SCHEMELESS.match(value):
        return f"https:{value}"  # written for pages of both kinds
    return value if ABSOLUTE.match(value) else None


def _may_load(declaration: str) -> bool:
    if any(mark in declaration for mark in HIDING):
        return True
    return "(" in declaration and declaration.count("(") > len(COMPUTING.findall(declaration))


CLEANER = nh3.Cleaner(
    tags=TAGS,
    clean_content_tags=SILENT,
    attributes=ATTRIBUTES,
    attribute_filter=_permitted,
    strip_comments=True,
    link_rel="noopener noreferrer nofollow",
    set_tag_attribute_values={"a": {"target": "_blank"}},
    url_schemes={"http", "https", "mailto", "tel", "cid", "data"},
    url_relative="pass_through",
    allowed_classes=QUOTE_CLASSES,
    filter_style_properties=STYLES,
)


# Where each mail program begins what it quotes, in the HTML it writes.
HISTORY = re.compile(
    r"""\bclass=["']?[^"'<>]{0,80}\b(?:gmail_quote|gmail_extra|yahoo_quoted|moz-cite-prefix|moz-forward-container
            |protonmail_quote|tutanota_quote|zmail_extra|OutlookMessageHeader|ms-outlook-mobile-reference-message)\b
        |\bid=["']?(?:appendonsend|divRplyFwdMsg|stopSpelling|isForwardContent|mail-editor-reference-message-container
            |OLK_SRC_BODY_SECTION|yahoo_quoted\w{0,40}|ms-outlook-mobile-reference-message)\b
        |\btype=["']?cite\b
        |\bname=["']?quote\b
        |\bborder:\s{0,9}none;\s{0,9}border-top:\s{0,9}solid\s{0,9}\#(?:E1E1E1|B5C4DF)""",
    re.IGNORECASE | re.VERBOSE,
)
QUOTATION = re.compile(r"<(/?)blockquote\b[^>]*>", re.IGNORECASE)
QUOTED = "<p>&gt;</p>"
MAX_TAG_CHARS = 1000
MARK = f"x{secrets.token_hex(8)}"
MARK_ELEMENT = f"<p>{MARK}</p>"

# Depth: the tree builder needs the square of it. These close themselves and do not count.
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:]{0,20})")
SHALLOW = {
    "br",
    "img",
    "hr",
    "p",
    "li",
    "td",
    "th",
    "tr",
    "dt",
    "dd",
    "option",
    "input",
    "meta",
    "link",
    "col",
    "wbr",
    "area",
    "base",
}
FEW_TAGS = 2000
MAX_TAGS = 200_000
MAX_DEPTH = 1000


@dataclass(frozen=True, slots=True)
class SafeHtml:
    """HTML that may be shown, remembering where its quoted history begins."""

    _marked: str

    @property
    def shown(self) -> str:
        """To be put into the reader's frame."""
        return self._marked.replace(MARK_ELEMENT, "", 1)

    def as_text(self) -> tuple[str, str]:
        """(the whole as text, the same without the quoted history); both are the same where nothing is quoted."""
        before, _, after = text_of(self._marked).partition(MARK)
        before, after = before.strip(), after.strip()
        whole = f"{before}\n\n{after}" if before and after else before or after
        if before and after and (answers := self._answers_within()):
            return whole, f"{before}\n\n{answers}"
        if not before and after:  # answered under the quotation, or within it
            before = text_of(_with_quotations_marked(self.shown))
        return whole, before or whole

    def _answers_within(self) -> str:
        """The history with marks of quotation, where somebody wrote between what they quote; "" where nobody did."""
        history = self._marked.partition(MARK_ELEMENT)[2]
        if history.count("<blockquote") < 2:
            return ""
        quotations = _quotations(history)
        between = (history[end:start] for (_, end), (start, _) in pairwise(quotations))
        if not any(map(without_tags, between)):
            return ""
        return text_of(_with_quotations_marked(history))


def _with_quotations_marked(safe: str) -> str:
    """The same with a mark of quotation instead of each block that quotes, as a plain text would have it."""
    kept: list[str] = []
    at = 0
    for start, end in _quotations(safe):
        kept += [safe[at:start], QUOTED]
        at = end
    return "".join(kept) + safe[at:]


def _quotations(safe: str) -> list[tuple[int, int]]:
    """Where each outermost block that quotes begins and ends; one that nobody closed ends with the mail."""
    found: list[tuple[int, int]] = []
    depth = start = 0
    for tag in QUOTATION.finditer(safe):
        if depth == 0:
            start = tag.start()
        depth = max(0, depth + (-1 if tag[1] else 1))
        if depth == 0:
            found.append((start, tag.end()))
    return [*found, (start, len(safe))] if depth else found


def clean(html: str) -> SafeHtml | None:
    """The same, safe to show; None when it is nested so deeply that showing it would be an attack."""
    if html.count("<") > FEW_TAGS and _is_too_deep(html):
        return None
    start = _history_start(html)
    if start >= 0:
        html = html[:start] + MARK_ELEMENT + html[start:]
    return SafeHtml(CLEANER.clean(html).replace(f' src="{REMOTE}', ' data-remote-src="'))


def _history_start(html: str) -> int:
    """Where the element opens that holds the quoted history; -1 when none does."""
    for hint in HISTORY.finditer(html):
        opening = html.rfind("<", max(0, hint.start() - MAX_TAG_CHARS), hint.start())
        if (
            opening >= 0
            and html.find(">", opening, hint.start()) < 0
            and html[opening + 1 : opening + 2].isalpha()
        ):
            return opening
    return -1


def _is_too_deep(html: str) -> bool:
    depth = 0
    for count, (closing, name) in enumerate(TAG.findall(html)):
        if name.lower() in SHALLOW:
            continue
        depth = max(0, depth - 1) if closing else depth + 1
        if depth > MAX_DEPTH or count > MAX_TAGS:
            return True
    return False
