"""For whom a fetched mail is: there was no envelope, so its headers have to tell."""

from __future__ import annotations

import re
from collections.abc import Iterator

from hospes.channels.models import Channel
from hospes.channels.routing import NAMED, Routes
from hospes.lib.addresses import canonical, is_mail_address

MAX_HEAD_BYTES = 64 * 2**10
MAX_ADDRESSES = 200
# Written by the server that put the mail into the mailbox, about the address it came for; likeliest first.
DELIVERED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "x-delivered-to")
NAMED_BY_SENDER = ("to", "cc")
FIELD = re.compile(rb"([!-9;-~]{1,60}):(.*)", re.DOTALL)
ADDRESS = re.compile(r"[^\s<>,;:\"()\[\]]{1,64}@[^\s<>,;:\"()\[\]]{1,255}")


def recipient_of(body: bytes, mailbox: Channel, routes: Routes) -> tuple[Channel, str]:
    """Return the channel a mail is for, and the address of ours that it came to.

    That of the mailbox, unless a header names an address that tells more: another channel of ours, or a
    signed address, which finds its conversation.
    """
    fields = list(_fields(body[:MAX_HEAD_BYTES]))
    for name in DELIVERED:
        for address in _addresses(fields, name):
            found = routes.find(address)
            if found is not None and found.address:
                return found, address
    for name in NAMED_BY_SENDER:
        for address in _addresses(fields, name):
            found = routes.find(address)
            if found == mailbox and _is_signed(address, mailbox):
                return found, address
    return mailbox, mailbox.address


def sender_of(body: bytes) -> str:
    """Return where bounces of this mail would go; "" when nowhere, or when it does not say."""
    return next(_addresses(list(_fields(body[:MAX_HEAD_BYTES])), "return-path"), "")


def message_id_of(body: bytes) -> bytes:
    """Return the Message-ID as it stands; b"" when there is none."""
    for name, value in _fields(body[:MAX_HEAD_BYTES]):
        if name == "message-id":
            return value.strip()
    return b""


def after_headers(body: bytes) -> bytes:
    """Return what follows the headers, which a server may change when a mail is moved to it."""
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := body.find(mark)) >= 0]
    return body[min(ends) :] if ends else b""


def _is_signed(address: str, mailbox: Channel) -> bool:
    local = canonical(address).rpartition("@")[0]
    return "+" in local or bool(mailbox.reply_domain and NAMED.match(local))


def _addresses(fields: list[tuple[str, bytes]], name: str) -> Iterator[str]:
    count = 0
    for field, value in fields:
        if field != name:
            continue
        for found in ADDRESS.findall(value.decode("utf-8", "replace")):
            count += 1
            if count > MAX_ADDRESSES:
                return
            if is_mail_address(found):
                yield found


def _fields(head: bytes) -> Iterator[tuple[str, bytes]]:
    """The headers as they stand, unfolded, until the first empty line."""
    gathered = bytearray()
    for ended in head.split(b"\n"):
        line = ended.rstrip(b"\r")
        if line[:1] in (b" ", b"\t"):
            gathered += line
            continue
        yield from _field(bytes(gathered))
        if not line:
            return
        gathered = bytearray(line)
    yield from _field(bytes(gathered))


def _field(line: bytes) -> Iterator[tuple[str, bytes]]:
    found = FIELD.fullmatch(line)
    if found:
        yield found[1].decode("ascii").lower(), found[2]
