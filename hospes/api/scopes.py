"""What a token may be used for: one word for a kind of thing, one for what is done with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "customers:read": _("See customers and how to reach them."),
    "customers:write": _("Add and change customers."),
    "conversations:read": _("See conversations."),
    "conversations:write": _("Assign, move, snooze, close and reopen."),
    "messages:read": _("Read messages, their files and what becomes of them."),
    "messages:write": _("Reply to customers, and keep drafts."),
    "notes:read": _("Read notes."),
    "notes:write": _("Write notes."),
    "settings:read": _("See calendars and contracts."),
    "settings:write": _("Set calendars and contracts; for operators."),
    "team:read": _("See agents, queues and channels."),
}
