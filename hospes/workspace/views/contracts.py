"""Contracts: what was agreed with customers, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.db.models import Count, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hospes.lib.refusal import Refused
from hospes.people.actions.agreeing import change_contract, end_contract, make_contract
from hospes.people.models import Contract
from hospes.servicelevels.models import ServiceLevel
from hospes.workspace.access import AgentRequest, operator_required
from hospes.workspace.forms.contracts import ContractForm
from hospes.workspace.frame import page


@dataclass(frozen=True)
class Agreed:
    """A contract, how many customers have it, and the service levels that ask for its tier."""

    contract: Contract
    customers: int
    levels: list[ServiceLevel]


@require_http_methods(["GET", "POST"])
@operator_required
def index(request: AgentRequest) -> HttpResponse:
    """All contracts, those in force first, and a form for the next one."""
    form = ContractForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = make_contract(form.terms, by_id=request.user.pk, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("settings_contract", made.pk)
    agreed = _agreed(_contracts())
    values = {
        "agreed": [one for one in agreed if one.contract.is_in_force],
        "ended": [one for one in agreed if not one.contract.is_in_force],
        "form": form,
        "section": "contracts",
    }
    return page(request, "workspace/settings/contracts.html", values)


@require_http_methods(["GET", "POST"])
@operator_required
def contract(request: AgentRequest, contract_id: int) -> HttpResponse:
    found = get_object_or_404(_contracts(), pk=contract_id)
    form = ContractForm(request.POST) if request.method == "POST" else ContractForm.of(found)
    if form.carried_out(
        lambda: change_contract(found, form.terms, by_id=request.user.pk, at=timezone.now())
    ):
        messages.success(request, _("Saved. The dues are counted anew."))
        return redirect("settings_contract", found.pk)
    values = {"agreed": _agreed([found])[0], "form": form, "section": "contracts"}
    return page(request, "workspace/settings/contract.html", values)


@operator_required
@require_POST
def end(request: AgentRequest, contract_id: int) -> HttpResponse:
    """End it: for its customers nothing of it counts any more."""
    found = get_object_or_404(Contract, pk=contract_id)
    try:
        end_contract(found, by_id=request.user.pk, at=timezone.now())
    except Refused as refused:
        messages.error(request, str(refused))
    else:
        messages.success(request, _("Saved. The dues are counted anew."))
    return redirect("settings_contracts")


def _contracts() -> QuerySet[Contract]:
    rows = Contract.objects.select_related("market", "calendar")
    return rows.annotate(customer_count=Count("customer"))


def _agreed(contracts: QuerySet[Contract] | list[Contract]) -> list[Agreed]:
    levels = list(ServiceLevel.objects.filter(is_active=True))
    return [
        Agreed(
            one,
            getattr(one, "customer_count"),  # noqa: B009 # of _contracts
            [level for level in levels if one.tier and one.tier in level.tiers],
        )
        for one in contracts
    ]
