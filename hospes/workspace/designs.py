"""A message as its sender designed it, made ready for its frame: pictures in place, links that say where they lead.

What comes in here was made safe when it was received (`channels/email/html.py`) and is as the cleaner writes it: every
`<` in a text is escaped and every value stands in double quotes. Mail cannot carry a class of ours: the cleaner takes
all classes away but those of quotations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape, unescape
from urllib.parse import unquote

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from hospes.language.writing import direction
from hospes.lib.addresses import names_another
from hospes.lib.web_addresses import (
    could_be_taken_for_another,
    host_of,
    hosts_named,
    is_same_owner,
    shown_host,
)

TAG = re.compile(r'<(/?)([a-z][a-z0-9]*)([^<>"]*+(?:"[^"]*+"[^<>"]*+)*+)>')
ATTRIBUTE = re.compile(r' ([a-z-]+)="([^"]*)"')
MAX_PICTURES = 100
MAX_SAID_CHARS = 20_000  # of a link, looked through for hosts
MAX_SHOWN_CHARS = 300  # of an address
MAX_PICTURE_ADDRESS_CHARS = 8000  # each travels in an address of ours
# A picture of this size shows nothing: it is there to be asked for.
PIXELS = re.compile(r"0*[0-2](?:\.\d+)?(?:px)?")
HIDDEN = re.compile(
    r"(?:^|;)\s*(?:(?:max-)?(?:width|height)\s*:\s*0*[0-2](?:\.\d+)?(?:px)?|display\s*:\s*none)\s*(?:;|!|$)",
    re.IGNORECASE,
)
# Of our own: what mail may not set, so that nothing of it covers, colours or shrinks the note beside a link.
STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;margin:8px;overflow-wrap:anywhere}"
    "img{max-width:100%;height:auto}"
    "img[data-picture]:not([src]){display:inline-block;min-width:16px;min-height:16px;background:#f3f1ee;outline:1px dashed #b9b3aa;outline-offset:-1px}"
    "a[title]:focus-visible::after{content:' ' attr(title);font:12px/1.4 system-ui,sans-serif;overflow-wrap:anywhere}"
    ".hospes-host{all:initial!important;position:relative!important;z-index:2147483647!important;display:inline-block!important;"
    "max-width:100%!important;margin:0 4px!important;padding:0 6px!important;border-radius:4px!important;"
    "outline:1px solid #b4530980!important;background:#fff4e5!important;color:#7a3206!important;"
    "font:600 12px/1.5 system-ui,sans-serif!important;overflow-wrap:anywhere!important}"
)


@dataclass
class Design:
    """What the frame shows, and which pictures from elsewhere it names: web addresses, each once."""

    html: str
    pictures: list[str] = field(default_factory=list)


def made_ready(html: str, *, files: Mapping[str, str]) -> Design:
    """Return the design with its own pictures in place; those from elsewhere keep a number and are not loaded.

    files: where each picture that came with the mail is shown, by its Content-ID.
    """
    writer = _Writer(files)
    at = 0
    for tag in TAG.finditer(html):
        writer.text(html[at : tag.start()])
        writer.tag(tag)
        at = tag.end()
    writer.text(html[at:])
    return Design("".join(writer.out), list(writer.pictures))


def pictures_named(html: str) -> list[str]:
    """Return the same addresses as `made_ready`, in the same order."""
    return made_ready(html, files={}).pictures if "data-remote-src" in html else []


class _Writer:
    def __init__(self, files: Mapping[str, str]) -> None:
        self.files = files
        self.out: list[str] = []
        self.pictures: dict[str, int] = {}
        self.target: str | None = None  # of the link that is open
        self.said: list[str] = []  # within it
        self.before = ""  # what the link says that ends right before, with no word between

    def text(self, text: str) -> None:
        self.out.append(text)
        if self.target is not None:
            self.said.append(text)
        elif text.strip():
            self.before = ""

    def tag(self, tag: re.Match[str]) -> None:
        closing, name, rest = tag.groups()
        if name == "a":
            if closing:
                self.out.append(tag[0])
            self._end_link()  # the note stands after it, and is no part of what is pressed
            if not closing:
                self.out.append(self._link(rest))
        elif name == "img" and not closing:
            self.out.append(self._picture(rest))
        elif self.target is not None and " title=" in rest:
            self.out.append(f"<{name}{_without(rest, 'title')}>")
        else:
            self.out.append(tag[0])

    # Links --------------------------------------------------------------------------------------

    def _link(self, rest: str) -> str:
        """One that is opened, which says on hover and focus where it leads, whatever it says of itself."""
        self.target = unescape(dict(ATTRIBUTE.findall(rest)).get("href", ""))
        self.said = []
        title = f' title="{escape(_shown_address(self.target))}"' if self.target else ""
        return f"<a{_without(rest, 'title')}{title}>"

    def _end_link(self) -> None:
        if self.target:
            said = unescape("".join(self.said))[:MAX_SAID_CHARS]
            # A name may be cut in two, each half a link that says nothing by itself.
            whole = said if hosts_named(said) or hosts_named(self.before) else self.before + said
            self.out.append(_note(self.target, whole))
            self.before = whole
        self.target = None

    # Pictures -----------------------------------------------------------------------------------

    def _picture(self, rest: str) -> str:
        values = {name: unescape(value) for name, value in ATTRIBUTE.findall(rest)}
        if self.target is not None:
            rest = _without(rest, "title")
        if values.get("src", "")[:4].lower() == "cid:":
            address = self.files.get(unquote(values["src"][4:]).lower(), "")
            shown = f' src="{escape(address)}"' if address else ""
            return f"<img{_without(rest, 'src')}{shown}>"
        address = _web_address(values.get("data-remote-src", ""))
        rest = _without(rest, "data-remote-src")
        if not address or _shows_nothing(values):
            return f"<img{rest}>"
        if address not in self.pictures and len(self.pictures) == MAX_PICTURES:
            return f"<img{rest}>"
        number = self.pictures.setdefault(address, len(self.pictures))
        return f'<img{rest} data-picture="{number}">'


def _without(rest: str, name: str) -> str:
    return ATTRIBUTE.sub(lambda found: "" if found[1] == name else found[0], rest)


def _web_address(given: str) -> str:
    address = given.strip()
    is_one = address[:8].lower().startswith(("http://", "https://"))
    return address if is_one and len(address) <= MAX_PICTURE_ADDRESS_CHARS else ""


def _shows_nothing(values: Mapping[str, str]) -> bool:
    """Whether it is a tracking pixel, or hidden: nobody misses it."""
    is_small = any(PIXELS.fullmatch(values.get(side, "").strip()) for side in ("width", "height"))
    return is_small or HIDDEN.search(values.get("style", "")) is not None


def _shown_address(target: str) -> str:
    """Return where a link leads, for people: without a name and password, which only deceive."""
    host = host_of(target)
    if not host:
        return target[:MAX_SHOWN_CHARS]
    scheme, _colon, rest = target.strip().partition(":")
    path = re.sub(r"^[/\\]*[^/\\?#]*", "", rest)
    return f"{scheme.lower()}://{shown_host(host)}{path}"[:MAX_SHOWN_CHARS]


def _note(target: str, said: str) -> str:
    """Return what stands beside a link that leads elsewhere than it says; else ""."""
    place = _place_unsaid(target, said)
    if not place:
        return ""
    words = escape(_("leads to %(place)s")) % {"place": f'<bdi dir="ltr">{escape(place)}</bdi>'}
    language = get_language() or "en"  # the reader's, whatever the mail's is
    attributes = f'class="hospes-host" lang="{language}" dir="{direction(language)}"'
    return f"<span {attributes}>{words}</span>"


def _place_unsaid(target: str, said: str) -> str:
    """Return where a link really leads, when what it says names another place; else ""."""
    if target[:7].lower() == "mailto:":
        address = unquote(target[7:].partition("?")[0])
        return address if names_another(said, address) else ""
    host = host_of(target)
    if not host:
        return ""
    lies = any(not is_same_owner(named, host) for named in hosts_named(said))
    return shown_host(host) if lies or could_be_taken_for_another(host) else ""
