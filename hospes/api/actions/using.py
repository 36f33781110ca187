"""Note on which day a token was last used, so that forgotten ones can be told."""

from __future__ import annotations

from datetime import datetime

from hospes.api.models import Token


def note_use(token: Token, *, at: datetime) -> None:
    """Keep the day; written once a day at most."""
    if token.last_used_on != at.date():
        Token.objects.filter(pk=token.pk).update(last_used_on=at.date())
        token.last_used_on = at.date()
