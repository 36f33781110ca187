"""How IMAP writes numbers, folders and mails, and what its answers say."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from imap_tools.utils import encode_folder

UID = re.compile(rb"\bUID (\d+)")
SIZE = re.compile(rb"\bRFC822\.SIZE (\d+)")


def encoded(folder: str) -> str:
    return encode_folder(folder).decode("ascii")


def ranges(uids: Collection[int]) -> str:
    """Numbers as IMAP writes them, runs drawn together: 3:7,9."""
    runs: list[list[int]] = []
    for uid in sorted(uids):
        if runs and uid == runs[-1][1] + 1:
            runs[-1][1] = uid
        else:
            runs.append([uid, uid])
    return ",".join(str(a) if a == b else f"{a}:{b}" for a, b in runs)


def bodies(data: Sequence[Any]) -> Iterator[tuple[int, bytes]]:
    """The mails in an answer; the number may stand before the mail or after it."""
    for at, item in enumerate(data):
        if not isinstance(item, tuple) or b"BODY[" not in item[0].upper():
            continue
        after = data[at + 1] if at + 1 < len(data) and isinstance(data[at + 1], bytes) else b""
        uid = UID.search(item[0]) or UID.search(after)
        if uid:
            yield int(uid[1]), item[1]


def is_news(line: bytes) -> bool:
    """Whether this line is more than a sign of life."""
    return b"EXISTS" in line.upper() or b"BYE" in line.upper()
