"""Send nothing more to an address that mail came back from, until there is reason to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import F

from hospes.people.models import Identity

HARD_BOUNCES = 2  # one may be a mistake of a mail server


def count_hard_bounces(identity_ids: Iterable[int], *, at: datetime) -> None:
    """Note that letters to these came back for good; the second one suppresses. Two statements."""
    returned = Identity.objects.filter(pk__in=set(identity_ids))
    returned.update(hard_bounces=F("hard_bounces") + 1)
    suppressed = returned.filter(hard_bounces__gte=HARD_BOUNCES, suppressed_at=None)
    suppressed.update(suppressed_at=at)


def try_again(identity_id: int) -> None:
    """Let mail go to this address once more; the next letter that comes back suppresses it again."""
    Identity.objects.filter(pk=identity_id, suppressed_at__isnull=False).update(
        suppressed_at=None, hard_bounces=HARD_BOUNCES - 1
    )
