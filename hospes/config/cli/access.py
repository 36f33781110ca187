"""Who acts on the command line, and what they may see. No command fetches a conversation by any other way.

Whoever may use the command line may act as any agent; what they then may see and do is what that agent may.
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from hospes.conversations.models import Conversation
    from hospes.people.models import Customer
    from hospes.team.models import Agent


def add_as(parser: argparse.ArgumentParser) -> None:
    """Let the command say who acts."""
    parser.add_argument(
        "--as", dest="acting", metavar="EMAIL", default=argparse.SUPPRESS,
        help="who does it (the first operator)",
    )  # fmt: skip


def who_acts(args: argparse.Namespace) -> Agent:
    """Return the agent named with --as, or the first operator. Raises Refused when there is none."""
    from hospes.lib.refusal import Refused

    found = _named_or_first(args)
    if found is None:
        raise Refused(
            "There is no operator yet. Add one: hospes team add EMAIL --name NAME --role operator"
        )
    return found


def who_reads(args: argparse.Namespace) -> Agent:
    """Return who reads: as `who_acts`, or a stand-in who sees everything on a desk without operators."""
    from hospes.team.models import Agent, Role

    return _named_or_first(args) or Agent(pk=0, name="The command line", role=Role.OPERATOR)


def _named_or_first(args: argparse.Namespace) -> Agent | None:
    from hospes.team.models import Agent, Role

    email = getattr(args, "acting", None)
    if email:
        return agent_called(email)
    return Agent.objects.filter(role=Role.OPERATOR, is_active=True).order_by("pk").first()


def agent_called(email: str, *, also_inactive: bool = False) -> Agent:
    """Return the agent with this mail address. Raises Refused."""
    from hospes.lib.addresses import canonical
    from hospes.lib.refusal import Refused
    from hospes.team.models import Agent

    found = Agent.objects.filter(email__iexact=canonical(email)).first()
    if found is None:
        raise Refused(f"No agent has the address {email}. `hospes team` lists everybody.")
    if not found.is_active and not also_inactive:
        raise Refused(f"{found.name} has no seat any more: hospes team activate {found.email}")
    return found


def conversation(reference: str, agent: Agent) -> Conversation:
    """Return the conversation if this agent may see it. Raises Refused."""
    from hospes.conversations.timeline import by_reference
    from hospes.lib.references import canonical
    from hospes.lib.refusal import Refused

    wanted = canonical(reference)
    found = by_reference(wanted, agent=agent)
    if found is None:
        raise Refused(f"{agent.name} sees no conversation {wanted}.")
    return found


def customer(address: str, agent: Agent) -> Customer:
    """Return the customer with this address, if the agent may see one of their conversations.

    Raises Refused.
    """
    from hospes.conversations.timeline import conversations_of
    from hospes.lib.addresses import canonical
    from hospes.lib.refusal import Refused
    from hospes.people.models import Customer

    rows = Customer.objects.filter(identities__value=canonical(address))
    found = rows.select_related("market").first()
    if found is None or not (agent.is_operator or conversations_of(found.pk, agent=agent, limit=1)):
        raise Refused(f"{agent.name} knows no customer with the address {address}.")
    return found
