"""The doors mail comes in by: SMTP and LMTP. What is answered with 250 is stored and synced.

The receiver knows nothing of what a mail says; a hostile one is stored like any other.
"""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar
from urllib.parse import urlsplit

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session
from django.conf import settings
from django.db import Error as DatabaseFault
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg.errors import DiskFull

from hospes.channels.models import Channel
from hospes.channels.routing import Routes, current_routes
from hospes.intake import room
from hospes.intake.actions.storing import Delivery, store_all
from hospes.lib.addresses import canonical
from hospes.lib.crash_points import crash_here

IDENTITY = "Hospes"
IDLE_SECONDS = 300.0  # RFC 5321, section 4.5.3.2; a large mail over a slow line counts as idle
MAX_LINE_BYTES = (
    2**20
)  # a thousand would be the rule; programs that write one endless line do not know it
FRESH_SECONDS = 2.0  # how old the list of our addresses may be
DISK_CHECK_SECONDS = 1.0
MAX_GROUP = 200
MAX_COMING_IN_BYTES = (
    128 * 2**20
)  # of mails that are being received, each held in memory some times
UNDECLARED_BYTES = 2**20  # what a mail counts whose sender does not say how large it is
MAX_RECIPIENTS = 100

UNKNOWN = "550 5.1.1 Nobody here goes by this address."
TOO_MANY = "452 4.5.3 Too many recipients. Send the others in a mail of their own."
DISK_FULL = "452 4.3.1 There is no room for mail now. Try again later."
NOT_STORED = "451 4.3.0 It could not be stored. Try again later."
TOO_BUSY = "452 4.3.1 Too much mail is coming in at once. Try again soon."
STORED = "250 2.0.0 Stored."

T = TypeVar("T")

log = structlog.get_logger(__name__)


class Store:
    """Commits what arrives in groups: whatever gathers while the last commit runs."""

    def __init__(self) -> None:
        self._waiting: list[tuple[Delivery, asyncio.Future[str]]] = []
        self._writing: asyncio.Task[None] | None = None  # held, or it could be collected
        self._writer = ThreadPoolExecutor(1, "store")  # one thread, so one database connection

    async def put(self, deliveries: Sequence[Delivery]) -> list[str]:
        """Return, as soon as it is known, the answer for each of these: STORED when it is stored for good."""
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[str]] = [loop.create_future() for _ in deliveries]
        self._waiting += zip(deliveries, futures, strict=True)
        if self._writing is None:
            self._writing = loop.create_task(self._write_all())
        return await asyncio.gather(*futures)

    async def ask(self, question: Callable[[], T]) -> T:
        """Run something that needs the database, on its thread."""
        return await asyncio.get_running_loop().run_in_executor(self._writer, question)

    async def _write_all(self) -> None:
        try:
            while self._waiting:
                group, self._waiting = self._waiting[:MAX_GROUP], self._waiting[MAX_GROUP:]
                answers = await self.ask(partial(_commit, [one for one, _ in group]))
                for (_, future), answer in zip(group, answers, strict=True):
                    if not future.done():  # done: the sender hung up, which cancels it
                        future.set_result(answer)
        finally:
            self._writing = None


def _commit(deliveries: Sequence[Delivery]) -> list[str]:
    """Store a group in one transaction; if it fails, each alone, so that one spoils no other."""
    try:
        crash_here("doors.before_commit")
        with transaction.atomic():
            store_all(deliveries, at=timezone.now())
        crash_here("doors.after_commit")
    except (DatabaseFault, ValueError, OSError) as error:
        log.warning("door: not stored", error=type(error).__name__)
        connection.close_if_unusable_or_obsolete()
        if isinstance(error.__cause__, DiskFull):
            return [DISK_FULL] * len(deliveries)
        if len(deliveries) == 1 or isinstance(error, OperationalError | InterfaceError):
            return [NOT_STORED] * len(
                deliveries
            )  # alone it would fare no better without a database
        return [answer for one in deliveries for answer in _commit([one])]
    return [STORED] * len(deliveries)


@dataclass
class Door:
    """What aiosmtpd asks when somebody brings mail; one for all connections of a protocol."""

    store: Store
    per_recipient: bool  # LMTP answers for each recipient
    routes: Routes | None = None
    coming_in_bytes: int = 0  # declared, of all mails being received now
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
        routes = await self._current()
        if routes is None:
            return NOT_STORED
        if routes.find(address) is None:
            return UNKNOWN
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answers = await self._take(envelope, session)
        if self.per_recipient:
            return "\r\n".join(answers)
        return next((answer for answer in answers if answer != STORED), STORED)

    async def handle_exception(self, error: Exception) -> str:
        log.error("door", exc_info=error)  # aiosmtpd hands it over
        return NOT_STORED

    async def _take(self, envelope: Envelope, session: Session) -> list[str]:
        """Store the mail once for each channel it is for and return the answer for each recipient."""
        routes = await self._current()
        if routes is None or self._is_disk_full():
            return [NOT_STORED if routes is None else DISK_FULL] * len(envelope.rcpt_tos)
        channels = [routes.find(recipient) for recipient in envelope.rcpt_tos]
        # By LMTP comes a mail server of this machine, which tells nobody who came to it.
        peer = ("", "") if self.per_recipient else _peer(session)
        deliveries = _deliveries(envelope, channels, peer)
        given = await self.store.put(list(deliveries.values()))
        answers = dict(zip(deliveries, given, strict=True))
        # A channel that went away since RCPT: the sender asks again and is told so.
        return [answers.get(one.pk, NOT_STORED) if one else NOT_STORED for one in channels]

    async def _current(self) -> Routes | None:
        """Return who goes by which address; None when the database cannot tell."""
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


def _deliveries(
    envelope: Envelope, channels: Sequence[Channel | None], peer: tuple[str, str]
) -> dict[int, Delivery]:  # by channel
    """Return the mail once for each channel, under the recipient that tells most: a signed address.

    peer: the address that brought it, and the name it gave.
    """
    content = envelope.original_content or b""
    sender = (envelope.mail_from or "").removeprefix("<>")
    found: dict[int, Delivery] = {}
    for recipient, channel in zip(envelope.rcpt_tos, channels, strict=True):
        if channel is None:
            continue
        if channel.pk not in found or canonical(recipient) != channel.address:
            found[channel.pk] = Delivery(channel.pk, content, sender, recipient, *peer)
    return found


def _peer(session: Session) -> tuple[str, str]:
    peer: Any = session.peer
    return str(peer[0]) if isinstance(peer, tuple) else "", session.host_name or ""


def _ask_routes() -> Routes | None:
    try:
        return current_routes()
    except DatabaseFault:
        connection.close_if_unusable_or_obsolete()
        return None


def _hang_up() -> None:
    connection.close()  # that of the thread this runs on


class SmtpDoor(SMTP):
    """Takes a mail only when there is memory for it: who comes in a crowd is asked to come again."""

    line_length_limit = MAX_LINE_BYTES

    async def smtp_DATA(self, arg: str) -> None:
        door: Door = self.event_handler
        size = _declared_size(self.envelope)
        if door.coming_in_bytes and door.coming_in_bytes + size > MAX_COMING_IN_BYTES:
            await self.push(TOO_BUSY)
            return
        door.coming_in_bytes += size
        try:
            await super().smtp_DATA(arg)
        finally:
            door.coming_in_bytes -= size


class LmtpDoor(SmtpDoor, LMTP):
    """The same for a mail server on this machine."""


def _declared_size(envelope: Envelope | None) -> int:
    options = envelope.mail_options if envelope else []
    sizes = [option[5:] for option in options if option.startswith("SIZE=")]
    return int(sizes[0]) if sizes else UNDECLARED_BYTES


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
        servers.append(
            await loop.create_server(lambda: SmtpDoor(door, **_options(loop)), sock=smtp)
        )
    if lmtp is not None:
        local = Door(store, per_recipient=True)
        servers.append(
            await loop.create_server(lambda: LmtpDoor(local, **_options(loop)), sock=lmtp)
        )
    try:
        await asyncio.to_thread(stop.wait)
    finally:
        for server in servers:
            server.close()
        await store.ask(_hang_up)


def _options(loop: asyncio.AbstractEventLoop) -> dict[str, Any]:
    return {
        "ident": IDENTITY,
        # To ask the system for its name may take seconds.
        "hostname": urlsplit(settings.URL).hostname,
        "data_size_limit": settings.MAIL_SIZE_LIMIT_BYTES,
        "enable_SMTPUTF8": True,
        "decode_data": False,
        "timeout": IDLE_SECONDS,
        "loop": loop,
    }
