"""Who signs in, by mail address; one statement per request knows who asks and what the frame shows."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend
from django.db.models import OuterRef, Subquery

from hospes.brands.models import Site
from hospes.team.models import Agent


class AgentBackend(AuthenticationBackend):
    """allauth's sign-in by address, without Django's group permissions."""

    def get_user(self, user_id: Any) -> Agent | None:
        site = Site.objects.filter(pk=OuterRef("site_id"))
        return (
            Agent.objects.filter(pk=user_id, is_active=True)
            .select_related("hub")
            .annotate(sending_held_since=Subquery(site.values("sending_held_since")))
            .first()
        )
