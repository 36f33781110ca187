"""An IMAP server of our own that does what no good one would: a fault for every command, played when asked."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

COMMAND = re.compile(rb"(\S+) (UID )?(\w+) ?(.*)", re.DOTALL)
SINCE = re.compile(r"SINCE (\S+)")
HEADER = re.compile(r'HEADER Message-ID "([^"]*)"')
LITERAL = re.compile(r"\{(\d+)\}$")
ABOVE = re.compile(r"UID (\d+):\*")


@dataclass
class Folder:
    uidvalidity: int = 1
    mails: dict[int, bytes] = field(default_factory=dict)
    days: dict[int, datetime] = field(default_factory=dict)  # when each reached the server
    seen: set[int] = field(default_factory=set)
    deleted: set[int] = field(default_factory=set)

    def add(self, *bodies: bytes, at: datetime | None = None) -> list[int]:
        made = []
        for body in bodies:
            uid = max([0, *self.mails, *self.days]) + 1
            self.mails[uid], self.days[uid] = body, at or datetime.now(UTC)
            made.append(uid)
        return made


Fault = Callable[["Session", str, str], Any]  # tag, arguments; anything true: it has answered


@dataclass
class ScriptedImap:
    """`faults`: what to do instead, by command ("FETCH", "IDLE", "greeting", ...)."""

    folders: dict[str, Folder] = field(default_factory=lambda: {"INBOX": Folder()})
    faults: dict[str, Fault] = field(default_factory=dict)
    capabilities: str = "IMAP4rev1 IDLE UIDPLUS MOVE AUTH=XOAUTH2"
    token: str = ""  # the one that signs in; "": any password does
    password: str = ""  # "": any
    commands: list[str] = field(default_factory=list)
    sessions: int = 0
    port: int = 0

    @property
    def inbox(self) -> Folder:
        return self.folders["INBOX"]

    def said(self, command: str) -> int:
        """How often clients gave a command."""
        return sum(1 for one in list(self.commands) if one.startswith(command))


class Session(threading.Thread):
    def __init__(self, server: ScriptedImap, made: socket.socket) -> None:
        super().__init__(daemon=True)
        self.server, self.made = server, made
        self.lines = made.makefile("rb")
        self.folder = Folder()

    def run(self) -> None:
        with suppress(OSError, ValueError), self.made, self.lines:
            if not self._is_faulty("greeting", "*", ""):
                self.say("* OK here\r\n")
            for line in self.lines:
                self._answer(line.rstrip(b"\r\n"))

    def say(self, text: str | bytes) -> None:
        self.made.sendall(text.encode() if isinstance(text, str) else text)

    def hang_up(self) -> bool:
        with suppress(OSError):
            self.made.shutdown(socket.SHUT_RDWR)
        return True

    def _is_faulty(self, name: str, tag: str, rest: str) -> bool:
        fault = self.server.faults.get(name)
        return bool(fault and fault(self, tag, rest))

    def _answer(self, line: bytes) -> None:
        found = COMMAND.fullmatch(line)
        if not found:  # no IMAP at all: somebody tries to encrypt
            self.hang_up()
            return
        tag, name, rest = found[1].decode(), found[3].decode().upper(), found[4].decode()
        self.server.commands.append(f"{name} {rest}")
        if self._is_faulty(name, tag, rest):
            return
        answer = getattr(self, f"do_{name.lower()}", None)
        words = (answer(tag, rest) if answer else None) or f"OK {name} done"
        if words != "-":
            self.say(f"{tag} {words}\r\n")

    def do_capability(self, tag: str, rest: str) -> None:
        self.say(f"* CAPABILITY {self.server.capabilities}\r\n")

    def do_login(self, tag: str, rest: str) -> str:
        if self.server.token or (self.server.password and self.server.password not in rest):
            return "NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"
        return "OK in"

    def do_authenticate(self, tag: str, rest: str) -> str:
        import base64

        self.say("+ \r\n")
        given = base64.b64decode(self.lines.readline())
        if f"auth=Bearer {self.server.token}\1".encode() in given:
            return "OK in"
        self.say("+ eyJzdGF0dXMiOiI0MDAifQ==\r\n")
        self.lines.readline()
        return "NO AUTHENTICATE failed."

    def do_list(self, tag: str, rest: str) -> None:
        for name in self.server.folders:
            self.say(f'* LIST () "/" "{name}"\r\n')

    def do_select(self, tag: str, rest: str) -> str:
        name = rest.strip('"')
        if name not in self.server.folders:
            return "NO [NONEXISTENT] No such mailbox"
        self.folder = folder = self.server.folders[name]
        self.say(
            f"* {len(folder.mails)} EXISTS\r\n* OK [UIDVALIDITY {folder.uidvalidity}] fine\r\n"
        )
        return "OK [READ-WRITE] open"

    def do_append(self, tag: str, rest: str) -> str:
        name, size = (
            rest.split('"')[1] if rest.startswith('"') else rest.split(maxsplit=1)[0],
            LITERAL.search(rest),
        )
        assert size is not None
        self.say("+ go on\r\n")
        body = self.lines.read(int(size[1]))
        self.lines.readline()
        if name not in self.server.folders:
            return "NO [TRYCREATE] No such mailbox"
        (uid,) = self.server.folders[name].add(body)
        if "\\Seen" in rest:
            self.server.folders[name].seen.add(uid)
        if self._is_faulty("appended", tag, rest):
            return "-"
        return "OK laid"

    def do_search(self, tag: str, rest: str) -> None:
        if named := HEADER.search(rest):
            has = [uid for uid, body in self.folder.mails.items() if named[1].encode() in body]
            self.say(f"* SEARCH {' '.join(map(str, has))}\r\n")
            return
        since, above = SINCE.search(rest), ABOVE.search(rest)
        day = datetime.strptime(since[1], "%d-%b-%Y").date() if since else None  # noqa: DTZ007
        found = [
            uid
            for uid in sorted(self.folder.mails)
            if (day is None or self.folder.days[uid].date() >= day)
            and (above is None or uid >= min(int(above[1]), max(self.folder.mails)))
        ]
        self.say(f"* SEARCH {' '.join(map(str, found))}\r\n")

    def do_fetch(self, tag: str, rest: str) -> None:
        which, _, what = rest.partition(" ")
        for uid in [uid for uid in numbers(which) if uid in self.folder.mails]:
            body = self.folder.mails[uid]
            if "SIZE" in what:
                self.say(f"* {uid} FETCH (UID {uid} RFC822.SIZE {len(body)})\r\n")
            else:
                self.say(f"* {uid} FETCH (UID {uid} BODY[] {{{len(body)}}}\r\n")
                self.say(body + b")\r\n")

    def do_store(self, tag: str, rest: str) -> None:
        which, _, what = rest.partition(" ")
        marks = self.folder.seen if "Seen" in what else self.folder.deleted
        marks.update(numbers(which))

    def do_move(self, tag: str, rest: str) -> str:
        which, _, name = rest.partition(" ")
        if name.strip('"') not in self.server.folders:
            return "NO [TRYCREATE] No such mailbox"
        for uid in numbers(which):
            body = self.folder.mails.pop(uid, None)
            if body is not None:
                self.server.folders[name.strip('"')].add(body)
        return "OK moved"

    def do_create(self, tag: str, rest: str) -> None:
        self.server.folders[rest.strip('"')] = Folder()

    def do_expunge(self, tag: str, rest: str) -> None:
        for uid in [uid for uid in numbers(rest) if uid in self.folder.deleted]:
            self.folder.mails.pop(uid, None)

    def do_idle(self, tag: str, rest: str) -> str:
        self.say("+ idling\r\n")
        told, folder = len(self.folder.mails), self.folder
        self.made.settimeout(0.1)
        while True:
            try:
                heard = self.made.recv(64)
            except TimeoutError:
                if len(folder.mails) != told:
                    told = len(folder.mails)
                    self.say(f"* {told} EXISTS\r\n")
            else:
                break
        self.made.settimeout(None)
        return "OK done" if heard.upper().startswith(b"DONE") else "-"

    def do_logout(self, tag: str, rest: str) -> None:
        self.say("* BYE bye\r\n")


def numbers(text: str) -> list[int]:
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition(":")
        found += range(int(first), int(last or first) + 1)
    return found


def says(words: str, *, times: int = 10**9) -> Fault:
    """Answer so many times with these words, then as ever."""
    left = [times]

    def fault(session: Session, tag: str, rest: str) -> bool:
        if left[0] <= 0:
            return False
        left[0] -= 1
        session.say(f"{tag} {words}\r\n" if not words.startswith("*") else f"{words}\r\n")
        return True

    return fault


@contextmanager
def scripted(server: ScriptedImap | None = None) -> Iterator[ScriptedImap]:
    """The server, on a port of loopback, until the block is left."""
    server = server or ScriptedImap()
    with socket.create_server(("127.0.0.1", server.port)) as listener:
        server.port = listener.getsockname()[1]
        made: list[socket.socket] = []

        def accept() -> None:
            with suppress(OSError):
                while True:
                    talk, _ = listener.accept()
                    made.append(talk)
                    server.sessions += 1
                    Session(server, talk).start()

        accepting = threading.Thread(target=accept, daemon=True)
        accepting.start()
        try:
            yield server
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            accepting.join(timeout=10)
            for talk in made:
                with suppress(OSError):
                    talk.shutdown(socket.SHUT_RDWR)
                talk.close()
