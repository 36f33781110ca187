"""Until when the certificate of whoever is at the other end is good."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime


def ends_at(connection: object) -> datetime | None:
    """Return when the other end's certificate ends; None where nothing is encrypted."""
    if not isinstance(connection, ssl.SSLSocket):
        return None
    ends = (connection.getpeercert() or {}).get("notAfter")
    if not isinstance(ends, str):
        return None
    return datetime.fromtimestamp(ssl.cert_time_to_seconds(ends), UTC)
