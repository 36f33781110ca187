"""Recognise who wrote, by the address a message came from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from hospes.lib.addresses import canonical
from hospes.lib.locks import Lock
from hospes.people.models import Identity


@dataclass(frozen=True)
class Sender:
    """Who a message says it is from."""

    address: str
    name: str = ""
    language: str = ""  # BCP 47, "" when it could not be told
    is_verified: bool = False  # a hop we trust proved the address


@dataclass(frozen=True)
class Recognised:
    """The identity behind an address, and whose it is."""

    identity_id: int
    customer_id: int
    is_verified: bool  # the address was proven, now or earlier


def lock_strangers() -> None:
    """Let this transaction alone meet strangers until it ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [Lock.STRANGERS])


def recognise_all(senders: Sequence[Sender], *, at: datetime) -> dict[str, Recognised]:
    """Find or make the identity of every sender; by canonical address, in one statement.

    An unknown address becomes a new customer. Two customers are never merged here, whatever
    names or addresses have in common. A proof counts from the first time it is given, and shows
    that the address takes mail again.

    Must run in a transaction that holds Lock.STRANGERS, so that two who meet the same stranger at
    once make one customer.
    """
    first = {canonical(s.address): s for s in reversed(senders)}
    proven = {canonical(s.address) for s in senders if s.is_verified}
    addresses = sorted(first)
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOGNISE,
            {
                "addresses": addresses,
                "names": [(first[a].name or a)[:200] for a in addresses],
                "languages": [first[a].language[:16] for a in addresses],
                "proven": [a in proven for a in addresses],
                "kind": Identity.Kind.EMAIL,
                "at": at,
            },
        )
        return {value: Recognised(*rest) for value, *rest in cursor.fetchall()}


def known_addresses(addresses: Collection[str]) -> set[str]:
    """Return which of these canonical addresses are somebody's already."""
    known = Identity.objects.filter(site_id=1, kind=Identity.Kind.EMAIL, value__in=addresses)
    return set(known.values_list("value", flat=True))


# Every statement of this one sees the rows as they were before it, so each address is either known
# or new, and is returned once.
_RECOGNISE = """
WITH given AS MATERIALIZED (
    SELECT * FROM unnest(%(addresses)s::text[], %(names)s::text[], %(languages)s::text[],
        %(proven)s::bool[]) AS one(value, name, language, is_proven)
), known AS MATERIALIZED (
    SELECT i.id, i.customer_id, i.value, i.verified_at IS NOT NULL OR given.is_proven AS is_verified
    FROM people_identity i JOIN given USING (value) WHERE i.site_id = 1 AND i.kind = %(kind)s
), strangers AS MATERIALIZED (
    SELECT nextval('people_customer_id_seq') AS customer_id, given.*
    FROM given WHERE NOT EXISTS (SELECT FROM known WHERE known.value = given.value)
), customers AS (
    INSERT INTO people_customer
        (id, site_id, display_name, address_as, reading, language, zone, about, created_at)
    SELECT customer_id, 1, name, '', '', language, '', '', %(at)s FROM strangers
), made AS (
    INSERT INTO people_identity (site_id, customer_id, kind, value, verified_at)
    SELECT 1, customer_id, %(kind)s, value, CASE WHEN is_proven THEN %(at)s END FROM strangers
    RETURNING id, customer_id, value, verified_at IS NOT NULL AS is_verified
), now_proven AS (
    UPDATE people_identity i
    SET verified_at = coalesce(i.verified_at, %(at)s), hard_bounces = 0, suppressed_at = NULL
    FROM given
    WHERE i.site_id = 1 AND i.kind = %(kind)s AND i.value = given.value
        AND given.is_proven AND (i.verified_at IS NULL OR i.hard_bounces > 0)
)
SELECT value, id, customer_id, is_verified FROM known
UNION ALL SELECT value, id, customer_id, is_verified FROM made
"""
