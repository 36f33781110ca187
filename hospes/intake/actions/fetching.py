"""Keep what was fetched, and how far we are: in one transaction, so that neither is ever without the other."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest

from hospes.channels.models import Channel, IncomingServer
from hospes.channels.routing import Routes
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.fetching.recipients import (
    after_headers,
    message_id_of,
    recipient_of,
    sender_of,
)  # fmt: skip
from hospes.intake.models import FetchedFolder, FetchedUid, FetchState, KnownMail
from hospes.lib.crash_points import crash_here

CHUNK = 5_000


@dataclass(frozen=True)
class Place:
    """A folder as it stood when it was opened: numbers mean nothing outside of it."""

    folder_id: int
    uidvalidity: int


class Renumbered(Exception):
    """The folder got new numbers meanwhile: what was fetched under the old ones is fetched again."""


@transaction.atomic
def follow_folder(
    server: IncomingServer, name: str, *, uidvalidity: int, highest_uid: int, at: datetime
) -> FetchedFolder:
    """Return how far we are in a folder; with new numbers we begin anew, and know its mails by content.

    highest_uid: the highest number there is now. What has a higher one came after us.
    """
    folder, is_new = FetchedFolder.objects.select_for_update().get_or_create(
        server=server,
        name=name,
        defaults={
            "uidvalidity": uidvalidity,
            "baseline_uid": highest_uid,
            # Another folder of the same mailbox, or one that was renamed: its mails may be known.
            "is_known_by_content": KnownMail.objects.filter(channel=server.channel_id).exists(),
            "reconciled_at": at,
        },
    )
    if not is_new and folder.uidvalidity != uidvalidity:
        folder.uids.all().delete()
        folder.uidvalidity, folder.baseline_uid, folder.last_uid = uidvalidity, highest_uid, 0
        folder.is_known_by_content, folder.reconciled_at = True, at
        folder.save()
    return folder


@transaction.atomic
def store_fetched(
    mails: Mapping[int, bytes],
    *,
    place: Place,
    server: IncomingServer,
    routes: Routes,
    at: datetime,
) -> int:
    """Store mails by their numbers, remember the numbers, and return how many were new to us.

    Raises Renumbered.
    """
    folder, mailbox = _locked(place), server.channel
    digests = {uid: _digest(body) for uid, body in mails.items()}
    fresh = _unknown(mails, digests, folder, mailbox)
    bodies = {digests[uid]: mails[uid] for uid in fresh}
    deliveries = [_delivery(body, mailbox, routes) for body in bodies.values()]
    raw_ids = store_all(deliveries, at=at)
    KnownMail.objects.bulk_create(
        [
            KnownMail(channel=mailbox, digest=digest, content_digest=_content(body), raw_id=raw_id)
            for (digest, body), raw_id in zip(bodies.items(), raw_ids, strict=True)
        ],
        ignore_conflicts=True,
    )
    _remember(folder, mails, is_settled=server.afterwards == IncomingServer.Afterwards.LEAVE)
    if fresh:
        FetchState.objects.filter(server_id=folder.server_id).update(last_mail_at=at)
    crash_here("fetching.before_commit")
    return len(bodies)


@transaction.atomic
def pass_over(uids: Collection[int], *, place: Place, problem: str = "") -> None:
    """Be done with numbers whose mails we do not have; an empty problem: they are gone from the server.

    Raises Renumbered.
    """
    _remember(_locked(place), uids, problem=problem)


def settle(uids: Collection[int], *, place: Place) -> None:
    """Remember that what becomes of these mails on the server is done."""
    FetchedUid.objects.filter(folder_id=place.folder_id, uid__in=uids).update(is_settled=True)


def to_settle(place: Place, *, limit: int) -> list[int]:
    """Return numbers of mails that we have and the server does not know yet that we have them."""
    rows = FetchedUid.objects.filter(folder_id=place.folder_id, is_settled=False).order_by("uid")
    return list(rows.values_list("uid", flat=True)[:limit])


def missing_of(uids: Sequence[int], place: Place) -> list[int]:
    """Return which of these numbers, which come in order, we are not done with."""
    if not uids:
        return []
    done = FetchedUid.objects.filter(folder_id=place.folder_id, uid__range=(uids[0], uids[-1]))
    known = set(done.values_list("uid", flat=True))
    return [uid for uid in uids if uid not in known]


def reconcile(uids: Collection[int], *, place: Place, at: datetime) -> None:
    """Remember that the whole folder was compared: what is gone from it needs no remembering.

    What we could not have is tried anew.
    """
    rows = FetchedUid.objects.filter(folder_id=place.folder_id, is_settled=True)
    gone = sorted(set(rows.values_list("uid", flat=True)) - set(uids))
    for start in range(0, len(gone), CHUNK):
        rows.filter(uid__in=gone[start : start + CHUNK]).delete()
    rows.exclude(problem="").delete()
    FetchedFolder.objects.filter(pk=place.folder_id).update(reconciled_at=at)


def _locked(place: Place) -> FetchedFolder:
    folder = FetchedFolder.objects.select_for_update().filter(pk=place.folder_id).first()
    if folder is None or folder.uidvalidity != place.uidvalidity:
        raise Renumbered
    return folder


def _unknown(
    mails: Mapping[int, bytes],
    digests: Mapping[int, bytes],
    folder: FetchedFolder,
    mailbox: Channel,
) -> list[int]:
    known = _known("digest", digests.values(), mailbox)
    fresh = [uid for uid in mails if digests[uid] not in known]
    if not folder.is_known_by_content or not fresh:
        return fresh
    # The same mails under new numbers: a server that moved them may have touched their headers.
    contents = {uid: _content(mails[uid]) for uid in fresh if uid <= folder.baseline_uid}
    known = _known("content_digest", contents.values(), mailbox)
    return [uid for uid in fresh if contents.get(uid) not in known]


def _known(field: str, digests: Collection[bytes], mailbox: Channel) -> set[bytes]:
    rows = KnownMail.objects.filter(channel=mailbox, **{f"{field}__in": list(digests)})
    return {bytes(one) for one in rows.values_list(field, flat=True)}


def _remember(
    folder: FetchedFolder, uids: Collection[int], *, problem: str = "", is_settled: bool = True
) -> None:
    FetchedUid.objects.bulk_create(
        [
            FetchedUid(folder=folder, uid=uid, problem=problem, is_settled=is_settled)
            for uid in uids
        ],
        ignore_conflicts=True,
    )
    FetchedFolder.objects.filter(pk=folder.pk).update(
        last_uid=Greatest(F("last_uid"), Value(max(uids, default=0)))
    )


def _delivery(body: bytes, mailbox: Channel, routes: Routes) -> Delivery:
    channel, address = recipient_of(body, mailbox, routes)
    return Delivery(channel.pk, body, sender_of(body), address)


def _digest(body: bytes) -> bytes:
    return hashlib.sha256(body).digest()


def _content(body: bytes) -> bytes:
    """What stays the same of a mail without Message-ID is its bytes alone: it is known by nothing less."""
    message_id = message_id_of(body)
    return _digest(message_id + b"\0" + after_headers(body)) if message_id else _digest(body)
