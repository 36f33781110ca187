"""Which part of a domain somebody registered, by the public suffix list that comes with Hospes."""

from __future__ import annotations

from functools import cache

from publicsuffixlist import PublicSuffixList


def registered(domain: str) -> str:
    """Return the domain that was registered; itself when it is a suffix that anybody registers under."""
    return _suffixes().privatesuffix(domain) or domain


def ends_as_hosts_do(host: str) -> bool:
    """Whether somebody can have registered this: it ends with a suffix that is listed."""
    return _suffixes().privatesuffix(host, accept_unknown=False) is not None


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
