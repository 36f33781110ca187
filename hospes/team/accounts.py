"""How allauth meets our people: nobody signs up by themselves."""

from __future__ import annotations

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False  # seats are given by an operator or the first-run page

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return "/"  # to work: nobody changes a password twice
