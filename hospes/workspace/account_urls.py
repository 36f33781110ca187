"""Addresses of django-allauth that lead nowhere here: nobody signs up or gets a password by mail.

They stand before allauth's own, which still need their names.
"""

from __future__ import annotations

from django.urls import URLPattern, path, re_path

from hospes.workspace.views.entering import closed

urlpatterns: list[URLPattern] = [
    path("signup/", closed),
    path("email/", closed),
    re_path(r"^confirm-email/", closed),
    re_path(r"^password/reset/", closed),
    re_path(r"^login/code/", closed),
]
