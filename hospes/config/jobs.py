"""Work outside the database: one procrastinate task each, in queues by urgency."""

from __future__ import annotations

from procrastinate import App


def register(app: App) -> None:
    """Tell procrastinate every task there is; called once when Django is ready."""
    from hospes.api import jobs as api
    from hospes.conversations import jobs as conversations
    from hospes.files import jobs as files
    from hospes.intake import jobs as intake
    from hospes.servicelevels import jobs as servicelevels

    app.add_tasks_from(conversations.blueprint, namespace="conversations")
    app.add_tasks_from(api.blueprint, namespace="api")
    app.add_tasks_from(files.blueprint, namespace="files")
    app.add_tasks_from(intake.blueprint, namespace="intake")
    app.add_tasks_from(servicelevels.blueprint, namespace="servicelevels")
