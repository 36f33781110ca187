"""The life of one mailbox: connect, take what is new, wait for more; and come again after whatever went wrong."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError
from django.utils import timezone

from hospes.channels.email.imap import ImapTalk
from hospes.channels.email.imap_faults import ImapFailed
from hospes.channels.fetching import open_mailbox
from hospes.channels.models import IncomingServer
from hospes.channels.signing_in import Ask, access_token
from hospes.intake.actions import fetching
from hospes.intake.actions.fetching import Place, Renumbered
from hospes.intake.fetching import store
from hospes.intake.fetching.store import Store
from hospes.intake.models import FetchedFolder, FetchedUid
from hospes.lib.crash_points import crash_here
from hospes.lib.turns import Turns

BATCH, BATCH_BYTES = 50, 2**20  # what a mailbox may have in memory without waiting for a turn
SETTLE_BATCH = 200
TRIES = 4  # for a mail that the server does not hand over
RECONCILE_AFTER = timedelta(days=1)
EARLIER = timedelta(days=2)  # a server's day may be another one than ours
SLEPT_SECONDS = 20.0  # the clock went on without us: the machine slept
STEADY_SECONDS = 60.0  # whoever was connected for so long is connected again at once
# Seconds until the next try: at first, and at most. A server that refuses us must not be worn out.
PAUSES = dict.fromkeys(("sign_in", "app_password", "token", "client"), (60, 900))
PAUSE = (2, 300)
NO_ROOM_SECONDS = 0.5

Problem = FetchedUid.Problem
LARGE = Turns(2)  # for mails that are larger than a batch

log = structlog.get_logger(__name__)


@dataclass
class Mailbox:
    """Fetches from one server until it is told to stop, in a thread of its own."""

    server: IncomingServer
    store: Store
    stop: threading.Event = field(default_factory=threading.Event)
    _tries: dict[tuple[Place, int], int] = field(default_factory=dict)
    _failures: int = 0

    def run(self) -> None:
        """Come again and again, until `stop` is set; nothing that goes wrong ends it."""
        while not self.stop.is_set():
            began = time.monotonic()
            kind = self._come()
            if time.monotonic() - began > STEADY_SECONDS:
                self._failures = 0
            self._failures += 1
            self.stop.wait(self._pause(kind))

    @property
    def _ask(self) -> Ask:
        return self.store.ask

    def _come(self) -> str:
        """Be connected for as long as it lasts; return why it ended."""
        try:
            self._stay_connected()
        except ImapFailed as failure:
            return self._note_failure(failure.kind, failure.words)
        except IncomingServer.DoesNotExist:
            self.stop.set()
        except (DatabaseFault, Renumbered) as error:
            log.warning(
                "fetching: starting again", server=self.server.pk, error=type(error).__name__
            )
            return "database"
        except Exception:  # one mailbox must not end the others
            if self.stop.is_set():
                return ""  # what it asks may be closed already
            log.exception("fetching: failed", server=self.server.pk)
            return self._note_failure("broken", "")
        return ""

    def _note_failure(self, kind: str, words: str) -> str:
        if self.stop.is_set():
            return ""  # nobody waits for it, and there may be nobody left to note it
        log.info("fetching: failed", server=self.server.pk, kind=kind)
        try:
            self._ask(store.note_failure, self.server.pk, kind, words, timezone.now())
        except DatabaseFault:
            return "database"
        return kind

    def _pause(self, kind: str) -> float:
        """Seconds until the next try: longer each time, and never the same for all."""
        if not kind:
            return 0.0
        least, most = PAUSES.get(kind, PAUSE)
        doubled = least * 2.0 ** min(self._failures - 1, 12)
        return min(doubled, most) * random.uniform(0.7, 1.3)  # noqa: S311

    def _stay_connected(self) -> None:
        self.server = self._ask(store.server_now, self.server.pk)
        with open_mailbox(self.server, ask=self.store.ask) as talk:
            self._ask(
                store.note_connected,
                self.server.pk,
                timezone.now(),
                talk.certificate_expires_at,
                talk.has_idle,
            )
            while not self.stop.is_set() and self._look(talk):
                self._wait(talk)

    def _look(self, talk: ImapTalk) -> bool:
        """Take what is new in all folders, the one we wait at last; False: we are to stop."""
        failure = self._renew()
        for name in reversed(self.server.folders):
            try:
                self._empty(talk, name)
            except ImapFailed as error:
                if error.kind != "folder":
                    raise
                failure = error  # it was renamed, perhaps: the others go on
            if self.stop.is_set():
                return False
        if failure is None:
            self._ask(store.note_looked, self.server.pk, timezone.now())
        else:
            self._note_failure(failure.kind, failure.words)
        return True

    def _renew(self) -> ImapFailed | None:
        """Renew the token before it ends; return why that is not possible, long before it hurts."""
        if not self.server.has_password:
            try:
                access_token(self.server, ask=self.store.ask)
            except ImapFailed as failure:
                return failure if failure.kind in {"token", "client"} else None
        return None

    def _empty(self, talk: ImapTalk, name: str) -> None:
        """Take all that is new in one folder."""
        folder, wanted = self._wanted(talk, name)
        place = Place(folder.pk, folder.uidvalidity)
        self._ask(store.note_backlog, self.server.pk, len(wanted))
        for group in _groups(talk, wanted):
            if not self._has_room():
                return
            self._take(talk, place, group)
            self._settle(talk, place)
        self._settle(talk, place)

    def _wanted(self, talk: ImapTalk, name: str) -> tuple[FetchedFolder, list[int]]:
        """Open a folder and return the numbers in it that we are not done with, oldest first."""
        opened, now = talk.open(name), timezone.now()
        highest = opened.uidnext - 1 if opened.uidnext else max(talk.uids(), default=0)
        folder = self._ask(
            fetching.follow_folder,
            self.server,
            name,
            uidvalidity=opened.uidvalidity,
            highest_uid=highest,
            at=now,
        )
        place, since = Place(folder.pk, folder.uidvalidity), self.server.since
        later = talk.uids(above=max(folder.last_uid, folder.baseline_uid), since=since - EARLIER)
        if now - folder.reconciled_at > RECONCILE_AFTER:
            later += talk.uids(above=folder.baseline_uid, since=since - EARLIER)
            self._ask(fetching.reconcile, talk.uids(), place=place, at=now)
            later += talk.uids(since=since)
        elif folder.last_uid < folder.baseline_uid:
            later += talk.uids(above=folder.last_uid, since=since)
        again = [uid for where, uid in self._tries if where == place]
        uids = sorted({*later, *again})
        return folder, self._ask(fetching.missing_of, uids, place)

    def _has_room(self) -> bool:
        """Wait until what came in before is understood, so that others need not wait behind all of ours."""
        while not self.stop.is_set():
            hindrance = self._ask(store.hindrance)
            if not hindrance:
                return True
            if hindrance == "disk":
                raise ImapFailed("disk")
            self.stop.wait(NO_ROOM_SECONDS)
        return False

    def _take(self, talk: ImapTalk, place: Place, group: Mapping[int, int]) -> None:
        limit = settings.MAIL_SIZE_LIMIT_BYTES
        large = [uid for uid, size in group.items() if size > limit]
        if large:
            self._ask(fetching.pass_over, large, place=place, problem=Problem.TOO_LARGE)
        rest = {uid: size for uid, size in group.items() if size <= limit}
        with LARGE.turn() if sum(rest.values()) > BATCH_BYTES else nullcontext():
            if self._tries.keys() & {(place, uid) for uid in rest}:
                for uid, size in rest.items():  # which of them is it?
                    self._fetch(talk, place, {uid: size})
            elif rest:
                self._fetch(talk, place, rest)

    def _fetch(self, talk: ImapTalk, place: Place, group: Mapping[int, int]) -> None:
        """Fetch a group and store it; what the server does not hand over is tried again, and passed over."""
        size, limit = sum(group.values()), settings.MAIL_SIZE_LIMIT_BYTES
        try:
            mails = talk.fetch(list(group), size_bytes=size, limit_bytes=max(size * 2, limit))
        except ImapFailed as failure:
            if failure.kind != "busy":
                self._count_try(list(group), place)
            raise
        crash_here("fetching.fetched")
        if mails:
            self._keep(mails, place)
        for uid in mails:
            self._tries.pop((place, uid), None)
        missing = sorted(group.keys() - mails.keys())
        if missing:
            self._doubt(talk, missing, place)

    def _keep(self, mails: Mapping[int, bytes], place: Place) -> None:
        now, routes = timezone.now(), self._ask(store.routes)
        try:
            self._ask(
                fetching.store_fetched,
                mails,
                place=place,
                server=self.server,
                routes=routes,
                at=now,
            )
        except (OperationalError, InterfaceError, Renumbered):
            raise
        except Exception:  # one of them cannot be stored: it must not stop the others for ever
            self._count_try(list(mails), place)
            raise
        crash_here("fetching.after_commit")

    def _doubt(self, talk: ImapTalk, uids: Sequence[int], place: Place) -> None:
        """The server did not hand these over: they went meanwhile, or it cannot."""
        there = set(talk.uids(above=uids[0] - 1))
        gone = [uid for uid in uids if uid not in there]
        if gone:
            self._ask(fetching.pass_over, gone, place=place)
        for uid in uids:
            if uid in there:
                self._count_try([uid], place)

    def _count_try(self, uids: Sequence[int], place: Place) -> None:
        """Remember what we were at when it failed; what fails alone, and often, is passed over."""
        for uid in uids:
            tries = self._tries.get((place, uid), 0) + (1 if len(uids) == 1 else 0)
            self._tries[place, uid] = tries
            if tries >= TRIES:
                self._ask(fetching.pass_over, [uid], place=place, problem=Problem.NOT_GIVEN)
                del self._tries[place, uid]

    def _settle(self, talk: ImapTalk, place: Place) -> None:
        """Let become of mails on the server what the operator wants, and remember that."""
        while uids := self._ask(fetching.to_settle, place, limit=SETTLE_BATCH):
            crash_here("fetching.before_settling")
            match self.server.afterwards:
                case IncomingServer.Afterwards.SEEN:
                    talk.mark_seen(uids)
                case IncomingServer.Afterwards.MOVE:
                    talk.move(uids, self.server.move_to)
                case IncomingServer.Afterwards.DELETE:
                    talk.delete(uids)
            crash_here("fetching.after_settling")
            self._ask(fetching.settle, uids, place=place)

    def _wait(self, talk: ImapTalk) -> None:
        """Wait until there may be more: the server tells, or it is time to look all the same."""
        seconds = settings.IMAP_POLL_SECONDS * random.uniform(0.9, 1.1)  # noqa: S311
        ahead = time.time() - time.monotonic()

        def is_over() -> bool:
            return self.stop.is_set() or time.time() - time.monotonic() > ahead + SLEPT_SECONDS

        if talk.has_idle:
            talk.wait(seconds, is_over=is_over)
        else:
            self.stop.wait(seconds)


def _groups(talk: ImapTalk, uids: Sequence[int]) -> Iterator[dict[int, int]]:
    """The mails in groups that fit into memory: their sizes by their numbers, 0 where the server has none."""
    for start in range(0, len(uids), BATCH):
        part = uids[start : start + BATCH]
        sizes = talk.sizes(part)
        group: dict[int, int] = {}
        for uid in part:
            size = sizes.get(uid, 0)
            if group and sum(group.values()) + size > BATCH_BYTES:
                yield group
                group = {}
            group[uid] = size
        yield group
