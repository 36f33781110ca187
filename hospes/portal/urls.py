"""Addresses that customers open."""

from __future__ import annotations

from django.urls import path

from hospes.portal import views

urlpatterns = [path("contact/<int:brand_id>/", views.contact, name="contact")]
