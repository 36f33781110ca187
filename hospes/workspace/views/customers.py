"""A customer: how to reach them and everything we talked about, as far as the reader may see it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from hospes.conversations.actions.describing import describe
from hospes.conversations.timeline import other_conversations
from hospes.lib.refusal import Refused
from hospes.people.models import Customer
from hospes.workspace.access import AgentRequest, agent_required
from hospes.workspace.forms.customer import CustomerForm
from hospes.workspace.frame import page

MAX_CONVERSATIONS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@agent_required
def show(request: AgentRequest, customer_id: int) -> HttpResponse:
    conversations = other_conversations(customer_id, agent=request.user, limit=MAX_CONVERSATIONS)
    if not conversations:
        raise Http404  # whoever may see none of the conversations does not know the customer
    customer = Customer.objects.select_related("market").get(pk=customer_id)
    form = CustomerForm(request.POST) if request.method == "POST" else CustomerForm.of(customer)
    if request.method == "POST" and form.is_valid():
        try:
            describe(customer, changes=form.cleaned_data, by=request.user, at=timezone.now())
        except Refused as refused:
            form.add_error(None, str(refused))
        else:
            messages.success(request, _("Saved."))
            return redirect("customer", customer_id=customer_id)
    values = {
        "customer": customer,
        "form": form,
        "identities": list(customer.identities.order_by("pk")),
        "conversations": conversations,
        "zone": customer.zone or (customer.market.zone if customer.market else ""),
    }
    return page(request, "workspace/customer.html", values)
