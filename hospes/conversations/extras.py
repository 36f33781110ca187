"""What a mail has beside words and files: how it is protected, meetings it invites to. Kept as JSON on the message."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hospes.channels.contract import Address, Inbound, Invitation, Protection


def extras_of(inbound: Inbound) -> dict[str, Any] | None:
    """Return what is kept; None for nearly every mail."""
    told: dict[str, Any] = {}
    if inbound.protection is not None:
        told["protection"] = asdict(inbound.protection)
    if inbound.invitations:
        told["invitations"] = [asdict(one) for one in inbound.invitations]
    return told or None


def protection_in(extras: dict[str, Any] | None) -> Protection | None:
    kept = extras.get("protection") if extras else None
    return Protection(kept["kind"], is_sealed=kept["is_sealed"]) if kept else None


def invitations_in(extras: dict[str, Any] | None) -> list[Invitation]:
    return [_invitation(kept) for kept in extras.get("invitations", ())] if extras else []


def _invitation(kept: dict[str, Any]) -> Invitation:
    organizer = Address(**kept["organizer"]) if kept["organizer"] else None
    return Invitation(**{**kept, "organizer": organizer})
