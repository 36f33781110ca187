"""A mailbox on an IMAP server, step by step: what is there, the mails byte for byte, and waiting for more.

Nothing is changed on the server unless that is asked for by number; what others marked as deleted is never
expunged with it.
"""

from __future__ import annotations

import imaplib
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Any, Self

from imap_tools import BaseMailBox

from hospes.channels.email.imap_faults import ImapFailed, told, why_not_in, words_in
from hospes.channels.email.imap_wire import Connect, TooMuch, Wire
from hospes.channels.email.imap_words import SIZE, UID, bodies, encoded, is_news, ranges
from hospes.lib.certificates import ends_at

STEP_SECONDS = 60.0
BYTES_PER_SECOND = 20_000  # of a line that is still worth waiting for
DONE_SECONDS = 20.0  # for a server to take note that we stop waiting
GOODBYE_SECONDS = 3.0
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
USUAL_SENT = {
    "sent", "sent items", "sent messages", "sent mail", "inbox.sent", "inbox/sent", "[gmail]/sent mail",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class ImapServer:
    """An account on a server that mail is fetched from."""

    host: str
    port: int
    security: str = "tls"  # or "starttls" or "none"
    username: str = ""
    password: str = field(default="", repr=False)
    access_token: str = field(default="", repr=False)  # signs in instead of the password (XOAUTH2)
    timeout: float = STEP_SECONDS  # for each step


@dataclass(frozen=True, slots=True)
class Opened:
    """A folder as it was when it was opened."""

    name: str
    uidvalidity: int
    uidnext: int  # 0: the server does not say
    count: int


class _Mailbox(BaseMailBox):
    def __init__(self, wire: Wire) -> None:
        self._wire = wire
        super().__init__()

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        return self._wire


class ImapTalk:
    """A connection, encrypted and signed in. Every step raises ImapFailed when it does not succeed."""

    def __init__(
        self, server: ImapServer, *, connect: Connect, context: ssl.SSLContext | None = None
    ) -> None:
        """context: whom to believe, when not the system's authorities."""
        self._server = server
        self._context = context or ssl.create_default_context()
        self.certificate_expires_at: datetime | None = None
        with told("unreachable"):
            self._wire = self._connected(connect)
        try:
            self._mailbox = _Mailbox(self._wire)
            self._note_certificate()
            self._sign_in()
            with told("answer"):  # another list after than before the sign-in
                self._wire.hurry(server.timeout)
                self._wire._get_capabilities()  # noqa: SLF001 # imaplib has no public way
        except BaseException:
            self._wire.shutdown()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with suppress(OSError, imaplib.IMAP4.error, TooMuch):
            if kind is None:
                self._wire.hurry(GOODBYE_SECONDS)
                self._wire.sock.settimeout(GOODBYE_SECONDS)
                self._wire.logout()
        self._wire.shutdown()

    @property
    def has_idle(self) -> bool:
        """Whether the server tells of new mail by itself."""
        return "IDLE" in self._wire.capabilities

    def folders(self) -> list[str]:
        """The names of all folders that hold mail, as people read them."""
        with self._step("answer"):
            found = self._mailbox.folder.list()
        return [one.name for one in found if r"\Noselect" not in one.flags]

    def open(self, folder: str) -> Opened:
        """Look into a folder from now on."""
        with self._step("folder"):
            status, data = self._wire.select(encoded(folder))
            if status != "OK":
                raise ImapFailed("folder", words_in(data))
        return Opened(
            folder,
            self._number("UIDVALIDITY"),
            self._number("UIDNEXT"),
            int(data[0] or 0)
            if data and str(data[0] or b"0", "ascii", "replace").isdecimal()
            else 0,
        )

    def uids(self, *, above: int = 0, since: date | None = None) -> list[int]:
        """The numbers of mails in the open folder, oldest first.

        above: only greater ones. since: only mails that reached the server on that day or later.
        """
        criteria = [f"UID {above + 1}:*"] if above else []
        if since is not None:
            criteria.append(f"SINCE {since.day:02}-{MONTHS[since.month - 1]}-{since.year}")
        with self._step("answer"):
            found = self._mailbox.uids(" ".join(criteria) or "ALL", charset=None)
        numbers = {int(one) for one in found if one.isdecimal()}
        return sorted(one for one in numbers if one > above)  # `n:*` names the last one always

    def sizes(self, uids: Sequence[int]) -> dict[int, int]:
        """What the server says each mail has, in bytes; those that are gone are missing."""
        with self._step("answer"):
            data = self._fetch(uids, "(UID RFC822.SIZE)")
        found = {}
        for item in data:
            line = item[0] if isinstance(item, tuple) else item
            uid, size = UID.search(line or b""), SIZE.search(line or b"")
            if uid and size:
                found[int(uid[1])] = int(size[1])
        return {uid: size for uid, size in found.items() if uid in set(uids)}

    def fetch(self, uids: Sequence[int], *, size_bytes: int, limit_bytes: int) -> dict[int, bytes]:
        """The mails byte for byte, by number; those that are gone are missing. Marks nothing as read.

        size_bytes: of all of them, as the server says. limit_bytes: what they may have all the same.
        """
        seconds = self._server.timeout + size_bytes / BYTES_PER_SECOND
        with self._step("answer", seconds=seconds, room_bytes=limit_bytes):
            data = self._fetch(uids, "(UID BODY.PEEK[])")
        return {uid: body for uid, body in bodies(data) if uid in set(uids)}

    def mark_seen(self, uids: Sequence[int]) -> None:
        self._flag(uids, r"(\Seen)")

    def move(self, uids: Sequence[int], folder: str) -> None:
        """Put mails into another folder of the server, which makes it if it is not there."""
        try:
            self._move(uids, folder)
        except ImapFailed as failure:
            if "TRYCREATE" not in failure.words.upper():
                raise
            with self._step("folder"):
                self._mailbox.folder.create(folder)
            self._move(uids, folder)

    def delete(self, uids: Sequence[int]) -> None:
        """Delete these mails; where the server can only expunge all that is marked, they stay marked."""
        self._flag(uids, r"(\Deleted)")
        if "UIDPLUS" in self._wire.capabilities or "IMAP4REV2" in self._wire.capabilities:
            with self._step("answer"):
                self._checked(self._wire.uid("EXPUNGE", ranges(uids)), "answer")

    def sent_folder(self) -> str:
        """The folder for what was sent, as the server marks it (RFC 6154), else by a usual name; "" if there is none."""
        with self._step("answer"):
            found = self._mailbox.folder.list()
        marked = [one.name for one in found if r"\Sent" in one.flags]
        usual = [one.name for one in found if one.name.lower() in USUAL_SENT]
        return next(iter((*marked, *usual)), "")

    def has(self, message_id: str) -> bool:
        """Whether a mail of this Message-ID lies in the open folder."""
        with self._step("answer"):
            status, data = self._wire.uid("SEARCH", "HEADER", "Message-ID", f'"{message_id}"')
            self._checked((status, data), "answer")
        return any(one and one.split() for one in data)

    def append(self, folder: str, body: bytes, *, at: datetime) -> None:
        """Lay a mail into a folder, as one that was read. at: aware."""
        seconds = self._server.timeout + len(body) / BYTES_PER_SECOND
        with self._step("folder", seconds=seconds):
            answer = self._wire.append(encoded(folder), r"(\Seen)", at, body)
            self._checked(answer, "folder")

    def check(self) -> None:
        """See whether the server still answers."""
        with self._step("answer"):
            self._checked(self._wire.noop(), "answer")

    def wait(self, seconds: float, *, is_over: Callable[[], bool]) -> bool:
        """Wait for the server to tell of something new (IDLE); whether it did.

        is_over: asked at least every second; True ends the wait.
        Raises ImapFailed when the connection turns out to be dead.
        """
        ends_at = time.monotonic() + seconds
        with self._step("answer", seconds=DONE_SECONDS):
            self._mailbox.idle.start()  # type: ignore[no-untyped-call]
        has_news = False
        while not has_news and (left := ends_at - time.monotonic()) > 0:
            with self._step("answer", seconds=DONE_SECONDS):
                has_news = self._wire.has_words(min(left, 1.0)) and is_news(self._wire.readline())
            if is_over():
                break
        with self._step("answer", seconds=DONE_SECONDS):
            self._mailbox.idle.stop()  # type: ignore[no-untyped-call]
        return has_news

    def _connected(self, connect: Connect) -> Wire:
        server = self._server
        tls = self._context if server.security == "tls" else None
        wire = Wire(server.host, server.port, seconds=server.timeout, connect=connect, tls=tls)
        if server.security == "starttls":
            try:
                with told("no_tls"):
                    wire.hurry(server.timeout)
                    wire.starttls(self._context)
            except BaseException:
                wire.shutdown()
                raise
        return wire

    def _note_certificate(self) -> None:
        self.certificate_expires_at = ends_at(self._wire.sock)

    def _sign_in(self) -> None:
        server = self._server
        if any(ord(c) < 32 for c in server.username + server.password + server.access_token):
            raise ImapFailed("sign_in")
        self._wire.hurry(server.timeout)
        try:
            with told("hung_up"):
                if server.access_token:
                    self._with_token()
                else:
                    self._with_password()
        except ImapFailed as failure:
            raise ImapFailed(
                why_not_in(failure, has_token=bool(server.access_token)), failure.words
            ) from failure

    def _with_token(self) -> None:
        told = f"user={self._server.username}\1auth=Bearer {self._server.access_token}\1\1".encode()
        answers = iter((told, b""))  # whoever is refused gets a reason, and answers it with nothing
        status, data = self._wire.authenticate("XOAUTH2", lambda _: next(answers, b""))
        self._checked((status, data), "token")

    def _with_password(self) -> None:
        server, is_ascii = self._server, (self._server.username + self._server.password).isascii()
        if is_ascii and "LOGINDISABLED" not in self._wire.capabilities:
            self._mailbox.login(server.username, server.password, initial_folder=None)
        else:
            self._mailbox.login_utf8(server.username, server.password, initial_folder=None)

    @contextmanager
    def _step(
        self, kind: str, *, seconds: float | None = None, room_bytes: int = 0
    ) -> Iterator[None]:
        self._wire.hurry(seconds or self._server.timeout, room_bytes=room_bytes)
        with told(kind):
            yield

    def _fetch(self, uids: Sequence[int], what: str) -> list[Any]:
        status, data = self._wire.uid("FETCH", ranges(uids), what)
        self._checked((status, data), "answer")
        return [item for item in data if item is not None]

    def _flag(self, uids: Sequence[int], flags: str) -> None:
        with self._step("answer"):
            self._checked(self._wire.uid("STORE", ranges(uids), "+FLAGS.SILENT", flags), "answer")

    def _move(self, uids: Sequence[int], folder: str) -> None:
        name = encoded(folder)
        if "MOVE" in self._wire.capabilities:
            with self._step("answer"):
                self._checked(self._wire.uid("MOVE", ranges(uids), name), "answer")
            return
        with self._step("answer"):
            self._checked(self._wire.uid("COPY", ranges(uids), name), "answer")
        self.delete(uids)

    def _number(self, name: str) -> int:
        """What the server said of the folder it opened last; 0 where it said nothing of it."""
        _, data = self._wire.response(name)
        last = data[-1] if data else None
        return int(last) if isinstance(last, bytes) and last.isdigit() else 0

    def _checked(self, answer: tuple[str, Any], kind: str) -> None:
        status, data = answer
        if status != "OK":
            raise ImapFailed(kind, words_in(data))
