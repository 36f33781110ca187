"""Customers, and the ways to reach them."""

from __future__ import annotations

import re
from typing import Annotated, Any

from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone
from ninja import Query, Router

from hospes.api import access
from hospes.api.answers import answer, answer_page
from hospes.api.bearer import ApiRequest, Bearer
from hospes.api.fields import Line, Part
from hospes.api.paging import USUAL_LIMIT, Cursor, Limit, numbered
from hospes.api.schemas.people import (
    CustomerChanged,
    CustomerGiven,
    CustomerPage,
    CustomerTold,
    IdentityGiven,
    IdentityTold,
)  # fmt: skip
from hospes.conversations.actions import describing
from hospes.people.actions.adding import add_customer, add_identity
from hospes.people.models import Customer

router = Router(tags=["customers"])
DIGITS = re.compile(r"\d")
FEWEST_DIGITS = 5  # of what can be called
READ, WRITE = Bearer("customers:read"), Bearer("customers:write")


@router.get("", response=CustomerPage, auth=READ, operation_id="list_customers")
def index(
    request: ApiRequest,
    q: Annotated[
        Part | None,
        Query(
            description="Part of a name or of an address: two characters at least, or one sign of Chinese, Japanese or Korean"
        ),
    ] = None,
    address: Annotated[Line | None, Query(description="Exactly this mail address")] = None,
    limit: Limit = USUAL_LIMIT,
    cursor: Cursor = None,
) -> HttpResponse:
    """List the customers of conversations this token may see, newest first."""
    of = f"customers {q!r} {address!r}"
    rows = access.customers(request)
    if q is not None:
        rows = rows.filter(access.named(q))
    if address is not None:
        rows = rows.filter(access.reached_at(address))
    found, following = numbered(rows, cursor, of=of, limit=limit, newest_first=True)
    items = [CustomerTold.of(row) for row in found]
    return answer_page(request, CustomerPage(items=items, next_cursor=following))


@router.post("", response={201: CustomerTold}, auth=WRITE, operation_id="add_customer")
def add(request: ApiRequest, body: CustomerGiven) -> HttpResponse:
    """Add a customer. For operators: nobody else could see one without a conversation."""
    access.operators_only(request)
    given = body.model_dump(exclude_unset=True, exclude={"display_name", "addresses", "language"})
    with transaction.atomic():
        made = add_customer(
            display_name=body.display_name,
            addresses=body.addresses,
            language=body.language or "",
            at=timezone.now(),
        )
        _describe(request, made, given)
    return answer(CustomerTold.of(access.customer(request, made.pk)), status=201)


@router.get("/{int:customer_id}", response=CustomerTold, auth=READ, operation_id="get_customer")
def show(request: ApiRequest, customer_id: int) -> HttpResponse:
    """One customer."""
    return answer(CustomerTold.of(access.customer(request, customer_id)))


@router.patch(
    "/{int:customer_id}", response=CustomerTold, auth=WRITE, operation_id="change_customer"
)
def change(request: ApiRequest, customer_id: int, body: CustomerChanged) -> HttpResponse:
    """Change what is known of a customer; fields that are not named stay."""
    one = access.customer(request, customer_id)
    with transaction.atomic():
        _describe(request, one, body.model_dump(exclude_unset=True))
    return answer(CustomerTold.of(access.customer(request, customer_id)))


@router.post(
    "/{int:customer_id}/identities", response={201: IdentityTold}, auth=WRITE,
    operation_id="add_identity",
)  # fmt: skip
def identity(request: ApiRequest, customer_id: int, body: IdentityGiven) -> HttpResponse:
    """Add a claimed mail address or phone number. For operators: it may be another customer's."""
    one = access.customer(request, customer_id)
    access.operators_only(request)
    if "@" not in body.address and len(DIGITS.findall(body.address)) >= FEWEST_DIGITS:
        by = request.auth.agent
        made = describing.add_number(one, number=body.address, by=by, at=timezone.now())
        return answer(IdentityTold.of(made), status=201)
    return answer(IdentityTold.of(add_identity(one, address=body.address)), status=201)


def _describe(request: ApiRequest, one: Customer, given: dict[str, Any]) -> None:
    by, at = request.auth.agent, timezone.now()
    if "postal_address" in given:
        describing.place(one, address=given.pop("postal_address"), by=by, at=at)
    if "contract_id" in given:
        number = given.pop("contract_id")
        given["contract"] = str(number) if number is not None else None
    describing.describe(one, changes=given, by=by, at=at)
