"""Notice that clocks of the world go by other rules than what is stored was counted by."""

from __future__ import annotations

from datetime import datetime

import structlog
from django.db import transaction

from hospes.events.recording import record
from hospes.markets.events import ZoneRulesChanged
from hospes.markets.models import ZoneRules
from hospes.markets.time_zones import InstalledRules

log = structlog.get_logger(__name__)


@transaction.atomic
def go_by_rules(installed: InstalledRules, *, at: datetime) -> bool:
    """Go by these rules from now on; return whether they are others than before. The first ones are no change."""
    version = installed.version[:16]
    given = {"version": version, "fingerprint": installed.fingerprint, "since": at}
    row, is_new = ZoneRules.objects.select_for_update().get_or_create(pk=1, defaults=given)
    if is_new or row.fingerprint == installed.fingerprint:
        return False
    record(ZoneRulesChanged(before=row.version, now=version), at=at)
    log.info("time zones: other rules", before=row.version, now=version)
    row.version, row.fingerprint, row.since = version, installed.fingerprint, at
    row.save()
    return True
