"""How many requests a token may make, and how many wrong tokens an address may show.

A bucket for each, refilled steadily. They stand in a table, so that all web processes draw from the same ones; the
table is not logged, so that drawing waits for no disk, and after a crash all buckets are full.
"""

from __future__ import annotations

import ipaddress
import math
from dataclasses import dataclass

from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from hospes.api.problems import Problem

BURST_SECONDS = 2
# A program with a wrong token is told soon, and a guesser gets nowhere; good tokens are never held up by others.
WRONG_TOKENS = 20
WRONG_TOKENS_PER_SECOND = 0.5
NEIGHBOURS = 64  # bits: whoever has one IPv6 address has all of its network


@dataclass(frozen=True)
class Allowance:
    """What a token may still ask for."""

    limit: int  # requests in a full bucket
    left: int
    full_in_seconds: int

    @property
    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Policy": f'"token";q={self.limit};w={BURST_SECONDS}',
            "RateLimit": f'"token";r={self.left};t={self.full_in_seconds}',
        }


def take(token_id: int) -> Allowance:
    """Count one request. Raises Problem (429) when the token has asked too much."""
    per_second = settings.API_REQUESTS_PER_SECOND
    size = per_second * BURST_SECONDS
    is_allowed, level = draw(f"token:{token_id}", size=size, per_second=per_second)
    allowance = Allowance(size, int(level), math.ceil((size - level) / per_second))
    if not is_allowed:
        raise Problem(
            429,
            _("This token may ask %(limit)d times a second. Slow down.") % {"limit": per_second},
            headers={**_later(level, per_second), **allowance.headers},
        )
    return allowance


def count_wrong_token(request: HttpRequest) -> None:
    """Count a token that is not good. Raises Problem (429) when there were too many from this address."""
    per_second = WRONG_TOKENS_PER_SECOND
    name = f"address:{network_of(request.META.get('REMOTE_ADDR', ''))}"
    is_allowed, level = draw(name, size=WRONG_TOKENS, per_second=per_second)
    if not is_allowed:
        raise Problem(
            429,
            _("Too many wrong tokens came from this address. Good ones are answered as ever."),
            code="too_many_wrong_tokens",
            headers=_later(level, per_second),
        )


# Two who draw at once wait for each other by a blink; whoever finds too little left writes nothing.
_DRAW = """
INSERT INTO api_bucket AS one (name, level, as_of) VALUES (%(name)s, %(size)s - 1, statement_timestamp())
ON CONFLICT (name) DO UPDATE SET
    level = least(%(size)s, one.level + %(rate)s * greatest(0, extract(epoch FROM statement_timestamp() - one.as_of))) - 1,
    as_of = greatest(one.as_of, statement_timestamp())
WHERE least(%(size)s, one.level + %(rate)s * greatest(0, extract(epoch FROM statement_timestamp() - one.as_of))) >= 1
RETURNING level
"""
_LEFT = """
SELECT least(%(size)s, level + %(rate)s * greatest(0, extract(epoch FROM statement_timestamp() - as_of)))
FROM api_bucket WHERE name = %(name)s
"""


def draw(name: str, *, size: int, per_second: float) -> tuple[bool, float]:
    """Take one out of this bucket, full at first; return whether there was one, and the level now."""
    with connection.cursor() as cursor:
        for statement, is_allowed in ((_DRAW, True), (_LEFT, False)):
            cursor.execute(statement, {"name": name, "size": float(size), "rate": per_second})
            row = cursor.fetchone()
            if row is not None:
                return is_allowed, float(row[0])
    return True, float(size)  # somebody has just cleared the full ones away


def _later(level: float, per_second: float) -> dict[str, str]:
    return {"Retry-After": str(max(1, math.ceil((1 - level) / per_second)))}


def network_of(address: str) -> str:
    """Return what counts as one asker: an IPv4 address, or the network of an IPv6 one."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    return str(ipaddress.ip_network((parsed, NEIGHBOURS), strict=False))
