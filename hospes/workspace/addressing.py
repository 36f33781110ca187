"""Addresses of the pages that a timeline names again and again: Django takes its time over each."""

from __future__ import annotations

from functools import cache

from django.urls import reverse


def address_of(name: str, number: int) -> str:
    """Return the address of what has a number."""
    return _pattern(name).format(number)


@cache
def _pattern(name: str) -> str:
    return reverse(name, args=[0]).replace("/0/", "/{}/")
