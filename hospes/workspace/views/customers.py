"""A customer: how to reach and address them, and everything we talked about, as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hospes.conversations.actions import describing
from hospes.language import forms as right
from hospes.people.actions.placing import parts_of
from hospes.people.models import Customer, Identity, PostalAddress
from hospes.workspace import access
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.forms import StyledForm
from hospes.workspace.forms.customer import AddressingForm, CustomerForm, ReachingForm
from hospes.workspace.frame import page
from hospes.workspace.whereabouts import where_values


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def show(request: AgentRequest, customer_id: int) -> HttpResponse:
    customer = access.customer(request, customer_id)
    if request.method != "POST":
        return _page(request, customer)
    form = CustomerForm(request.POST, may_agree=request.user.is_lead)
    return _saved(request, customer, "form", form, lambda: _describe(request, customer, form))


@require_POST
@agent_required
def addressing(request: AgentRequest, customer_id: int) -> HttpResponse:
    """Write down how they are addressed."""
    customer = access.customer(request, customer_id)
    form = AddressingForm(request.POST)
    return _saved(
        request,
        customer,
        "addressing",
        form,
        lambda: describing.describe(
            customer, changes=form.changes(), by=request.user, at=timezone.now()
        ),
    )


@require_POST
@agent_required
def reaching(request: AgentRequest, customer_id: int) -> HttpResponse:
    """Write down their phone numbers and their address."""
    customer = access.customer(request, customer_id)
    form = ReachingForm(request.POST)

    def both() -> None:
        at = timezone.now()
        address = form.address(_place(customer))
        with (
            transaction.atomic()
        ):  # the address first: a number without a country code is of its country
            describing.place(customer, address=address, by=request.user, at=at)
            describing.number(customer, numbers=form.numbers(), by=request.user, at=at)

    return _saved(request, customer, "reaching", form, both)


def _describe(request: AgentRequest, customer: Customer, form: CustomerForm) -> None:
    describing.describe(customer, changes=form.cleaned_data, by=request.user, at=timezone.now())


def _saved(
    request: AgentRequest,
    customer: Customer,
    name: str,
    form: StyledForm,
    save: Callable[[], object],
) -> HttpResponse:
    """Save what a form holds, or show it again with what is wrong."""
    if form.carried_out(save):
        messages.success(request, _("Saved."))
        return redirect("customer", customer_id=customer.pk)
    return _page(request, customer, **{name: form})


def _page(request: AgentRequest, customer: Customer, **given: StyledForm) -> HttpResponse:
    place = _place(customer)
    identities = list(customer.identities.order_by("pk"))
    where = where_values(customer.whereabouts())
    values = {
        "customer": customer,
        "form": CustomerForm.of(customer, may_agree=request.user.is_lead),
        "addressing": AddressingForm.of(customer),
        "reaching": ReachingForm.of(customer, place),
        "identities": identities,
        "mail": [one for one in identities if one.kind == Identity.Kind.EMAIL],
        "address": _address(customer, place) if place else "",
        "conversations": access.conversations_of(request, customer.pk),
        **where,
        "zone": where["customer_zone"],
        **given,
    }
    return page(request, "workspace/customer.html", values)


def _place(customer: Customer) -> PostalAddress | None:
    return PostalAddress.objects.filter(customer=customer).first()


def _address(customer: Customer, place: PostalAddress) -> str:
    lines = right.address_lines(parts_of(place), country=place.country, name=customer.display_name)
    return "\n".join(lines)
