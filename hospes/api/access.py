"""Who may see what through the API: a token sees what its agent sees. No view fetches a row by any other way.

What is not there and what may not be seen end in the same answer, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hospes.api.bearer import ApiRequest
from hospes.api.problems import Problem, not_found
from hospes.channels.models import Channel
from hospes.conversations.listing import loaded, told
from hospes.conversations.models import (
    Attachment,
    Conversation,
    Draft,
    Message,
    Note,
    Queue,
    QueueMember,
)  # fmt: skip
from hospes.conversations.queries import visible_queue_ids
from hospes.intake.models import Raw
from hospes.lib.addresses import canonical as canonical_address
from hospes.lib.references import canonical
from hospes.markets.models import Calendar, Market
from hospes.people import finding
from hospes.people.models import Contract, Customer, Identity
from hospes.team.models import Agent, Role, Team

REFERENCE = re.compile(r"H-[0-9A-Z]{5,7}", re.ASCII)


def queue_ids(request: ApiRequest) -> list[int] | None:
    """Return the queues this token may see; None: all of them."""
    return visible_queue_ids(request.auth.agent)


def conversation(request: ApiRequest, reference: str) -> Conversation:
    """Return the conversation with the names told with it. Raises Problem (404)."""
    if len(reference) > 20 or not REFERENCE.fullmatch(canonical(reference)):
        raise not_found()
    rows = loaded(Conversation.objects.filter(_in_sight(request, "queue_id")))
    found = rows.filter(reference=canonical(reference)).first()
    if found is None:
        raise not_found()
    return found


def message(request: ApiRequest, message_id: int) -> Message:
    """Return the message with all that is told of it. Raises Problem (404)."""
    rows = told(Message.objects.filter(_in_sight(request, "conversation__queue_id")))
    found = rows.filter(pk=message_id).first()
    if found is None:
        raise not_found()
    return found


def attachment(request: ApiRequest, attachment_id: int) -> Attachment:
    """Return the file's row. Raises Problem (404)."""
    rows = Attachment.objects.filter(_in_sight(request, "message__conversation__queue_id"))
    found = rows.filter(pk=attachment_id).select_related("message").first()
    if found is None:
        raise not_found()
    return found


def raw(found: Message) -> Raw:
    """Return what a message, loaded here, was understood from. Raises Problem (404)."""
    one = Raw.objects.filter(pk=found.raw_id).first() if found.raw_id else None
    if one is None:
        raise not_found()
    return one


def messages(found: Conversation) -> QuerySet[Message]:
    """Return the messages, without their HTML, of a conversation that was loaded here."""
    return told(Message.objects.filter(conversation=found).defer("html"))


def notes(found: Conversation) -> QuerySet[Note]:
    """Return the notes of a conversation that was loaded here."""
    return Note.objects.filter(conversation=found).select_related("agent")


def draft(request: ApiRequest, found: Conversation, kind: str) -> Draft | None:
    """Return what the token's own agent has not yet said in a conversation that was loaded here."""
    rows = Draft.objects.filter(conversation=found, agent=request.auth.agent_id, kind=kind)
    return rows.exclude(text="").first()


def customers(request: ApiRequest) -> QuerySet[Customer]:
    """Return the customers in sight: who may see none of their conversations does not know them."""
    rows = Customer.objects.select_related("market", "contract", "postal_address")
    rows = rows.prefetch_related("identities")
    if request.auth.agent.is_operator:
        return rows
    theirs = Conversation.objects.filter(_in_sight(request, "queue_id"), customer_id=OuterRef("pk"))
    return rows.filter(Exists(theirs))


def named(part: str) -> Q:
    """Whose name or address holds this; each by its own index."""
    by_name = Customer.objects.filter(finding.named(part))
    return Q(pk__in=by_name.values("pk").union(finding.addressed(part).values("customer_id")))


def reached_at(address: str) -> Q:
    """Whose address this is."""
    identities = Identity.objects.filter(
        site_id=1, kind=Identity.Kind.EMAIL, value=canonical_address(address)
    )
    return Q(pk__in=identities.values("customer_id"))


def customer(request: ApiRequest, customer_id: int) -> Customer:
    """Return the customer. Raises Problem (404)."""
    found = customers(request).filter(pk=customer_id).first()
    if found is None:
        raise not_found()
    return found


def queues(request: ApiRequest) -> QuerySet[Queue]:
    """Return the queues in sight."""
    return Queue.objects.select_related("market").filter(_in_sight(request, "pk"))


def queue(request: ApiRequest, queue_id: int) -> Queue | None:
    return queues(request).filter(pk=queue_id).first()


def channels(request: ApiRequest) -> QuerySet[Channel]:
    """Return the channels of brands in sight."""
    rows = Channel.objects.select_related("market", "brand__site")
    if request.auth.agent.is_operator:
        return rows
    return rows.filter(brand__in=queues(request).order_by().values("brand"))


def channel(request: ApiRequest, channel_id: int) -> Channel | None:
    return channels(request).filter(pk=channel_id).first()


def agents(request: ApiRequest) -> QuerySet[Agent]:
    """Return the colleagues in sight: who shares a queue, operators, and the token's own agent."""
    rows = Agent.objects.filter(is_active=True)
    if request.auth.agent.is_operator:
        return rows
    shared = QueueMember.objects.filter(_in_sight(request, "queue_id")).values("agent")
    return rows.filter(Q(pk__in=shared) | Q(role=Role.OPERATOR) | Q(pk=request.auth.agent_id))


def agent(request: ApiRequest, agent_id: int) -> Agent | None:
    return agents(request).filter(pk=agent_id).first()


def operators_only(request: ApiRequest) -> None:
    """Raises Problem (403) where the token is nobody's who sets the system up."""
    if not request.auth.agent.is_operator:
        raise Problem(403, _("Only operators may do this."), code="operators_only")


def contracts(request: ApiRequest) -> QuerySet[Contract]:
    """Return the contracts of customers in sight; an operator's token sees all."""
    rows = Contract.objects.select_related("market")
    if request.auth.agent.is_operator:
        return rows
    return rows.filter(pk__in=customers(request).order_by().values("contract"))


def contract(request: ApiRequest, contract_id: int) -> Contract:
    """Return the contract. Raises Problem (404)."""
    found = contracts(request).filter(pk=contract_id).first()
    if found is None:
        raise not_found()
    return found


CALENDAR_USERS = {
    "team_ids": "teams",
    "channel_ids": "channels",
    "markets": "markets",
    "contract_ids": "contracts",
}


def calendars(request: ApiRequest) -> QuerySet[Calendar]:
    """Return all calendars, with their days and for whom they count, to an operator's token; else none."""
    if not request.auth.agent.is_operator:
        return Calendar.objects.none()
    return Calendar.objects.prefetch_related("days", *CALENDAR_USERS.values())


def calendar(request: ApiRequest, calendar_id: int) -> Calendar:
    """Return the calendar. Raises Problem (404)."""
    found = calendars(request).filter(pk=calendar_id).first()
    if found is None:
        raise not_found()
    return found


def calendar_users(request: ApiRequest) -> dict[str, tuple[str, QuerySet[Any]]]:
    """Return for whom a calendar may count: by what a field names them, and among which rows."""
    return {
        "team_ids": ("pk", Team.objects.all()),
        "channel_ids": ("pk", channels(request)),
        "markets": ("code", Market.objects.all()),
        "contract_ids": ("pk", contracts(request).filter(ended_at=None)),
    }


def market(code: str) -> Market | None:
    """Return the market of a code; which ones are served here is no secret."""
    return Market.objects.filter(code=code.upper()).first()


def among(ids: Sequence[int], request: ApiRequest) -> list[Conversation]:
    """Return these conversations as far as they are in sight, in the order given."""
    rows = loaded(Conversation.objects.filter(_in_sight(request, "queue_id"), pk__in=ids))
    by_id = {row.pk: row for row in rows}
    return [by_id[pk] for pk in ids if pk in by_id]


def _in_sight(request: ApiRequest, path: str) -> Q:
    """What stands in a queue of this agent, asked within the same statement."""
    agent = request.auth.agent
    if agent.is_operator:
        return Q()
    mine: Any = QueueMember.objects.filter(agent=agent).values("queue_id")
    return Q(**{f"{path}__in": mine})
