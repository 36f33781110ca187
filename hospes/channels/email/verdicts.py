"""What earlier hops say they found out about the sender (Authentication-Results, RFC 8601).

Anybody may write such a field, so nothing here is believed: whoever asks picks the one hop that is trusted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import islice

from hospes.channels.contract import Verdict
from hospes.channels.email.headers import clean_line, unfold, without_comments

MAX_VERDICTS = 20
MAX_VALUE_BYTES = 16 * 1024
MAX_RESULT_CHARS = 40
QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"')
RESULT = re.compile(r"\s*(dmarc|spf|dkim)\s*(?:/\s*\d+\s*)?=\s*([a-z]+)", re.IGNORECASE)
# What the domain asks for stands in a comment right behind the result: dmarc=fail (p=none dis=none).
POLICY = re.compile(
    r"dmarc\s*=\s*[a-z]+\s*(?:\(\s*p\s*=\s*(none|quarantine|reject)\b)?", re.IGNORECASE
)
# What Exchange writes instead: what was done, which is nothing where the domain asks for nothing.
ACTION = re.compile(r"\baction\s*=\s*([a-z.]+)", re.IGNORECASE)
FROM_DOMAIN = re.compile(r"\bheader\.from\s*=\s*(?:[^\s;@]*@)?([^\s;@]+)", re.IGNORECASE)


def verdicts_in(values: Iterable[bytes]) -> tuple[Verdict, ...]:
    """One for each field, topmost first."""
    return tuple(verdict_of(value) for value in islice(values, MAX_VERDICTS))


def verdict_of(value: bytes) -> Verdict:
    """What this field says; comments and quoted texts, which may hold anything, say nothing."""
    written = unfold(value[:MAX_VALUE_BYTES]).decode("utf-8", "replace")
    text = QUOTED.sub('""', without_comments(written))
    hop, *findings = text.split(";")
    results: dict[str, set[str]] = {"dmarc": set(), "spf": set(), "dkim": set()}
    domain = action = ""
    for finding in findings:
        found = RESULT.match(finding)
        if found is None:
            continue
        method = found[1].lower()
        results[method].add(found[2].lower()[:MAX_RESULT_CHARS])
        if method == "dmarc":
            if named := FROM_DOMAIN.search(finding):
                domain = clean_line(named[1].lower().rstrip("."), 253)
            if done := ACTION.search(finding):
                action = done[1].lower()
    return Verdict(
        authserv_id=clean_line((hop.split() or [""])[0].lower(), 253),
        dmarc=_agreed(results["dmarc"]),
        spf=_agreed(results["spf"]),
        dkim="pass"
        if "pass" in results["dkim"]
        else _agreed(results["dkim"]),  # one good signature is enough
        from_domain=domain,
        dmarc_policy=_policy(written) or ("none" if action == "none" else ""),
    )


def _agreed(results: set[str]) -> str:
    """The one result; a field that contradicts itself is worth nothing."""
    return next(iter(results)) if len(results) == 1 else ("permerror" if results else "")


def _policy(written: str) -> str:
    """What the domain asks for, where it is said; "" when the field speaks of dmarc more than once."""
    found = POLICY.findall(written)
    return found[0].lower() if len(found) == 1 else ""
