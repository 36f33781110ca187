"""Store files that the disk did not take when their mail came in: they are still in the mail as it came."""

from __future__ import annotations

from datetime import datetime

import structlog

from hospes.channels.contract import Unreadable
from hospes.conversations.models import Attachment
from hospes.files import store
from hospes.intake.actions.understanding import Parser
from hospes.intake.models import Raw

LIMIT = 50

log = structlog.get_logger(__name__)


def store_missing_files(*, parser: Parser, at: datetime) -> int:
    """Store what can be stored now, the longest missing first, and return how much that was."""
    missing = Attachment.objects.exclude(missing_since=None).select_related("message")
    count, contents = 0, dict[int, dict[str, bytes]]()
    for one in missing.order_by("missing_since", "pk")[:LIMIT]:
        raw_id = one.message.raw_id or 0
        if raw_id not in contents:
            contents = {raw_id: _files_of(raw_id, parser)}  # one mail at a time: they may be large
        content = contents[raw_id].get(one.sha256)
        if content is None:  # read otherwise by now; others go first next time
            log.error("filing: not in its mail any more", attachment=one.pk)
            Attachment.objects.filter(pk=one.pk).update(missing_since=at)
            continue
        try:
            store.put(content)
        except OSError:
            break  # there is still no room
        Attachment.objects.filter(pk=one.pk).update(missing_since=None)
        count += 1
    return count


def _files_of(raw_id: int, parser: Parser) -> dict[str, bytes]:
    """Return what came with a mail, by its SHA-256."""
    raw = Raw.objects.filter(pk=raw_id).first()
    if raw is None:
        return {}
    (read,) = parser.parse_all([bytes(raw.body)])
    if isinstance(read, Unreadable):
        return {}
    return {file.sha256: file.content for file in read.files}
