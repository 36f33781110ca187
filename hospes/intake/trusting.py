"""Whom a mail may be believed to come from, before anything is looked up."""

from __future__ import annotations

from hospes.channels.contract import Inbound, Verdict
from hospes.channels.models import Channel
from hospes.intake.desk import Desk
from hospes.intake.models import HeldReason
from hospes.lib.addresses import canonical


def verdict_of(inbound: Inbound, channel: Channel) -> Verdict | None:
    """Return what the one mail server in front of us says; None: it says nothing, or there is none.

    Anybody may write such a header: only the topmost one in that server's name counts, which
    removes all others in its name (RFC 8601, section 5).
    """
    hop = channel.trusted_hop.lower()
    if not hop:
        return None
    return next((v for v in inbound.verdicts if v.authserv_id.lower() == hop), None)


def is_verified(inbound: Inbound, channel: Channel) -> bool:
    """Whether the sender's address is proven: dmarc=pass, for the domain the mail is from."""
    verdict = verdict_of(inbound, channel)
    if verdict is None or verdict.dmarc != "pass" or len(inbound.senders) != 1:
        return False
    domain = canonical(inbound.senders[0].address).rpartition("@")[2]
    return not verdict.from_domain or canonical(f"x@{verdict.from_domain}") == f"x@{domain}"


def reason_to_hold(inbound: Inbound, channel: Channel, desk: Desk) -> HeldReason | None:
    """Return why an agent has to look first, or None when the mail may come in."""
    if desk.install_id in inbound.loop_ids:
        return HeldReason.OUR_OWN
    if not inbound.senders:
        return HeldReason.NO_SENDER
    if len({canonical(sender.address) for sender in inbound.senders}) > 1:
        return HeldReason.SEVERAL_SENDERS
    verdict = verdict_of(inbound, channel)
    # A domain that only watches (p=none) asks nobody to keep such mail out.
    if verdict is not None and verdict.dmarc == "fail" and verdict.dmarc_policy != "none":
        return HeldReason.FAILED_PROOF
    if canonical(inbound.senders[0].address) in desk.our_addresses and not is_verified(
        inbound, channel
    ):
        return HeldReason.CLAIMS_COLLEAGUE
    return None
