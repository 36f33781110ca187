"""Contracts: what was agreed with customers."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils import timezone
from ninja import Router

from hospes.api import access
from hospes.api.answers import answer, answer_page
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.problems import no_such_row
from hospes.api.schemas.agreeing import (
    ContractGiven,
    ContractPage,
    ContractPatched,
    ContractTold,
)
from hospes.people.actions.agreeing import Terms, change_contract, end_contract, make_contract
from hospes.people.models import Contract

router = Router(tags=["contracts"])
READ, WRITE = Bearer("settings:read"), Bearer("settings:write")


@router.get("", response=ContractPage, auth=READ, operation_id="list_contracts")
def index(request: ApiRequest, limit: Limit = USUAL_LIMIT, cursor: Cursor = None) -> HttpResponse:
    """Contracts of customers this token may see; all of them for an operator."""
    rows, following = numbered(access.contracts(request), cursor, of="contracts", limit=limit)
    items = [ContractTold.of(row) for row in rows]
    return answer_page(request, ContractPage(items=items, next_cursor=following))


@router.post("", response={201: ContractTold}, auth=WRITE, operation_id="make_contract")
def make(request: ApiRequest, body: ContractGiven) -> HttpResponse:
    """Make a contract. For operators."""
    access.operators_only(request)
    terms = _terms(request, body.model_dump())
    made = make_contract(terms, by_id=request.auth.agent_id, at=timezone.now())
    return answer(ContractTold.of(made), status=201)


@router.get("/{int:contract_id}", response=ContractTold, auth=READ, operation_id="get_contract")
def show(request: ApiRequest, contract_id: int) -> HttpResponse:
    """One contract."""
    return answer(ContractTold.of(access.contract(request, contract_id)))


@router.patch(
    "/{int:contract_id}", response=ContractTold, auth=WRITE, operation_id="change_contract"
)
def change(request: ApiRequest, contract_id: int, body: ContractPatched) -> HttpResponse:
    """Change a contract; fields that are not named stay. For operators."""
    one = access.contract(request, contract_id)
    access.operators_only(request)
    terms = _terms(request, {**_as_it_is(one), **body.model_dump(exclude_unset=True)})
    changed = change_contract(one, terms, by_id=request.auth.agent_id, at=timezone.now())
    return answer(ContractTold.of(changed))


@router.post(
    "/{int:contract_id}/end", response=ContractTold, auth=WRITE, operation_id="end_contract"
)
def end(request: ApiRequest, contract_id: int) -> HttpResponse:
    """End it: for its customers nothing of it counts any more. For operators; it cannot be taken back."""
    one = access.contract(request, contract_id)
    access.operators_only(request)
    ended = end_contract(one, by_id=request.auth.agent_id, at=timezone.now())
    return answer(ContractTold.of(ended))


def _as_it_is(one: Contract) -> dict[str, Any]:
    market = one.market.code if one.market else None
    return {"name": one.name, "tier": one.tier, "market": market, "calendar_id": one.calendar_id}


def _terms(request: ApiRequest, given: dict[str, Any]) -> Terms:
    """Return the terms; raises Problem (422) for a market or calendar there is none of."""
    market = calendar = None
    if given["market"]:
        market = access.market(given["market"])
        if market is None:
            raise no_such_row("market")
    if given["calendar_id"] is not None:
        calendar = access.calendars(request).filter(pk=given["calendar_id"]).first()
        if calendar is None:
            raise no_such_row("calendar_id")
    return Terms(given["name"], given["tier"], market, calendar)
