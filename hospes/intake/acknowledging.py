"""May the desk say by itself that it has a mail? Decided where everything that is known of the mail is at hand.

Nobody's machine is answered by ours (RFC 3834): that would end in a loop, or in the mailbox of somebody who never
wrote. How many letters may leave at all is counted later (`conversations/budget.py`).
"""

from __future__ import annotations

import re
from datetime import timedelta

from hospes.channels.contract import Inbound
from hospes.channels.email.automatic import is_machine
from hospes.channels.models import Channel
from hospes.conversations.events import Machine
from hospes.intake.actions.claiming import Claimed
from hospes.intake.desk import Desk
from hospes.intake.trusting import Arrived
from hospes.lib.addresses import canonical, is_mail_address

OLD = timedelta(days=1)  # what was written so long before it reached us is fetched, not new
# Behind these stand programs and lists, whatever the mail looks like (RFC 3834, section 2).
PROGRAMS = re.compile(
    r"(?:owner-.+|.+-(?:owner|request|bounces?|admin)|majordomo|listserv|mailman|daemon|root|nobody|www-data|cron)@"
)


def machine_for(claimed: Claimed, told: Arrived, channel: Channel, desk: Desk) -> str:
    """Return what the desk may do by itself about this mail, a word of `Machine`; "" where it does nothing."""
    if not channel.acknowledges:
        return ""
    if told.inbound.automatic:
        is_desk = bool(told.inbound.loop_ids)
        return Machine.MEETS_ANOTHER if is_desk else ""
    if _is_for_a_person(claimed, told, desk):
        return Machine.MAY_ACKNOWLEDGE
    return ""


def _is_for_a_person(claimed: Claimed, told: Arrived, desk: Desk) -> bool:
    """Whether a letter to the sender would be read by whoever wrote this mail, now."""
    sender = told.inbound.senders[0]
    address = canonical(sender.address)
    return not (
        told.forwarded_by_id is not None
        or not is_written_now(claimed, told.inbound)
        or address in desk.our_addresses
        or is_machine(sender)
        or PROGRAMS.match(address)
        or not is_mail_address(address)
    )


def is_written_now(claimed: Claimed, inbound: Inbound) -> bool:
    """Whether somebody has just sent this: it is not old, and asks for no silence by its envelope."""
    is_null_sender = bool(claimed.peer) and not claimed.envelope_from  # only doors know an envelope
    sent_at = inbound.sent_at
    is_old = sent_at is not None and claimed.received_at - sent_at > OLD
    return not (is_null_sender or is_old)
