"""Say how a brand presents itself, and that a desk is set up."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext_lazy as _

from hospes.brands.models import Brand, Site
from hospes.lib.refusal import Refused


def present_brand(
    brand: Brand, *, name: str, language: str, signature: str, shows_contact: bool | None = None
) -> Brand:
    """Change what customers see of a brand. Raises Refused when the name is empty or taken.

    shows_contact: anybody may open its contact page; None: as before.
    """
    name = name.strip()
    if not name:
        raise Refused(_("Give the brand a name."), code="no_name")
    if Brand.objects.filter(site=brand.site, name=name).exclude(pk=brand.pk).exists():
        raise Refused(_("Another brand has this name."), code="name_taken")
    brand.name, brand.language, brand.signature = name, language, signature.strip()
    if shows_contact is not None:
        brand.shows_contact = shows_contact
    brand.save(update_fields=["name", "language", "signature", "shows_contact"])
    return brand


def finish_set_up(*, at: datetime) -> None:
    """Note that somebody went through set-up; the page is closed from then on."""
    Site.objects.filter(pk=1, set_up_at=None).update(set_up_at=at)
