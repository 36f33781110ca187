"""Work outside the database: one procrastinate task each, in queues by urgency."""

from __future__ import annotations

from procrastinate import App


def register(app: App) -> None:
    """Tell procrastinate every task there is; called once when Django is ready."""
    from hospes.conversations.jobs import blueprint

    app.add_tasks_from(blueprint, namespace="conversations")
