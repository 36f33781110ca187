"""What an agent does with a conversation: assign, close, snooze, move; and that they look at it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import itemgetter
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from hospes.conversations.actions import assigning, closing, moving, seeing, snoozing
from hospes.conversations.models import Conversation, Message, Presence, Queue
from hospes.conversations.queries import colleagues_in, visible_queue_ids
from hospes.events.hints import Told, announce
from hospes.intake.actions.blocking import block, unblock
from hospes.lib.refusal import Refused
from hospes.team.models import Agent
from hospes.workspace import showing
from hospes.workspace.access import AgentRequest, agent_required, conversation, opened
from hospes.workspace.answers import done
from hospes.workspace.later import as_meant, meant

MORNING = 9  # o'clock


@require_http_methods(["GET", "POST"])
@agent_required
def assignment(request: AgentRequest, reference: str) -> HttpResponse:
    """Who could take it, and giving it to one of them (or, with 0, to nobody)."""
    one = conversation(request, reference)
    if request.method == "GET":
        values = {
            "conversation": one,
            "agents": colleagues_in(one.queue_id),
            "queues": _queues(request),
        }
        return render(request, "workspace/parts/assignment.html", values)
    before = one.assignee_id
    assigning.assign(one, to=_agent(request), by=request.user, at=timezone.now())
    return done(
        _("Assigned.") if request.POST.get("agent") != "0" else _("Nobody has it now."),
        undo_url=reverse("assignment", args=[reference]),
        undo_values={"agent": str(before or 0)},
    )


@require_POST
@agent_required
def closure(request: AgentRequest, reference: str) -> HttpResponse:
    closing.close(conversation(request, reference), by=request.user, at=timezone.now())
    return done(_("Closed."), undo_url=reverse("reopening", args=[reference]), closed=True)


@require_POST
@agent_required
def reopening(request: AgentRequest, reference: str) -> HttpResponse:
    closing.reopen(conversation(request, reference), by=request.user, at=timezone.now())
    return done(_("Reopened."))


@dataclass(frozen=True)
class Choice:
    label: str
    value: str  # ISO 8601
    words: str  # on the agent's clock
    words_there: str  # on the customer's; "" when it shows the same


@require_http_methods(["GET", "POST"])
@agent_required
def snooze(request: AgentRequest, reference: str) -> HttpResponse:
    """When it may come back, and putting it away until then."""
    if request.method == "GET":
        one = opened(request, reference).conversation
        values = {"conversation": one, "choices": choices(one, timezone.now())}
        return render(request, "workspace/parts/snooze.html", values)
    one = conversation(request, reference)
    if request.POST.get("until") == "now":
        snoozing.awaken(one, by=request.user, at=timezone.now())
        return done(_("The snooze is over."))
    until, zone = meant(request.POST.get("until", ""), zone=request.user.zone)
    if until is None:
        raise Refused(_("Choose a day and a time."), code="no_moment")
    snoozing.snooze(one, until=until, zone=zone, by=request.user, at=timezone.now())
    words = _("Snoozed until %(until)s.") % {"until": showing.moment(until)}
    return done(words, undo_url=reverse("snooze", args=[reference]), undo_values={"until": "now"})


@require_POST
@agent_required
def queue(request: AgentRequest, reference: str) -> HttpResponse:
    one = conversation(request, reference)
    wanted = request.POST.get("queue", "")
    to = Queue.objects.filter(pk=int(wanted) if wanted.isdecimal() else 0).first()
    if to is None:
        raise Refused(_("Choose a queue."), code="no_such_queue")
    moving.move(one, to=to, by=request.user, at=timezone.now())
    return done(_("Moved to %(queue)s.") % {"queue": to.name})


@require_POST
@agent_required
def junk(request: AgentRequest, reference: str) -> HttpResponse:
    """Close it and block whoever wrote, close their others as well; or take back the block."""
    one, now = conversation(request, reference), timezone.now()
    address = _sender_of(one)
    if "undo" in request.POST:
        unblock(address)
        if not one.is_open:
            closing.reopen(one, by=request.user, at=now)
        told = done(_("%(sender)s is not blocked any more.") % {"sender": address})
        return _junk_state(request, one, told, blocked="")
    if "others" in request.POST:
        others = list(_others_open(request, one))
        for other in others:
            closing.close(other, by=request.user, at=now)
        words = ngettext(
            "%(n)d conversation is closed.", "%(n)d conversations are closed.", len(others)
        )
        return _junk_state(request, one, done(words % {"n": len(others)}), blocked=address)
    block(address, by=request.user, at=now)
    if one.is_open:
        closing.close(one, by=request.user, at=now)
    told = done(
        _("Closed. %(sender)s is blocked.") % {"sender": address},
        undo_url=reverse("junk", args=[one.reference]),
        undo_values={"undo": "1"},
    )
    return _junk_state(request, one, told, blocked=address)


def _junk_state(
    request: AgentRequest, one: Conversation, told: HttpResponse, *, blocked: str
) -> HttpResponse:
    """Say on the page whether the sender is blocked now, beside what was done."""
    values = {
        "blocked": blocked,
        "others_open": _others_open(request, one).count() if blocked else 0,
        "address": reverse("conversation", args=[one.reference]),
    }
    response = render(request, "workspace/parts/junk.html", values)
    response["HX-Trigger"] = told["HX-Trigger"]
    return response


def _others_open(request: AgentRequest, one: Conversation) -> QuerySet[Conversation]:
    """Return the other open conversations of the same customer that whoever asks may see."""
    rows = Conversation.objects.filter(customer_id=one.customer_id, closed_at=None)
    queue_ids = visible_queue_ids(request.user)
    return (rows if queue_ids is None else rows.filter(queue_id__in=queue_ids)).exclude(pk=one.pk)


def _sender_of(one: Conversation) -> str:
    """Return the address the customer wrote from last. Raises Refused when they have none."""
    rows = Message.objects.filter(conversation=one, direction=Message.Direction.IN)
    newest = rows.filter(identity__customer_id=one.customer_id).order_by("-pk").first()
    if newest is None:
        raise Refused(_("This customer never wrote."), code="no_address")
    return newest.from_address


@require_POST
@agent_required
def presence(request: AgentRequest, reference: str) -> HttpResponse:
    """A beat of an open page; colleagues hear of it when something changed."""
    one = conversation(request, reference)
    state = request.POST.get("state", "")
    if state == "gone":
        is_news = seeing.leave(one, by=request.user, at=timezone.now())
    elif state in Presence.State.values:
        is_news = seeing.beat(one, by=request.user, state=state, at=timezone.now())
    else:
        raise Refused(_("Say viewing, writing, away or gone."), code="no_such_state")
    if is_news:
        announce(_told(one, request.user, state))
    return HttpResponse(status=204)


def _told(one: Conversation, agent: Agent, state: str) -> Told:
    data = {"conversation_id": one.pk, "agent_id": agent.pk, "name": agent.name, "state": state}
    return Told(f"presence.{one.pk}", queue_id=one.queue_id, data=data)


def choices(one: Conversation, now: datetime) -> list[Choice]:
    """Return moments people choose, the morning of the customer among them."""
    zone_name = one.customer_zone
    here = timezone.get_current_timezone()
    offers = [(_("In three hours"), (now + timedelta(hours=3)).astimezone(UTC))]
    offers.append((_("Tomorrow morning here"), _morning(now, here, 1)))
    if zone_name:
        there = ZoneInfo(zone_name)
        label = _("Next morning in %(city)s") % {"city": showing.zone_city(zone_name)}
        offers.append((label, _next_morning(now, there)))
    offers.append(
        (_("On Monday morning here"), _morning(now, here, 7 - now.astimezone(here).weekday()))
    )
    once = {at: label for label, at in reversed(offers)}  # two mornings may be the same
    return [
        Choice(label, as_meant(at), showing.appointment(at), _there(at, zone_name))
        for at, label in sorted(once.items(), key=itemgetter(0))
    ]


def _there(at: datetime, zone_name: str) -> str:
    """Return the moment on the customer's clock, with the place; "" where the clocks agree."""
    zone = showing.known_zone(zone_name)
    here = timezone.get_current_timezone()
    if zone is None or at.astimezone(zone).utcoffset() == at.astimezone(here).utcoffset():
        return ""
    when = showing.appointment(at, zone=zone)
    return _("%(moment)s in %(city)s") % {"moment": when, "city": showing.zone_city(zone_name)}


def _morning(now: datetime, zone: object, days: int) -> datetime:
    local = now.astimezone(zone) + timedelta(days=days)  # type: ignore[arg-type]
    return local.replace(hour=MORNING, minute=0, second=0, microsecond=0)


def _next_morning(now: datetime, zone: ZoneInfo) -> datetime:
    today = _morning(now, zone, 0)
    return today if today > now else _morning(now, zone, 1)


def _agent(request: AgentRequest) -> Agent | None:
    wanted = request.POST.get("agent", "")
    if wanted == "0":
        return None
    found = Agent.objects.filter(pk=int(wanted) if wanted.isdecimal() else 0).first()
    if found is None:
        raise Refused(_("Choose a colleague."), code="no_such_agent")
    return found


def _queues(request: AgentRequest) -> list[Queue]:
    ids = visible_queue_ids(request.user)
    rows = Queue.objects.all() if ids is None else Queue.objects.filter(pk__in=ids)
    return list(rows)
