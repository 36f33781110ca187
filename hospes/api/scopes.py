"""What a token may be used for: one word for a kind of thing, one for what is done with it."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

SCOPES = {
    "conversations:read": _("Read conversations, messages and files."),
    "conversations:write": _("Reply, write notes, assign, close and reopen."),
    "customers:read": _("Read customers and how to reach them."),
}
