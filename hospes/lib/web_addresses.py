"""Addresses on the web as a browser reads them: where a link leads, and which hosts a text names."""

from __future__ import annotations

import ipaddress
import re
import unicodedata
from urllib.parse import unquote

import idna

from hospes.lib.public_suffixes import ends_as_hosts_do, registered

MAX_HOST_CHARS = 253
# What browsers take out of an address before they read it.
AROUND = "".join(map(chr, range(0x21)))
WITHIN = re.compile(r"[\t\n\r]")
WEB = re.compile(r"https?:", re.IGNORECASE)
AUTHORITY_END = re.compile(r"[/\\?#]")
ASCII_HOST = re.compile(r"[a-z0-9-]++(?:\.[a-z0-9-]++)++")
IPV4 = re.compile(r"\d{1,3}(?:\.\d{1,3}){3}")
LABEL = re.compile(r"(?!-)[\w-]{1,63}(?<!-)")
EDGES = "\"'`´“”„‘’«»‹›()[]{}<>（）「」『』【】《》.,;:!?。、،؛…*_|~"

# Scripts that stand beside each other in one word of one language, as Unicode's names begin.
TOGETHER = (
    {"LATIN", "CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"},
    {"LATIN", "CJK", "HANGUL"},
    {"LATIN", "CJK", "BOPOMOFO"},
)
# Letters of other alphabets that nobody can tell from Latin ones: words of them alone.
LOOK_ALIKES = frozenset("асԁеһіјӏорԛѕԝхуъьҽпгѵѡᴦɡɑαικνρυωηοτ")


def host_of(url: str) -> str:
    """Return the host a browser would go to, in ASCII and lower case; "" when it is no address on the web."""
    read = WITHIN.sub("", url.strip(AROUND))
    scheme = WEB.match(read)
    if scheme is None:
        return ""
    authority = AUTHORITY_END.split(read[scheme.end() :].lstrip("/\\"), maxsplit=1)[0]
    host = authority.rpartition("@")[2]
    if host.startswith("["):
        return host.partition("]")[0].lower() + "]"
    return ascii_host(unquote(host.partition(":")[0]))


def ascii_host(host: str) -> str:
    """Return a host as the DNS knows it, in lower case; "" when it is none."""
    host = host.strip(".")
    try:
        told = idna.encode(host, uts46=True, std3_rules=False).decode("ascii")
    except (idna.IDNAError, UnicodeError):  # browsers go to many that the standard refuses
        plain = unicodedata.normalize("NFKC", host).lower()
        told = ".".join(_ascii_label(label) for label in plain.split("."))
    return told.lower() if len(told) <= MAX_HOST_CHARS else ""


def _ascii_label(label: str) -> str:
    if label.isascii():
        return label
    return "xn--" + label.encode("punycode", "replace").decode("ascii")


def shown_host(host: str) -> str:
    """Return an ASCII host as people may read it: in its own script, unless it could be taken for another."""
    if "xn--" not in host:
        return host
    labels = [_own_label(label) for label in host.split(".")]
    return host if any(map(_deceives, labels)) else ".".join(labels)


def could_be_taken_for_another(host: str) -> bool:
    """Whether an ASCII host, written in its own script, looks like one of another script."""
    return "xn--" in host and any(_deceives(_own_label(label)) for label in host.split("."))


def _own_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def _deceives(label: str) -> bool:
    letters = [sign for sign in label if unicodedata.category(sign)[0] == "L"]
    scripts = {unicodedata.name(sign, "?").partition(" ")[0] for sign in letters} - {"MODIFIER"}
    if len(scripts) > 1:
        return not any(scripts <= known for known in TOGETHER)
    return bool(letters) and scripts != {"LATIN"} and LOOK_ALIKES.issuperset(letters)


def is_same_owner(one: str, other: str) -> bool:
    """Whether two ASCII hosts belong to whoever registered the one domain both stand under."""
    return one == other or _registered(one) == _registered(other)


def _registered(host: str) -> str:
    return host if IPV4.fullmatch(host) else registered(host)


def hosts_named(text: str) -> list[str]:
    """Return the hosts that a text names, in ASCII. What looks like one and cannot be (a file's name) is left out."""
    plain = unicodedata.normalize("NFKC", text)
    plain = "".join(sign for sign in plain if unicodedata.category(sign) != "Cf")
    found = [host for word in plain.split() for host in _hosts_in(word)]
    return list(dict.fromkeys(found))


def _hosts_in(word: str) -> list[str]:
    """Return what stands in a word where a host would stand, as far as it can be one."""
    is_address = "://" in word or word.lstrip(EDGES)[:4].lower() == "www."
    start = word.rpartition("://")[2] if "://" in word else word.lstrip(EDGES)
    authority = AUTHORITY_END.split(start, maxsplit=1)[0].rpartition("@")[2]
    whole = authority.partition(":")[0].strip(EDGES)
    if _can_be(whole, is_address=is_address):
        return [ascii_host(whole)]
    # Where words stand without spaces, a host stands among letters of another script.
    found = ASCII_HOST.findall(whole.lower())
    return [each for each in found if _can_be(each, is_address=is_address)]


def _can_be(host: str, *, is_address: bool) -> bool:
    """Whether this can be a host; what is not plainly an address must end as hosts do."""
    if "." not in host or len(host) > MAX_HOST_CHARS:
        return False
    if IPV4.fullmatch(host):
        return _is_ipv4(host)
    if not all(map(LABEL.fullmatch, host.split("."))):
        return False
    return is_address or ends_as_hosts_do(ascii_host(host))


def _is_ipv4(host: str) -> bool:
    try:
        return bool(ipaddress.IPv4Address(host))
    except ValueError:
        return False
