"""SPF (RFC 7208): may this machine send mail for this domain?"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from hospes.channels.email.proving.macros import BadMacro, Macros, checked
from hospes.channels.email.proving.names import Names, Unanswered

NONE, NEUTRAL, PASS, FAIL, SOFTFAIL = "none", "neutral", "pass", "fail", "softfail"
TEMPERROR, PERMERROR = "temperror", "permerror"

MAX_QUESTIONS = 10  # terms that ask the DNS (section 4.6.4)
MAX_VOIDS = 2  # of those without an answer
MAX_EXCHANGERS = 10
MAX_HOSTS = 10
MAX_DEPTH = 10  # records within records; each costs a question besides

QUALIFIERS = {"+": PASS, "-": FAIL, "~": SOFTFAIL, "?": NEUTRAL}
MODIFIER = re.compile(r"([a-z][a-z0-9_.-]*)=(.*)", re.IGNORECASE | re.DOTALL)
DIRECTIVE = re.compile(
    r"([-+?~]?)([a-z][a-z0-9_.-]*)(?::([^/]*|.*?))?((?:/\d+)?(?://\d+)?)", re.IGNORECASE | re.DOTALL
)
LABELS = re.compile(r"(?=.{1,253}$)(?:[^.]{1,63}\.)+[^.]{1,63}\.?", re.DOTALL)

Address = IPv4Address | IPv6Address


class Invalid(Exception):
    """A record that breaks the rules."""


@dataclass(frozen=True)
class Term:
    """A mechanism of a record: whom it names, and what is thought of them."""

    result: str
    kind: str
    domain: str  # "" for the one the record stands at
    prefix4: int = 32
    prefix6: int = 128
    network: IPv4Network | IPv6Network | None = None


@dataclass(frozen=True)
class Record:
    terms: list[Term]
    redirect: str


def check(*, peer: str, helo: str, sender: str, names: Names) -> tuple[str, str]:
    """Return (result, the domain it speaks of): of the envelope's sender, or of HELO when there is none.

    peer: the address that brought the mail; "" when nobody knows.
    """
    local, _, domain = sender.rpartition("@")
    domain = (domain or helo).strip().lower().rstrip(".")
    try:
        address = ip_address(peer)
    except ValueError:
        return NONE, domain
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    evaluation = _Evaluation(address, f"{local or 'postmaster'}@{domain}", helo, names)
    try:
        return evaluation.of(domain, depth=0), domain
    except Unanswered:
        return TEMPERROR, domain
    except (Invalid, BadMacro):
        return PERMERROR, domain


@dataclass
class _Evaluation:
    """One mail's walk through the records, which may lead from one to the next."""

    address: Address
    sender: str
    helo: str
    names: Names
    questions: int = 0
    voids: int = 0
    _hosts: list[str] | None = field(default=None)

    def of(self, domain: str, *, depth: int) -> str:
        if not LABELS.fullmatch(domain):
            return NONE
        records = [
            text
            for text in self.names.texts(domain)
            if re.match(r"v=spf1(?: |$)", text, re.IGNORECASE)
        ]
        if not records:
            return NONE
        if len(records) > 1 or depth > MAX_DEPTH:
            raise Invalid
        record = parse(records[0])
        for term in record.terms:
            if self._matches(term, domain, depth):
                return term.result
        if not record.redirect:
            return NEUTRAL
        self._count()
        result = self.of(self._expanded(record.redirect, domain), depth=depth + 1)
        if result == NONE:
            raise Invalid
        return result

    def _matches(self, term: Term, domain: str, depth: int) -> bool:
        if term.kind == "all":
            return True
        if term.network is not None:
            return term.network.version == self.address.version and self.address in term.network
        self._count()
        target = self._expanded(term.domain, domain) if term.domain else domain
        if term.kind == "include":
            return self._includes(target, depth)
        if term.kind == "ptr":
            return any(_is_within(host, target) for host in self._own_hosts())
        if term.kind == "exists":
            return bool(self._found(self.names.addresses(target, version=4)))
        if term.kind == "mx":
            return self._is_among_exchangers(target, term)
        return self._is_at(
            self._found(self.names.addresses(target, version=self.address.version)), term
        )

    def _includes(self, target: str, depth: int) -> bool:
        result = self.of(target, depth=depth + 1)
        if result == NONE:
            raise Invalid
        return result == PASS

    def _is_among_exchangers(self, target: str, term: Term) -> bool:
        servers = self._found(self.names.exchangers(target))
        if len(servers) > MAX_EXCHANGERS:
            raise Invalid
        return any(
            self._is_at(self.names.addresses(server, version=self.address.version), term)
            for server in servers
            if server
        )

    def _is_at(self, addresses: list[str], term: Term) -> bool:
        prefix = term.prefix4 if self.address.version == 4 else term.prefix6
        return any(
            self.address in ip_network(f"{address}/{prefix}", strict=False) for address in addresses
        )

    def _own_hosts(self) -> list[str]:
        """Return what the peer is called, by names that lead back to it (section 5.5)."""
        if self._hosts is None:
            try:
                named = self._found(self.names.hosts(self.address.reverse_pointer))
            except Unanswered:
                named = []
            self._hosts = [host for host in named[:MAX_HOSTS] if self._leads_back(host)]
        return self._hosts

    def _leads_back(self, host: str) -> bool:
        try:
            addresses = self.names.addresses(host, version=self.address.version)
        except Unanswered:
            return False
        return any(ip_address(each) == self.address for each in addresses)

    def _expanded(self, text: str, domain: str) -> str:
        macros = Macros(self.address, self.sender, self.helo, domain, self._validated)
        return macros.expand(text)

    def _validated(self, domain: str) -> str:
        hosts = self._own_hosts()
        best = [host for host in hosts if host.lower() == domain]
        below = [host for host in hosts if _is_within(host, domain)]
        return next(iter([*best, *below, *hosts]), "unknown")

    def _count(self) -> None:
        self.questions += 1
        if self.questions > MAX_QUESTIONS:
            raise Invalid

    def _found(self, records: list[str]) -> list[str]:
        if not records:
            self.voids += 1
            if self.voids > MAX_VOIDS:
                raise Invalid
        return records


def _is_within(host: str, domain: str) -> bool:
    host, domain = host.lower(), domain.lower().rstrip(".")
    return host == domain or host.endswith(f".{domain}")


# Records ------------------------------------------------------------------------------------------


def parse(text: str) -> Record:
    """Return what a record says. Raises Invalid or BadMacro for one that breaks the rules anywhere."""
    if not text.isascii():
        raise Invalid
    terms: list[Term] = []
    modifiers: dict[str, str] = {}
    for word in text.split(" ")[1:]:
        modifier = MODIFIER.fullmatch(word)
        if modifier:
            name = modifier[1].lower()
            if name in ("redirect", "exp") and name in modifiers:
                raise Invalid
            modifiers[name] = checked(modifier[2], is_domain=name in ("redirect", "exp"))
        elif word:
            terms.append(_term(word))
    return Record(terms, modifiers.get("redirect", ""))


def _term(word: str) -> Term:
    found = DIRECTIVE.fullmatch(word)
    if not found:
        raise Invalid
    result, kind, value = QUALIFIERS[found[1] or "+"], found[2].lower(), found[3]
    if kind in ("ip4", "ip6"):
        return Term(result, kind, "", network=_network(kind, (value or "") + found[4]))
    if kind == "all" and value is None and not found[4]:
        return Term(result, kind, "")
    if kind in ("a", "mx"):
        prefix4, prefix6 = _prefixes(found[4])
        return Term(result, kind, _domain_of(value), prefix4, prefix6)
    if kind in ("include", "exists") and value:
        return Term(result, kind, checked(value + found[4], is_domain=True))
    if kind == "ptr":
        return Term(
            result, kind, checked(value + found[4], is_domain=True) if value else _nothing(found)
        )
    raise Invalid


def _nothing(found: re.Match[str]) -> str:
    if found[3] is not None or found[4]:
        raise Invalid
    return ""


def _domain_of(value: str | None) -> str:
    if value is None:
        return ""
    return checked(value, is_domain=True)


def _network(kind: str, text: str) -> IPv4Network | IPv6Network:
    address, slash, prefix = text.partition("/")
    if slash and not re.fullmatch(r"0|[1-9]\d{0,2}", prefix):
        raise Invalid
    try:
        network = ip_network(text, strict=False)
        ip_address(address)
    except ValueError as error:
        raise Invalid from error
    if network.version != (4 if kind == "ip4" else 6):
        raise Invalid
    return network


def _prefixes(text: str) -> tuple[int, int]:
    """Return the lengths of `/24//64`, the longest where none is given."""
    found = re.fullmatch(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", text)
    if not found:
        raise Invalid
    prefix4, prefix6 = int(found[1] or 32), int(found[2] or 128)
    if prefix4 > 32 or prefix6 > 128:
        raise Invalid
    return prefix4, prefix6
