"""Make sure that a desk nobody has set up yet works already."""

from __future__ import annotations

from django.db import connection, transaction

from hospes.brands.models import Brand, Site
from hospes.channels.models import Channel
from hospes.conversations.models import Queue
from hospes.lib.locks import Lock


@transaction.atomic
def found_first_desk() -> Channel | None:
    """Make one site, one brand, one queue and one catch-all mail channel where there is no brand.

    Returns the channel made, or None when a desk was there already.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [Lock.FIRST_DESK])
    site, _ = Site.objects.get_or_create(pk=1)
    if Brand.objects.exists():
        return None
    brand = Brand.objects.create(site=site, name="Hospes")
    Queue.objects.create(brand=brand, name="Hospes")
    return Channel.objects.create(brand=brand, name="Hospes", is_catch_all=True)
