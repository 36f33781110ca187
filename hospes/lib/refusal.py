"""The one way an action says no."""

from __future__ import annotations

from django.utils.functional import Promise


class Refused(Exception):
    """What was asked cannot be done now; the text tells the person why and what to do instead.

    Surfaces turn it into a 409 (a toast, a JSON problem, a line on the terminal).
    """

    def __init__(self, reason: str | Promise, *, code: str = "refused") -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code  # stable word for programs, such as "closed_already"

    def __str__(self) -> str:
        return str(self.reason)


class Overtaken(Refused):
    """Somebody else changed the conversation since the person asking last saw it."""

    def __init__(self, reason: str | Promise, *, message_ids: tuple[int, ...] = ()) -> None:
        super().__init__(reason, code="overtaken")
        self.message_ids = message_ids  # what they have not seen, oldest first
