"""A customer: how to reach them and everything we talked about, as far as the reader may see it."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from hospes.conversations.timeline import other_conversations
from hospes.people.models import Customer
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.frame import page

MAX_CONVERSATIONS = 100


@require_safe
@agent_required
def show(request: AgentRequest, customer_id: int) -> HttpResponse:
    conversations = other_conversations(customer_id, agent=request.user, limit=MAX_CONVERSATIONS)
    if not conversations:
        raise Http404  # whoever may see none of the conversations does not know the customer
    customer = Customer.objects.select_related("market").get(pk=customer_id)
    values = {
        "customer": customer,
        "identities": list(customer.identities.order_by("pk")),
        "conversations": conversations,
        "zone": customer.zone or (customer.market.zone if customer.market else ""),
    }
    return page(request, "workspace/customer.html", values)
