"""Whom a mail may be believed to come from, before anything is looked up."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

from hospes.channels.contract import Address, Forwarded, Inbound, InboundFile, Verdict
from hospes.channels.models import Channel
from hospes.conversations import threading
from hospes.intake.desk import Desk
from hospes.intake.models import HeldReason
from hospes.lib.addresses import canonical, is_mail_address

# A program of a colleague's may forward by rule; what it says by itself is no forward.
FORWARDS = ("", "auto-generated")


@dataclass(frozen=True)
class Arrived:
    """A mail that may come in, as it will be shown."""

    inbound: Inbound  # its sender is the customer
    is_verified: bool  # the customer's address is proven
    forwarded_by_id: int | None = None  # the colleague who forwarded it
    comment: str = ""  # what the colleague wrote above
    verdict: dict[str, Any] | None = None  # about whoever sent it

    @property
    def is_vouched_for(self) -> bool:
        """Whether somebody proven sent it: the customer, or a colleague who forwarded it."""
        return self.is_verified or self.forwarded_by_id is not None


def arrived(inbound: Inbound, channel: Channel, desk: Desk) -> Arrived:
    """Return the mail as it will be shown: what a proven colleague forwards is the customer's.

    What a contact form of ours sends is from whoever filled it in, who proved nothing by that.
    """
    writer = _writer_in_form(inbound, channel, desk)
    if writer is not None:
        said = {**(told_about(inbound, channel) or {}), "form": inbound.senders[0].address}
        written = replace(
            inbound, senders=(writer,), reply_to=(), automatic=False, automatic_reason=""
        )
        return Arrived(written, is_verified=False, verdict=said)
    colleague_id = _forwarder(inbound, channel, desk)
    verdict = told_about(inbound, channel)
    forwarded = inbound.forwarded
    if colleague_id is None or forwarded is None:
        return Arrived(inbound, is_verified(inbound, channel), verdict=verdict)
    told = replace(
        inbound,
        senders=(forwarded.sender,),
        subject=forwarded.subject,
        text=forwarded.text,
        reply_text=forwarded.reply_text or forwarded.text,
        language=forwarded.language,
        html=forwarded.html if forwarded.is_whole else inbound.html,
        files=_files_of(inbound, forwarded),
        automatic=False,
        automatic_reason="",
    )
    return Arrived(
        told,
        is_verified=False,
        forwarded_by_id=colleague_id,
        comment=forwarded.comment.strip(),
        verdict=verdict,
    )


def _files_of(inbound: Inbound, forwarded: Forwarded) -> tuple[InboundFile, ...]:
    """Return the customer's own files, then what came round them: the mail as a file, a colleague's logo."""
    if not forwarded.is_whole:
        return inbound.files
    around = (replace(file, content_id="", inline=False) for file in inbound.files)
    return (*forwarded.files, *around)  # nothing around is shown in the customer's design


def _writer_in_form(inbound: Inbound, channel: Channel, desk: Desk) -> Address | None:
    """Return who filled in the form of ours that sent this; None when no form did, or it names nobody."""
    forms = channel.contact_forms.split()
    if not forms or len(inbound.senders) != 1 or len(inbound.reply_to) != 1:
        return None
    writer = inbound.reply_to[0]
    address = canonical(writer.address)
    is_form = canonical(inbound.senders[0].address) in forms
    if not is_form or not is_mail_address(address) or address in desk.our_addresses:
        return None
    return writer


def _forwarder(inbound: Inbound, channel: Channel, desk: Desk) -> int | None:
    """Return the proven colleague who forwards a mail of somebody who can be answered."""
    if inbound.forwarded is None or inbound.automatic_reason not in FORWARDS:
        return None
    colleague_id = colleague_of(inbound, desk)
    customer = canonical(inbound.forwarded.sender.address)
    if colleague_id is None or customer in desk.our_addresses or not is_mail_address(customer):
        return None
    return colleague_id if is_verified(inbound, channel) else None


def colleague_of(inbound: Inbound, desk: Desk) -> int | None:
    """Return which of us it says it is from, proven or not."""
    return desk.colleagues.get(canonical(inbound.senders[0].address)) if inbound.senders else None


def answers_us(inbound: Inbound, channel: Channel, desk: Desk, *, envelope_to: str) -> bool:
    """Whether it came to a signed reply address of ours, or answers a signed Message-ID of ours."""
    named = (envelope_to, *(one.address for one in (*inbound.to, *inbound.cc)))
    return any(
        threading.read_reply_address(name, channel, keys=desk.keys) for name in named
    ) or any(threading.read_message_id(one, keys=desk.keys) for one in inbound.references)


def verdict_of(inbound: Inbound, channel: Channel) -> Verdict | None:
    """Return what we found out, or what the one mail server in front of us says; None: nobody tells.

    Anybody may write such a header: only the topmost one in that server's name counts, which
    removes all others in its name (RFC 8601, section 5).
    """
    if channel.receives_itself:
        return inbound.found
    hop = channel.trusted_hop.lower()
    if not hop:
        return None
    return next((v for v in inbound.verdicts if v.authserv_id.lower() == hop), None)


def told_of(verdict: Verdict | None) -> dict[str, Any] | None:
    """Return a verdict as it is kept, without what it does not say."""
    return {name: value for name, value in asdict(verdict).items() if value} if verdict else None


def kept(told: dict[str, Any] | None) -> Verdict | None:
    """Return a verdict that was kept."""
    if told is None:
        return None
    said = {one.name: told[one.name] for one in fields(Verdict) if one.name in told}
    said["dkim_domains"] = tuple(told.get("dkim_domains", ()))
    return Verdict(**{"authserv_id": "", "dmarc": "", "spf": "", "dkim": "", **said})


def told_about(inbound: Inbound, channel: Channel) -> dict[str, Any] | None:
    """Return the verdict about a mail as it is kept, with the forwarder that vouches for it."""
    verdict = verdict_of(inbound, channel)
    told = told_of(verdict)
    if verdict is not None and told is not None and (forwarder := forwarder_of(verdict, channel)):
        told["forwarder"] = forwarder
    return told


def _is_forged(verdict: Verdict, channel: Channel) -> bool:
    """Whether the domain asks to keep such mail out; one that only watches (p=none) asks nobody."""
    asks = verdict.dmarc_policy != "none"
    return verdict.dmarc == "fail" and asks and not forwarder_of(verdict, channel)


def forwarder_of(verdict: Verdict, channel: Channel) -> str:
    """Return the domain we trust that handed the mail on, and had proof of the sender; "" when none did."""
    trusted = channel.forwarders.lower().split()
    vouches = verdict.arc == verdict.arc_dmarc == "pass" and verdict.arc_sealer in trusted
    return verdict.arc_sealer if vouches else ""


def is_verified(inbound: Inbound, channel: Channel) -> bool:
    """Whether the sender's address is proven: dmarc=pass, for the domain the mail is from; one sender, and no more."""
    verdict = verdict_of(inbound, channel)
    if verdict is None or len(inbound.senders) != 1:
        return False
    return proves(verdict, inbound.senders[0].address)


def proves(verdict: Verdict, address: str) -> bool:
    """Whether the domain of this address vouches for the mail."""
    domain = canonical(address).rpartition("@")[2]
    named = verdict.from_domain
    return verdict.dmarc == "pass" and (not named or canonical(f"x@{named}") == f"x@{domain}")


def reason_to_hold(
    inbound: Inbound, channel: Channel, desk: Desk, *, envelope_to: str
) -> HeldReason | None:
    """Return why an agent has to look first, or None when the mail may come in."""
    if desk.install_id in inbound.loop_ids:
        return HeldReason.OUR_OWN
    if not inbound.senders:
        return HeldReason.NO_SENDER
    if len({canonical(sender.address) for sender in inbound.senders}) > 1:
        return HeldReason.SEVERAL_SENDERS
    address = canonical(inbound.senders[0].address)
    writer = _writer_in_form(inbound, channel, desk)
    if writer is not None or address not in desk.our_addresses:
        person = address if writer is None else canonical(writer.address)
        return _reason_of_stranger(inbound, channel, desk, envelope_to, person)
    verdict = verdict_of(inbound, channel)
    if verdict is not None and _is_forged(verdict, channel):
        return HeldReason.FAILED_PROOF
    if not is_verified(inbound, channel):
        return HeldReason.CLAIMS_COLLEAGUE
    # Nobody of us becomes a customer by writing to a support address.
    if (
        colleague_of(inbound, desk) is not None
        and _forwarder(inbound, channel, desk) is None
        and not answers_us(inbound, channel, desk, envelope_to=envelope_to)
    ):
        return HeldReason.COLLEAGUE
    return None


def _reason_of_stranger(
    inbound: Inbound, channel: Channel, desk: Desk, envelope_to: str, person: str
) -> HeldReason | None:
    """The same for a mail that does not claim to be from one of us. A filter's word is no more than a hint.

    person: the canonical address of whoever wrote it.
    """
    if desk.is_blocked(person):
        return HeldReason.BLOCKED
    verdict = verdict_of(inbound, channel)
    if verdict is not None and _is_forged(verdict, channel):
        return HeldReason.FAILED_PROOF
    if inbound.is_spam and not answers_us(inbound, channel, desk, envelope_to=envelope_to):
        return HeldReason.SPAM
    return None
