"""Everything that can be done by a key or from the palette: the one list that both, and the sheet of keys, read.

A command presses a control that the page shows anyway, goes to an address, or is one of the few that
`keys.js` does itself. One that has nothing to press on this page is not offered.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from hospes.team.models import Agent


@dataclass(frozen=True)
class Command:
    """One thing to do. `keys` as in `KeyboardEvent.key`, a space between keys pressed in turn."""

    name: str
    label: str | Promise
    icon: str
    keys: str = ""
    words: str | Promise = ""  # other words people look for it by
    press: str = ""  # selector of the control that does it
    address: str = ""
    in_palette: bool = True
    only: str = "agent"  # the least role

    @property
    def icon_classes(self) -> str:
        """An icon that points somewhere points the other way where people read from the right."""
        return "i-dir" if self.icon in POINTING else ""

    @property
    def key_names(self) -> list[str]:
        """What stands on the keys: ["Ctrl", "Enter"]."""
        return [
            NAMES.get(part, part.upper() if len(part) == 1 else part)
            for part in self.keys.replace("+", " ").split()
        ]


POINTING = {"arrow-left", "arrow-right", "reply", "send", "undo-2", "log-out", "panel-left", "panel-right"}  # fmt: skip
NAMES = {"Control": "Ctrl", "Escape": "Esc"}

COMMANDS = (
    Command("reply", _("Write a reply"), "reply", "r", _("answer respond"), "#composer [data-kind=reply][role=tab]"),
    Command("note", _("Write an internal note"), "lock", "n", _("comment remark"), "#composer [data-kind=note][role=tab]"),
    Command("send", _("Send"), "send", "Control+Enter", in_palette=False),
    Command("send-close", _("Send and close"), "check", "Control+Shift+Enter", in_palette=False),
    Command("take", _("Assign to me"), "user-check", "i", _("take mine"), "#take button"),
    Command("assign", _("Assign to somebody"), "users", "a", _("give hand move queue"), "#assign-menu > summary"),
    Command("snooze", _("Snooze"), "moon", "z", _("later remind sleep"), "[data-open=snooze]"),
    Command("close", _("Close or reopen"), "circle-check", "e", _("done finish solve resolve archive reopen"), "#close-button"),
    Command("junk", _("Junk: block the sender"), "shield-alert", "", _("spam block"), "#junk"),
    Command("close-next", _("Close and open the next"), "circle-check", "Shift+E", _("done next"), "#close-button"),
    Command("attach", _("Attach files"), "paperclip", "", _("upload picture document"), "#files"),
    Command("copy", _("Copy somebody in"), "users", "", _("cc carbon"), "[data-show-cc]"),
    Command("greet", _("Insert greeting and closing"), "hand", "", _("salutation dear regards address"), "[data-greet]"),
    Command("undo", _("Undo the last step"), "undo-2", "u", in_palette=False),
    Command("next", _("Next conversation in the list"), "arrow-right", "j", in_palette=False),
    Command("previous", _("Previous conversation in the list"), "arrow-left", "k", in_palette=False),
    Command("open", _("Open it"), "arrow-right", "Enter", in_palette=False),
    Command("open-next", _("Open the next conversation"), "arrow-right", "Shift+J", press="#list .conv"),
    Command("open-previous", _("Open the previous conversation"), "arrow-left", "Shift+K", press="#list .conv"),
    Command("hide-list", _("Hide or show the list"), "panel-left", "[", _("focus wide"), "#list-pane"),
    Command("hide-side", _("Hide or show the customer"), "panel-right", "]", _("focus wide panel"), "#customer"),
    Command("inbox", _("Go to the inbox"), "inbox", "g i", _("mine home"), address="inbox:mine"),
    Command("unassigned", _("Go to unassigned conversations"), "inbox", "g u", _("nobody free new"), address="inbox:unassigned"),
    Command("all-open", _("Go to all open conversations"), "inbox", "g o", "", address="inbox:open"),
    Command("waiting", _("Go to conversations waiting on us"), "hourglass", "g w", _("late"), address="inbox:waiting"),
    Command("snoozed", _("Go to snoozed conversations"), "moon", "g z", _("later"), address="inbox:snoozed"),
    Command("closed", _("Go to closed conversations"), "circle-check", "g c", _("archive done"), address="inbox:closed"),
    Command("held", _("Go to held mail"), "shield-alert", "g m", _("spam quarantine suspicious"), address="settings_mail", only="lead"),
    Command("me", _("My settings"), "user-check", "g p", _("profile password language theme passkey"), address="me"),
    Command("team", _("Settings: team"), "users", "g s", _("people agents invite roles"), address="settings_team", only="operator"),
    Command("channels", _("Settings: channels"), "mail", "", _("addresses mailbox"), address="settings_channels", only="operator"),
    Command("markets", _("Settings: markets"), "map-pin", "", _("country language queue"), address="settings_markets", only="operator"),
    Command("calendars", _("Settings: calendars"), "calendar", "", _("opening hours holidays working time"), address="settings_calendars", only="operator"),
    Command("hubs", _("Settings: hubs"), "clock", "", _("places offices clocks"), address="settings_hubs", only="operator"),
    Command("outgoing", _("Settings: outgoing server"), "server", "", _("smtp mail server"), address="settings_outgoing", only="operator"),
    Command("brand", _("Settings: brand"), "store", "", _("signature name"), address="settings_brand", only="operator"),
    Command("theme", _("Switch between light and dark"), "moon", "", _("colours night"), "[data-theme-switch]"),
    Command("palette", _("Search or jump to…"), "search", "Control+K", in_palette=False),
    Command("search", _("Search"), "search", "/", in_palette=False),
    Command("keys", _("Show all keys"), "keyboard", "?", _("shortcuts help"), "[data-open=keys]"),
    Command("sign-out", _("Sign out"), "log-out", "", _("leave log out"), "#sign-out"),
    Command("back", _("Close what is open, then back to the list"), "arrow-left", "Escape", in_palette=False),
)  # fmt: skip


@dataclass(frozen=True)
class Offered:
    """A command as one agent is offered it, with the address it leads to."""

    command: Command
    url: str


def commands_of(agent: Agent) -> list[Offered]:
    """Return what this agent may do, in the order of the palette."""
    may = {"agent": True, "lead": agent.is_lead, "operator": agent.is_operator}
    return [Offered(one, _url(one.address)) for one in COMMANDS if may[one.only]]


def _url(address: str) -> str:
    name, _colon, argument = address.partition(":")
    return reverse(name, args=[argument] if argument else None) if name else ""
