"""Give somebody a seat, change it, take it away."""

from __future__ import annotations

from datetime import datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from hospes.events.hints import tell_desk_changed, tell_rights_changed
from hospes.lib.addresses import canonical, is_mail_address
from hospes.lib.refusal import Refused
from hospes.team.models import Agent, Hub, Role


@transaction.atomic
def add_agent(  # noqa: PLR0913 # each is one line of the form
    *,
    name: str,
    email: str,
    role: str = Role.AGENT,
    hub: Hub | None = None,
    language: str = "en",
    zone: str = "UTC",
    by: Agent | None,
    at: datetime,
) -> Agent:
    """Make an agent without a password: they come in by a link (`inviting.invite`).

    by: the operator who adds them; None: the command line or set-up.
    Raises Refused when the address is taken or none, or when `by` may not.
    """
    _refuse_unless_operator(by)
    address = _checked(name, email, others=Agent.objects.all())
    if role not in Role.values:
        raise Refused(_("A role is agent, lead or operator."), code="no_such_role")
    agent = Agent(
        name=name.strip()[:80],
        email=address,
        role=role,
        hub=hub,
        language=language,
        zone=zone,
        created_at=at,
    )
    agent.set_unusable_password()
    agent.save()
    tell_desk_changed()
    return agent


def _checked(name: str, email: str, *, others: QuerySet[Agent]) -> str:
    """Return the address as it is kept. Raises Refused without a name, for no address, and for one of the others."""
    address = canonical(email)
    if not name.strip():
        raise Refused(_("Give a name."), code="no_name")
    if not is_mail_address(address):
        raise Refused(_("Give a mail address, such as ana@example.com."), code="not_an_address")
    if others.filter(email__iexact=address).exists():
        raise Refused(_("Somebody has this address already."), code="address_taken")
    return address


def describe_agent(  # each is one line of the form
    agent: Agent,
    *,
    name: str,
    email: str,
    hub: Hub | None,
    language: str,
    zone: str,
    by: Agent,
) -> Agent:
    """Put right what was said of a colleague. Raises Refused as `add_agent` does."""
    _refuse_unless_operator(by)
    agent.email = _checked(name, email, others=Agent.objects.exclude(pk=agent.pk))
    agent.name, agent.hub, agent.language, agent.zone = name.strip()[:80], hub, language, zone
    agent.save(update_fields=["email", "name", "hub", "language", "zone"])
    tell_desk_changed()
    return agent


@transaction.atomic
def change_seat(agent: Agent, *, role: str, is_active: bool, by: Agent | None) -> Agent:
    """Change what an agent may do. Raises Refused when nobody could run the desk any more.

    by: the operator who does it; None: the command line.
    """
    _refuse_unless_operator(by)
    keeps_operating = role == Role.OPERATOR and is_active
    others = Agent.objects.filter(role=Role.OPERATOR, is_active=True).exclude(pk=agent.pk)
    if agent.is_operator and not keeps_operating and not others.exists():
        raise Refused(_("At least one operator has to stay."), code="last_operator")
    agent.role, agent.is_active = role, is_active
    agent.save(update_fields=["role", "is_active"])
    tell_desk_changed()
    tell_rights_changed(agent.pk)
    return agent


def set_password(agent: Agent, *, password: str) -> None:
    """Set a password. Raises Refused with what is wrong with it."""
    try:
        validate_password(password, agent)
    except ValidationError as error:
        raise Refused(" ".join(error.messages), code="weak_password") from error
    agent.set_password(password)
    agent.save(update_fields=["password"])
    tell_rights_changed(agent.pk)


def _refuse_unless_operator(by: Agent | None) -> None:
    if by is not None and not by.is_operator:
        raise Refused(_("Only operators may do this."), code="operators_only")
