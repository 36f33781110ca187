"""Block senders, and let them in again. What they send is kept as junk; nothing is deleted."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hospes.events.hints import tell_desk_changed
from hospes.intake.desk import blocks_of, load_desk
from hospes.intake.models import Block
from hospes.lib.addresses import canonical, is_mail_address, without_tag
from hospes.lib.refusal import Refused
from hospes.team.models import Agent


def block(value: str, *, by: Agent | None, at: datetime) -> Block:
    """Block an address, or a whole domain ("@example.com", "example.com"). Doing it twice changes nothing.

    Raises Refused for what is neither, and for one of us.
    """
    value = blocked_value(value)
    ours = load_desk().our_addresses
    if value in ours or any(value == f"@{one.rpartition('@')[2]}" for one in ours):
        raise Refused(_("%(sender)s is one of us.") % {"sender": value}, code="one_of_us")
    made, _is_new = Block.objects.get_or_create(
        site_id=1, value=value, defaults={"by": by, "at": at}
    )
    tell_desk_changed()
    return made


def unblock(value: str) -> bool:
    """Let a sender in again from now on; return whether it was blocked."""
    gone, _rows = Block.objects.filter(site_id=1, value=blocked_value(value)).delete()
    tell_desk_changed()
    return bool(gone)


def ways_to_block(addresses: Collection[str]) -> list[str]:
    """Return each value that keeps one of these senders out where it is blocked."""
    return [way for one in addresses for way in blocks_of(canonical(one))]


def domain_block_of(address: str) -> str:
    """Return the domain ("@example.com") whose block keeps this sender out; "" when none does."""
    domains = [one for one in blocks_of(canonical(address)) if one.startswith("@")]
    return Block.objects.filter(value__in=domains).values_list("value", flat=True).first() or ""


def blocked_value(given: str) -> str:
    """Return how a sender is written as blocked: with every tag of theirs. Raises Refused for what is no address and no domain."""
    value = without_tag(canonical(given))
    if "@" not in value:
        value = f"@{value}"
    if not is_mail_address(value if not value.startswith("@") else f"x{value}") or "." not in value:
        raise Refused(
            _("%(sender)s is neither an address nor a domain.") % {"sender": given},
            code="no_sender",
        )
    return value
