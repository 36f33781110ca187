"""Work outside the database: one procrastinate job each, in queues by urgency."""

from __future__ import annotations

from procrastinate import App


def register(app: App) -> None:
    """Tell procrastinate every job there is; called once when Django is ready."""
