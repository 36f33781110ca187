"""What a mail has beside words and files: how it is protected, meetings, where answers shall go. JSON on the message."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hospes.channels.contract import READ, Address, Inbound, Invitation, Protection

DISPLAYED = "displayed"


def extras_of(
    inbound: Inbound, *, is_report: bool = False, answers_id: int | None = None
) -> dict[str, Any] | None:
    """Return what is kept; None for nearly every mail.

    is_report: a mail server speaks of a letter of ours, which shows its state already.
    answers_id: a conversation it names, but could not join.
    """
    told: dict[str, Any] = {}
    if answers := _answer_addresses(inbound):
        told["reply_to"] = answers
    if is_report:
        told["report"] = _kind_of(inbound)
    if answers_id is not None:
        told["answers"] = answers_id
    if inbound.addresses_cut:
        told["addresses_cut"] = True  # it names more recipients than are kept
    if inbound.protection is not None:
        told["protection"] = asdict(inbound.protection)
    if inbound.invitations:
        told["invitations"] = [asdict(one) for one in inbound.invitations]
    return told or None


def _kind_of(inbound: Inbound) -> str | bool:
    """Return what a receipt says: that it was displayed, or no more than that it was had; True for other reports."""
    if inbound.report is None or inbound.report.kind != READ:
        return True
    return DISPLAYED if any(one.action == DISPLAYED for one in inbound.report.recipients) else READ


def _answer_addresses(inbound: Inbound) -> list[list[str]]:
    """Return where it asks for the answer, where that is not whoever sent it.

    One address: what asks for answers to many is no letter of one person.
    """
    if len(inbound.reply_to) != 1 or inbound.reply_to[0].key in {s.key for s in inbound.senders}:
        return []
    return [[one.name[:200], one.address[:320]] for one in inbound.reply_to]


def protection_in(extras: dict[str, Any] | None) -> Protection | None:
    kept = extras.get("protection") if extras else None
    return Protection(kept["kind"], is_sealed=kept["is_sealed"]) if kept else None


def invitations_in(extras: dict[str, Any] | None) -> list[Invitation]:
    return [_invitation(kept) for kept in extras.get("invitations", ())] if extras else []


def _invitation(kept: dict[str, Any]) -> Invitation:
    organizer = Address(**kept["organizer"]) if kept["organizer"] else None
    return Invitation(**{**kept, "organizer": organizer})
