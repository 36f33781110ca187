"""Who signs in, by mail address; one statement per request knows who asks and what they may see."""

from __future__ import annotations

from typing import Any

from allauth.account.auth_backends import AuthenticationBackend

from hospes.team.models import Agent


class AgentBackend(AuthenticationBackend):
    """allauth's sign-in by address, without Django's group permissions."""

    def get_user(self, user_id: Any) -> Agent | None:
        return Agent.objects.filter(pk=user_id, is_active=True).select_related("hub").first()
