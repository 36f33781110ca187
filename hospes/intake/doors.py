"""The doors mail comes in by: SMTP and LMTP. What is answered with 250 is stored and synced.

The receiver knows nothing of what a mail says; a hostile one is stored like any other.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from hospes.channels.routing import Routes, current_routes
from hospes.intake import room
from hospes.intake.actions.storing import Delivery, store_all
from hospes.lib.crash_points import crash_here

IDENTITY = "Hospes"
IDLE_SECONDS = 120.0
FRESH_SECONDS = 2.0  # how old the list of our addresses may be
DISK_CHECK_SECONDS = 1.0
MAX_GROUP = 200
MAX_RECIPIENTS = 100

UNKNOWN = "550 5.1.1 Nobody here goes by this address."
TOO_MANY = "452 4.5.3 Too many recipients. Send the others in a mail of their own."
DISK_FULL = "452 4.3.1 There is no room for mail now. Try again later."
NOT_STORED = "451 4.3.0 It could not be stored. Try again later."
STORED = "250 2.0.0 Stored."

log = structlog.get_logger(__name__)


class Store:
    """Commits what arrives in groups: whatever gathers while the last commit runs."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Delivery, asyncio.Future[None]]] = []
        self._is_busy = False
        self._writing: asyncio.Task[None] | None = None  # held, or it could be collected
        self._writer = ThreadPoolExecutor(1, "store")  # one thread, so one database connection

    async def put(self, deliveries: list[Delivery]) -> None:
        """Return when all of them are stored. Raises DatabaseError or OSError when they are not."""
        loop = asyncio.get_running_loop()
        futures = [loop.create_future() for _ in deliveries]
        self._waiting += zip(deliveries, futures, strict=True)
        if not self._is_busy:
            self._is_busy = True
            self._writing = loop.create_task(self._write_all())
        for outcome in await asyncio.gather(*futures, return_exceptions=True):
            if isinstance(outcome, BaseException):
                raise outcome

    async def ask(self, question: Any) -> Any:
        """Run something that needs the database, on its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, question)

    async def _write_all(self) -> None:
        while self._waiting:
            group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
            error = await self.ask(lambda group=group: _commit([one for one, _ in group]))
            for _, future in group:
                if future.cancelled():
                    continue
                if error is None:
                    future.set_result(None)
                else:
                    future.set_exception(error)
        self._is_busy = False


def _commit(deliveries: list[Delivery]) -> Exception | None:
    """Store a group in one transaction; if it fails, each alone, so that one spoils no other."""
    try:
        crash_here("doors.before_commit")
        with transaction.atomic():
            store_all(deliveries, at=timezone.now())
        crash_here("doors.after_commit")
    except (DatabaseError, ValueError) as error:
        connection.close_if_unusable_or_obsolete()
        return error
    return None


@dataclass
class Door:
    """What aiosmtpd asks when somebody brings mail; one for all connections of a protocol."""

    store: Store
    per_recipient: bool  # LMTP answers for each recipient
    routes: Routes | None = None
    _asked_at: float = 0.0
    _disk: tuple[float, bool] = field(default=(0.0, False))

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self._is_disk_full():
            return DISK_FULL
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if len(envelope.rcpt_tos) >= MAX_RECIPIENTS:
            return TOO_MANY
        try:
            routes = await self._current()
        except DatabaseError:
            return NOT_STORED
        if routes.find(address) is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await self._stored(envelope)
        count = len(envelope.rcpt_tos) if self.per_recipient else 1
        return "\r\n".join([answer] * count)

    async def handle_exception(self, error: Exception) -> str:
        log.error("door", exc_info=error)  # aiosmtpd hands it over
        return NOT_STORED

    async def _stored(self, envelope: Envelope) -> str:
        if self._is_disk_full():
            return DISK_FULL
        routes = await self._current()
        body = envelope.original_content or envelope.content or b""
        body = body if isinstance(body, bytes) else body.encode("utf-8", "surrogateescape")
        by_channel: dict[tuple[int, str], Delivery] = {}
        for recipient in envelope.rcpt_tos:
            channel = routes.find(recipient)
            if channel is None:
                continue
            delivery = Delivery(channel.pk, body, envelope.mail_from or "", recipient)
            by_channel.setdefault((channel.pk, recipient.lower()), delivery)
        try:
            await self.store.put(list(by_channel.values()))
        except (DatabaseError, OSError, ValueError) as error:
            log.warning("door: not stored", error=type(error).__name__)
            return NOT_STORED
        return STORED

    async def _current(self) -> Routes:
        if self.routes is None or time.monotonic() - self._asked_at > FRESH_SECONDS:
            self.routes = await self.store.ask(_ask_routes)
            self._asked_at = time.monotonic()
        return self.routes

    def _is_disk_full(self) -> bool:
        checked_at, is_full = self._disk
        if time.monotonic() - checked_at > DISK_CHECK_SECONDS:
            is_full = room.is_short()
            self._disk = (time.monotonic(), is_full)
        return is_full


def _ask_routes() -> Routes:
    try:
        return current_routes()
    except DatabaseError:
        connection.close_if_unusable_or_obsolete()
        raise


def serve_doors(
    *, smtp: socket.socket | None, lmtp: socket.socket | None, stop: threading.Event
) -> None:
    """Take mail on these listening sockets until `stop` is set; None keeps that door shut."""
    asyncio.run(_serve(smtp, lmtp, stop))


async def _serve(
    smtp: socket.socket | None, lmtp: socket.socket | None, stop: threading.Event
) -> None:
    loop = asyncio.get_running_loop()
    store = Store()
    servers = []
    if smtp is not None:
        door = Door(store, per_recipient=False)
        servers.append(await loop.create_server(lambda: SMTP(door, **_options(loop)), sock=smtp))
    if lmtp is not None:
        local = Door(store, per_recipient=True)
        servers.append(await loop.create_server(lambda: LMTP(local, **_options(loop)), sock=lmtp))
    try:
        await asyncio.to_thread(stop.wait)
    finally:
        for server in servers:
            server.close()


def _options(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    return {
        "ident": IDENTITY,
        "data_size_limit": settings.MAIL_SIZE_LIMIT_BYTES,
        "enable_SMTPUTF8": True,
        "decode_data": False,
        "timeout": IDLE_SECONDS,
        "loop": loop,
    }
