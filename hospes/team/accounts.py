"""How allauth meets our people: nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from hospes.events.hints import tell_rights_changed


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # seats are given by an operator or the first-run page

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/"  # to work: nobody changes a password twice

    def logout(self, request: HttpRequest) -> None:
        agent_id = request.user.pk
        super().logout(request)
        if agent_id:
            tell_rights_changed(agent_id)

    def set_password(self, user: AbstractBaseUser, password: str) -> None:
        super().set_password(user, password)
        tell_rights_changed(user.pk)
