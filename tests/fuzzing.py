"""Mails that were changed at random: none may end the process that reads them, and none may be lost.

python -m tests.fuzzing --seconds 600     # `script/fuzz`; prints the seed, keeps what broke it
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

from hospes.channels.contract import Inbound, Unreadable
from hospes.channels.email import wire
from hospes.channels.email.child import ParserChild
from tests.corpora import BESIDE

BATCH = 50
MAX_BYTES = 300_000
FOLDERS = (
    "mimekit",
    "cpython-test_email",
    "chatwoot",
    "crisp-email-reply-parser",
    "crisp-email-forward-parser",
)
# What ended the reader, rather than what it refused.
DEATHS = ("ended unexpectedly", "took longer", "too much memory", "makes no sense")

OWN = [
    b"From: a@example.com\nTo: b@example.com\nSubject: =?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?=\n"
    b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: text/plain; charset=gb2312\n\n\xc4\xe3\xba\xc3\n"
    b"--x\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n"
    b'<p style=3D"color:red">H=C3=A9</p><blockquote>old</blockquote>\n'
    b"--x\nContent-Type: application/pdf; name*=utf-8''%E2%82%AC.pdf\nContent-Transfer-Encoding: base64\n\nJVBERi0=\n--x--\n",
    b"From: x@y.z\nContent-Type: text/calendar\n\nBEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART:20260101T100000Z\n"
    b"RRULE:FREQ=DAILY\nEND:VEVENT\nEND:VCALENDAR\n",
    b"From: x@y.z\nContent-Type: application/ms-tnef; name=winmail.dat\nContent-Transfer-Encoding: base64\n\n"
    b"eJ8+IgEAAgWQBgAAAAAAAAAAAA==\n",
    b"From: MAILER-DAEMON@y.z\nContent-Type: multipart/report; report-type=delivery-status; boundary=r\n\n--r\n\nno\n"
    b"--r\nContent-Type: message/delivery-status\n\nFinal-Recipient: rfc822; a@b.c\nAction: failed\nStatus: 5.1.1\n--r--\n",
]
PIECES = [
    b"\0", b"\r", b"\n\n", b"\xff\xfe", b"=?utf-8?q?", b"?=", b"=?gb2312?B?", b"\x1b$B", b"\x1b(B", b"--", b"((((((",
    b"<<<<", b"Content-Type: multipart/mixed; boundary=\"\"\n", b"Content-Type: text/plain; charset=idna\n",
    b"Content-Transfer-Encoding: base64\n", b"Content-Transfer-Encoding: uuencode\n", b"\xed\xa0\x80", b"\xe2\x80\xae",
    b"From: \"a\" <a@b>, <c@d>\n", b"Date: Thu, 99 Foo 99999 99:99:99 +9999\n", b"References: " + b"<a@b>" * 200 + b"\n",
    b"<div style='x" * 50, b"<table>" * 200, b"&#x110000;", b"begin 644 x\nM", b"> " * 300, b"Message-ID: <>\n",
]  # fmt: skip


def seeds() -> list[bytes]:
    """Return mails to begin with: our own, and those of the corpora where they are."""
    found, corpora = list(OWN), Path(os.environ.get("HOSPES_CORPORA", BESIDE))
    for folder in FOLDERS:
        paths = sorted(path for path in (corpora / folder).rglob("*") if path.is_file())
        bodies = (path.read_bytes() for path in paths if path.suffix not in {".json", ".py", ".md"})
        found += [body for body in bodies if 0 < len(body) <= MAX_BYTES]
    return found


def mutated(source: Sequence[bytes], chance: random.Random) -> Iterator[bytes]:
    """Yield one changed mail after the other, for ever."""
    while True:
        body = bytearray(chance.choice(source))
        for _ in range(chance.randint(1, 6)):
            chance.choice(CHANGES)(body, source, chance)
        yield bytes(body[:MAX_BYTES])


def _flip(body: bytearray, _source: Sequence[bytes], chance: random.Random) -> None:
    for _ in range(chance.randint(1, 20)):
        if body:
            body[chance.randrange(len(body))] = chance.randrange(256)


def _cut(body: bytearray, _source: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(body) + 1)
    del body[at : at + chance.choice([1, 10, 100, len(body)])]


def _insert(body: bytearray, _source: Sequence[bytes], chance: random.Random) -> None:
    at = chance.randrange(len(body) + 1)
    body[at:at] = chance.choice(PIECES) * chance.choice([1, 1, 1, 3, 40])


def _splice(body: bytearray, source: Sequence[bytes], chance: random.Random) -> None:
    other = chance.choice(source)
    start = chance.randrange(len(other) + 1)
    at = chance.randrange(len(body) + 1)
    body[at:at] = other[start : start + chance.choice([20, 500, 20_000])]


def _repeat(body: bytearray, _source: Sequence[bytes], chance: random.Random) -> None:
    start = chance.randrange(len(body) + 1)
    piece = bytes(body[start : start + chance.choice([1, 30, 1000])])
    body[start:start] = piece * chance.choice([2, 20, 100])


CHANGES = (_flip, _cut, _insert, _insert, _splice, _repeat)


def faults_of(bodies: Sequence[bytes], parser: ParserChild) -> list[tuple[str, bytes]]:
    """Let the child read these and return what it should not have done, each with the mail."""
    faults: list[tuple[str, bytes]] = []
    for body, answer in zip(bodies, parser.parse_all(bodies), strict=True):
        if isinstance(answer, Unreadable):
            if any(word in answer.reason for word in DEATHS):
                faults.append((answer.reason, body))
        else:
            faults += [(fault, body) for fault in _unclean(answer)]
    return faults


def _unclean(answer: Inbound) -> Iterator[str]:
    meta, contents = wire.pack(answer)
    if wire.unpack(meta, b"".join(contents)).text != answer.text:
        yield "it does not come over the wire as it is"
    for line in (answer.subject, *(one.address for one in answer.senders)):
        if any(sign in line for sign in "\r\n\0"):
            yield "a line breaks"


def main() -> int:
    given = argparse.ArgumentParser(description=__doc__)
    given.add_argument("--seconds", type=float, default=600)
    given.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10**9))
    given.add_argument("--keep", type=Path, default=Path("fuzz-found"))
    args = given.parse_args()
    source = seeds()
    print(f"{len(source)} mails to change, seed {args.seed}, {args.seconds:g} s")
    changed, count, faults = mutated(source, random.Random(args.seed)), 0, 0
    until = time.monotonic() + args.seconds
    with closing(ParserChild()) as parser:
        while time.monotonic() < until:
            bodies = [next(changed) for _ in range(BATCH)]
            count += len(bodies)
            for reason, body in faults_of(bodies, parser):
                faults += 1
                args.keep.mkdir(exist_ok=True)
                (args.keep / f"{args.seed}-{faults}.eml").write_bytes(body)
                print(f"{args.keep}/{args.seed}-{faults}.eml: {reason}")
    print(f"{count} mails read, {faults} of them wrongly")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
