"""Who may see what in the workspace. No view fetches a conversation by any other way."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.decorators import login_required
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django_htmx.middleware import HtmxDetails

from hospes.api.models import Token
from hospes.conversations import timeline
from hospes.conversations.actions.receiving import queues_of_channels
from hospes.conversations.models import Attachment, Conversation, DraftFile, Message
from hospes.conversations.queries import visible_queue_ids
from hospes.conversations.timeline import Earlier, Opened, by_reference, open_by_reference
from hospes.events.streams import Reader
from hospes.intake.models import HeldRaw, QuarantinedRaw
from hospes.lib.references import canonical
from hospes.people.models import Customer
from hospes.servicelevels.models import Breach
from hospes.team.models import Agent
from hospes.team.sessions import SessionStore

View = Callable[..., HttpResponseBase]
MAX_CONVERSATIONS = 100


class AgentRequest(HttpRequest):
    """A request of somebody who is signed in."""

    user: Agent
    htmx: HtmxDetails
    LANGUAGE_CODE: str
    live_after: int | None  # the newest hint that had reached screens when the request came


def agent_required(view: View) -> View:
    """Only people with a seat; everybody else goes to the sign-in page."""
    return login_required(view)


def lead_required(view: View) -> View:
    """Only leads and operators; for others the page does not exist."""
    return _with_role(view, lambda agent: agent.is_lead)


def operator_required(view: View) -> View:
    """Only operators; for others the page does not exist."""
    return _with_role(view, lambda agent: agent.is_operator)


def _with_role(view: View, may: Callable[[Agent], bool]) -> View:
    @wraps(view)
    def checked(request: AgentRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return login_required(checked)


def conversation(request: AgentRequest, reference: str) -> Conversation:
    """Return the conversation if this agent may see it; else there is none."""
    found = by_reference(canonical(reference), agent=request.user)
    if found is None:
        raise Http404
    return found


def opened(request: AgentRequest, reference: str) -> Opened:
    """Return the conversation with what its page shows, if this agent may see it."""
    found = open_by_reference(canonical(reference), agent=request.user, at=timezone.now())
    if found is None:
        raise Http404
    return found


def message(request: AgentRequest, message_id: int) -> Message:
    """Return the message if this agent may see its conversation."""
    rows = Message.objects.filter(pk=message_id, **_within(request.user, "conversation__queue_id"))
    found = rows.select_related("conversation", "outbox_entry", "agent").first()
    if found is None:
        raise Http404
    return found


def attachment(request: AgentRequest, attachment_id: int) -> Attachment:
    """Return the attachment if this agent may see the conversation it came in."""
    within = _within(request.user, "message__conversation__queue_id")
    rows = Attachment.objects.filter(pk=attachment_id, **within).select_related("message")
    found = rows.first()
    if found is None:
        raise Http404
    return found


def draft_file(request: AgentRequest, draft_file_id: int) -> DraftFile:
    """Return a file of this agent's own draft, in a conversation they may still see."""
    within = _within(request.user, "draft__conversation__queue_id")
    own = DraftFile.objects.filter(pk=draft_file_id, draft__agent=request.user, **within)
    found = own.select_related("draft").first()
    if found is None:
        raise Http404
    return found


def customer(request: AgentRequest, customer_id: int) -> Customer:
    """Return the customer; whoever may see none of the conversations does not know them."""
    if not timeline.conversations_of(customer_id, agent=request.user, limit=1):
        raise Http404
    return Customer.objects.select_related("market", "contract").get(pk=customer_id)


def conversations_of(request: AgentRequest, customer_id: int) -> list[Earlier]:
    """Return the conversations of a customer that this agent may see, newest first."""
    return timeline.conversations_of(customer_id, agent=request.user, limit=MAX_CONVERSATIONS)


def held_mail(request: AgentRequest) -> QuerySet[HeldRaw]:
    """Return the held mails that came for queues this lead sees."""
    return HeldRaw.objects.filter(**_for_channels(request.user, "channel_id__in"))


def quarantined_mail(request: AgentRequest) -> QuerySet[QuarantinedRaw]:
    """Return the quarantined mails that came for queues this lead sees."""
    return QuarantinedRaw.objects.filter(**_for_channels(request.user, "raw__channel_id__in"))


def undecided(request: AgentRequest, raw_id: int) -> HeldRaw | QuarantinedRaw:
    """Return a mail that waits for a decision of this lead."""
    held = held_mail(request).filter(pk=raw_id).first()
    found = held or quarantined_mail(request).filter(pk=raw_id).first()
    if found is None:
        raise Http404
    return found


def _for_channels(agent: Agent, path: str) -> dict[str, Any]:
    """Which mail an agent may see before it stands in a conversation: that of their queues' channels."""
    queue_ids = visible_queue_ids(agent)
    if queue_ids is None:
        return {}
    queues = queues_of_channels().items()
    return {path: [channel for channel, queue in queues if queue in queue_ids]}


def breaches(request: AgentRequest) -> QuerySet[Breach]:
    """Return what was missed in conversations this agent may see, the newest first."""
    within = _within(request.user, "conversation__queue_id")
    rows = Breach.objects.filter(**within).select_related("conversation__customer")
    return rows.select_related("contested_by", "decided_by").order_by("-due_at", "-pk")


def breach(request: AgentRequest, breach_id: int) -> Breach:
    """Return one of these; else there is none."""
    found = breaches(request).filter(pk=breach_id).first()
    if found is None:
        raise Http404
    return found


def tokens(request: AgentRequest, *, everybodys: bool) -> QuerySet[Token]:
    """Return the tokens that act as whoever asks; for operators, everybody's if wished. Good ones first."""
    rows = Token.objects.select_related("agent").order_by(
        F("revoked_at").asc(nulls_first=True), "-pk"
    )
    if everybodys and request.user.is_operator:
        return rows
    return rows.filter(agent=request.user)


def token(request: AgentRequest, token_id: str, *, everybodys: bool) -> Token:
    """Return one of these tokens."""
    number = int(token_id) if token_id.isdecimal() and len(token_id) < 17 else 0
    found = tokens(request, everybodys=everybodys).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _within(agent: Agent, path: str) -> dict[str, Any]:
    queue_ids = visible_queue_ids(agent)
    return {} if queue_ids is None else {f"{path}__in": queue_ids}


def who_asks(cookies: dict[str, str]) -> Reader | None:
    """Return who holds this session and what they may see; for the live stream, outside Django's pages."""
    key = cookies.get(settings.SESSION_COOKIE_NAME)
    if not key:
        return None
    session = SessionStore(key)
    agent_id = session.get(SESSION_KEY)
    agent = Agent.objects.filter(pk=agent_id, is_active=True).first() if agent_id else None
    # A new password ends the sessions opened with the old one.
    opened_with = session.get(HASH_SESSION_KEY, "")
    if agent is None or not constant_time_compare(opened_with, agent.get_session_auth_hash()):
        return None
    queue_ids = visible_queue_ids(agent)
    return Reader(agent.pk, None if queue_ids is None else frozenset(queue_ids))
