"""Sessions of whoever is signed in: Django's own, in its table, read by a statement that is kept planned."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends import db
from django.utils import timezone

from hospes.lib.prepared import Prepared

_LOAD = Prepared(
    "SELECT session_data FROM django_session WHERE session_key = %(key)s AND expire_date > %(now)s"
)


class SessionStore(db.SessionStore):
    """Every page begins with it."""

    def load(self) -> dict[str, Any]:
        key = self.session_key or ""
        found = _LOAD.row(key=key, now=timezone.now()) if "\0" not in key else None
        if found is None:
            self._session_key = None
            return {}
        return self.decode(found[0])
