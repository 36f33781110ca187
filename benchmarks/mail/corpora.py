"""Mail that nobody here wrote, brought to the real door of a desk; prints how much of it was understood.

    script/bench mail-corpora

HOSPES_CORPORA names the folder of the corpora, else `shared/corpora` beside the project. What is not there is left
out with a line. The desk stands in a folder of its own, listens on loopback alone and ends with the run.
"""

from __future__ import annotations

import json
import os
import smtplib
import sys
import tempfile
import time
from base64 import encodebytes
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import SMTP
from pathlib import Path
from typing import Any

from hospes.channels.email.tests.test_corpora import (
    LINES_KEPT,
    NAMED_OTHERWISE,
    USUAL,
    WRITER,
)
from tests.running import Desk, wait_until

BESIDE = Path(__file__).resolve().parents[3] / "shared" / "corpora"
CORPORA = Path(os.environ.get("HOSPES_CORPORA", BESIDE))
SUPPORT, AGENT, STRANGER = "support@kaldera.example", "mina@kaldera.example", "vic@corp.example"
MOST_SECONDS = 2.0  # in which a mail is answered
PER_LANGUAGE = 3  # paragraphs in each charset

# Which charsets a language was written in, and how programs call them, rightly or not.
CHARSETS = {
    "ja": [
        ("iso2022_jp", "iso-2022-jp"), ("cp932", "shift_jis"), ("euc_jp", "euc-jp"), ("iso2022_jp", ""), ("cp932", ""),
        ("euc_jp", ""), ("utf-8", "shift_jis"), ("cp932", "iso-8859-1"), ("cp932", "utf-8"),
    ],
    "zh-Hans": [
        ("gb18030", "gb2312"), ("gbk", "gb2312"), ("utf-8", "gb2312"), ("gb18030", "gb18030"), ("gbk", ""),
        ("gbk", "iso-8859-1"),
    ],
    "zh-Hant": [("big5", "big5"), ("utf-8", "big5"), ("big5", ""), ("big5", "gb2312")],
    "ko": [
        ("cp949", "euc-kr"), ("cp949", "ks_c_5601-1987"), ("iso2022_kr", "iso-2022-kr"), ("cp949", ""), ("utf-8", "euc-kr"),
    ],
    "ru": [
        ("koi8_r", "koi8-r"), ("cp1251", "windows-1251"), ("iso8859_5", "iso-8859-5"), ("koi8_r", ""), ("cp1251", ""),
        ("cp866", ""), ("iso8859_5", ""), ("koi8_r", "windows-1251"), ("cp1251", "koi8-r"), ("cp1251", "iso-8859-1"),
    ],
    "uk": [("koi8_u", "koi8-u"), ("cp1251", "windows-1251"), ("koi8_u", ""), ("cp1251", "")],
    "bg": [("cp1251", "windows-1251"), ("cp1251", "")],
    "sr": [("cp1251", "windows-1251"), ("cp1251", "")],
    "el": [("cp1253", "windows-1253"), ("iso8859_7", "iso-8859-7"), ("cp1253", ""), ("iso8859_7", "")],
    "he": [("cp1255", "windows-1255"), ("iso8859_8", "iso-8859-8-i"), ("cp1255", "")],
    "ar": [("cp1256", "windows-1256"), ("cp1256", ""), ("iso8859_6", "iso8859-6"), ("iso8859_6", "")],
    "fa": [("cp1256", "")],
    "th": [("cp874", "tis-620"), ("cp874", "windows-874"), ("cp874", "")],
    "tr": [("cp1254", "iso-8859-9"), ("cp1254", ""), ("cp1254", "iso-8859-1")],
    "pl": [
        ("iso8859_2", "iso-8859-2"), ("cp1250", "windows-1250"), ("cp1250", "iso-8859-2"), ("cp1250", ""), ("iso8859_2", ""),
        ("cp1250", "iso-8859-1"),
    ],
    "cs": [("iso8859_2", "iso-8859-2"), ("cp1250", "windows-1250"), ("cp1250", ""), ("iso8859_2", "")],
    "sk": [("cp1250", "")],
    "sl": [
        ("cp1250", "windows-1250"), ("iso8859_2", "iso-8859-2"), ("cp1250", "iso-8859-2"), ("cp1250", ""),
        ("cp1250", "iso-8859-1"),
    ],
    "hr": [("cp1250", ""), ("cp1250", "iso-8859-1")],
    "hu": [("iso8859_2", "iso-8859-2"), ("cp1250", "")],
    "ro": [("cp1250", "")],
    "lt": [("cp1257", "windows-1257"), ("cp1257", "")],
    "de": [("cp1252", "iso-8859-1"), ("utf-16", "utf-16"), ("cp1252", "us-ascii"), ("cp1252", ""), ("cp1252", "utf-8")],
    "fr": [
        ("cp1252", "iso-8859-15"), ("utf-7", "utf-7"), ("mac_roman", "macintosh"), ("cp1252", ""), ("cp1252", "utf-8"),
        ("cp1252", "us-ascii"),
    ],
    "es": [("cp1252", "windows-1252"), ("utf-8", "iso-8859-1"), ("cp1252", ""), ("cp1252", "utf-8")],
    "pt-PT": [("cp1252", "")],
    "it": [("cp1252", "")],
    "sv": [("cp1252", "")],
    "da": [("cp1252", "")],
    "fi": [("cp1252", "")],
    "is": [("cp1252", "")],
    "vi": [("utf-8", "us-ascii")],
}  # fmt: skip


@dataclass
class Score:
    """How much of one kind was understood."""

    name: str
    right: int = 0
    wrong: list[str] = field(default_factory=list)

    def count(self, label: str, *, is_right: bool) -> None:
        if is_right:
            self.right += 1
        else:
            self.wrong.append(label)

    def __str__(self) -> str:
        total = self.right + len(self.wrong)
        some = ", ".join(self.wrong[:6]) + (", ..." if len(self.wrong) > 6 else "")
        return f"{self.name:<42} {self.right:>4} of {total}" + (f"   not: {some}" if some else "")


@dataclass
class Door:
    """The SMTP door of a desk, and what became of what was brought there."""

    desk: Desk
    seconds: dict[str, float] = field(default_factory=dict)  # to the answer, by label
    codes: dict[str, int] = field(default_factory=dict)

    def bring(self, mails: Iterator[tuple[str, bytes]]) -> None:
        """Bring each mail under its label, which is its envelope's sender."""
        with smtplib.SMTP("127.0.0.1", self.desk.smtp_port, timeout=30) as client:
            client.ehlo()
            for label, body in mails:
                began = time.monotonic()
                client.mail(f"{label}@corpus.example", ["BODY=8BITMIME"])
                client.rcpt(SUPPORT)
                self.codes[label], _words = client.data(body)
                self.seconds[label] = time.monotonic() - began

    def became(self) -> dict[str, dict[str, Any]]:
        """Return what is known of each mail, by label, when all are understood."""
        wait_until(self._is_quiet, why="all mail is understood", seconds=300)
        return dict(json.loads(self.desk.python(ASK)))

    def _is_quiet(self) -> bool:
        return bool(self.desk.json("mail")["pending"] == 0)


ASK = """
import json
from hospes.conversations.models import Message
from hospes.intake.models import HeldRaw, QuarantinedRaw, Raw
senders = dict(Raw.objects.values_list("pk", "envelope_from"))
label = lambda pk: senders[pk].rpartition("@")[0]
found = {}
for m in Message.objects.exclude(raw_id=None).select_related("conversation__customer"):
    found[label(m.raw_id)] = {
        "state": "shown", "name": m.from_name, "address": m.from_address, "subject": m.subject, "text": m.text,
        "reply_text": m.reply_text, "by_us": m.agent_id is not None, "customer": m.conversation.customer.display_name,
    }
for h in HeldRaw.objects.all():
    found[label(h.pk)] = {"state": "held", "reason": h.reason, "address": h.from_address, "subject": h.subject}
for q in QuarantinedRaw.objects.all():
    found[label(q.pk)] = {"state": "quarantined", "reason": q.error}
print(json.dumps(found))
"""

SET_UP = f"""
from hospes.channels.models import Channel
from hospes.events.hints import tell_desk_changed
from hospes.team.models import Agent
Channel.objects.update(address={SUPPORT!r}, is_catch_all=False, trusted_hop="mx.kaldera.example")
Agent.objects.create(email={AGENT!r}, name="Mina")
tell_desk_changed()
"""


def main() -> int:
    if not CORPORA.is_dir():
        print(f"No corpora at {CORPORA}: HOSPES_CORPORA names their folder.")
        return 0
    with tempfile.TemporaryDirectory(prefix="hospes-corpora-") as folder:
        desk = Desk(Path(folder) / "desk").start()
        try:
            desk.python(SET_UP)
            for score in _scores(Door(desk)):
                print(score)
        finally:
            desk.stop()
    return 0


def _scores(door: Door) -> Iterator[Score | str]:
    parts = [
        ("crisp-email-forward-parser", _forwards, _score_forwards),
        ("crisp-email-reply-parser", _replies, _score_replies),
        ("mimekit", _files("mimekit"), _score_answers("mimekit")),
        ("cpython-test_email", _files("cpython-test_email"), _score_answers("cpython-test_email")),
        ("udhr", _charsets, _score_charsets),
    ]
    present = [one for one in parts if (CORPORA / one[0]).is_dir()]
    for name in sorted({one[0] for one in parts} - {one[0] for one in present}):
        yield f"{name}: not here"
    for _, mails, _score in present:
        door.bring(mails())
    became = door.became()
    for _, _mails, score in present:
        yield from score(door, became)
    counts = door.desk.json("mail")
    yield (
        f"{counts['stored']} stored = {counts['shown']} shown + {counts['held']} held"
        f" + {counts['quarantined']} quarantined + {counts['pending']} pending"
    )


# Forwarded mails: a colleague forwards a customer's ------------------------------------------------


def _entries() -> Iterator[tuple[str, str, str, str]]:
    """Yield (label, group, subject, text) of every forwarded mail."""
    folder = CORPORA / "crisp-email-forward-parser"
    groups = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))["groups"]
    number = 0
    for group in groups:
        for entry in group["entries"]:
            text, subject = (
                (folder / "test" / "fixtures" / name).read_text(encoding="utf-8") if name else ""
                for name in (entry["body"], entry["subject"])
            )
            number += 1
            yield f"forward.{number}", group["group"], subject.strip(), text


def _forwards() -> Iterator[tuple[str, bytes]]:
    for label, _group, subject, text in _entries():
        yield label, _mail(label, AGENT, subject, text, verified=True)


def _score_forwards(_door: Door, became: dict[str, dict[str, Any]]) -> Iterator[Score]:
    folder = CORPORA / "crisp-email-forward-parser"
    constants = json.loads((folder / "expectations.json").read_text(encoding="utf-8"))["constants"]
    score = Score("forwarded: customer and subject right")
    for label, group, _subject, _text in _entries():
        name, address = NAMED_OTHERWISE.get(group, WRITER)
        told = became.get(label, {"state": "lost"})
        if group == "testVariant4" or not address:  # no forward, or nobody who could be answered
            score.count(f"{label} ({group})", is_right=told["state"] == "held")
            continue
        said = (told.get("name"), told.get("address"), told.get("subject"), told.get("by_us"))
        score.count(
            f"{label} ({group})", is_right=said == (name, address, constants["SUBJECT"], True)
        )
    yield score


# Replies: what was written, without what was quoted ------------------------------------------------


def _reply_files() -> list[Path]:
    return sorted((CORPORA / "crisp-email-reply-parser" / "test" / "fixtures").glob("*.txt"))


def _replies() -> Iterator[tuple[str, bytes]]:
    for path in _reply_files():
        label = f"reply.{path.stem}"
        yield label, _mail(label, STRANGER, "Re: it", path.read_text(encoding="utf-8"))


def _score_replies(_door: Door, became: dict[str, dict[str, Any]]) -> Iterator[Score]:
    score = Score("replies exact")
    for path in _reply_files():
        text = path.read_text(encoding="utf-8")
        expected = 5 if text.startswith(USUAL) else LINES_KEPT[path.stem]
        told = became.get(f"reply.{path.stem}", {})
        kept = str(told.get("reply_text", "")).split("\n")
        score.count(path.stem, is_right=len(kept) == expected)
    yield score


# Odd and hostile mails: answered in time, and none lost --------------------------------------------


def _files(name: str) -> Any:
    def mails() -> Iterator[tuple[str, bytes]]:
        for number, path in enumerate(_paths(name)):
            yield f"{name}.{number}", path.read_bytes()

    return mails


def _paths(name: str) -> list[Path]:
    files = (path for path in (CORPORA / name).rglob("*") if path.is_file())
    return sorted(path for path in files if path.name not in {"SOURCE.txt", "LICENSE"})


def _score_answers(name: str) -> Any:
    def score(door: Door, became: dict[str, dict[str, Any]]) -> Iterator[Score]:
        answered = Score(f"{name}: answered within {MOST_SECONDS:g} s")
        kept = Score(f"{name}: shown, held or quarantined")
        readable = Score(f"{name}: read (not quarantined)")
        bodies: dict[bytes, str] = {}
        for number, path in enumerate(_paths(name)):
            label = f"{name}.{number}"
            first = bodies.setdefault(path.read_bytes(), label)  # the same bytes are stored once
            is_soon = door.seconds[label] < MOST_SECONDS and 200 <= door.codes[label] < 500
            answered.count(path.name, is_right=is_soon)
            if door.codes[label] == 250:
                told = became.get(first, {"state": "lost"})
                kept.count(path.name, is_right=told["state"] != "lost")
                readable.count(path.name, is_right=told["state"] in {"shown", "held"})
        yield from (answered, kept, readable)

    return score


# Charsets: the same texts as programs of thirty years wrote them -----------------------------------


def _written() -> Iterator[tuple[str, str, str, str]]:
    """Yield (label, text, charset it is written in, charset it says)."""
    lines = (CORPORA / "udhr" / "articles.jsonl").read_text(encoding="utf-8").splitlines()
    by_language: dict[str, list[str]] = {}
    for line in lines:
        one = json.loads(line)
        by_language.setdefault(one["lang"], []).append(one["text"])
    for language, charsets in CHARSETS.items():
        for charset, said in charsets:
            given = 0
            for number, text in enumerate(by_language.get(language, ())):
                if given == PER_LANGUAGE or not _fits(text, charset):
                    continue
                given += 1
                yield (
                    f"charset.{language}.{charset}.{said or 'unsaid'}.{number}",
                    text,
                    charset,
                    said,
                )


def _fits(text: str, charset: str) -> bool:
    try:
        return text.encode(charset).decode(charset) == text
    except UnicodeError:
        return False


def _charsets() -> Iterator[tuple[str, bytes]]:
    for label, text, charset, said in _written():
        kind = f"text/plain; charset={said}" if said else "text/plain"
        head = (
            f"From: {STRANGER}\r\nTo: {SUPPORT}\r\nSubject: {label}\r\nMIME-Version: 1.0\r\n"
            f"Content-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n"
        )
        yield label, head.encode() + _base64(text.encode(charset))


def _base64(data: bytes) -> bytes:
    return encodebytes(data).replace(b"\n", b"\r\n")


def _score_charsets(_door: Door, became: dict[str, dict[str, Any]]) -> Iterator[Score]:
    score = Score("charsets: text right, sign for sign")
    for label, text, _charset, _said in _written():
        told = " ".join(str(became.get(label, {}).get("text", "")).split())
        score.count(label.removeprefix("charset."), is_right=told == " ".join(text.split()))
    yield score


def _mail(label: str, from_: str, subject: str, text: str, *, verified: bool = False) -> bytes:
    message = EmailMessage(policy=SMTP)
    domain = from_.rpartition("@")[2]
    if verified:
        message["Authentication-Results"] = f"mx.kaldera.example; dmarc=pass header.from={domain}"
    message["From"], message["To"], message["Subject"] = from_, SUPPORT, subject
    message["Message-ID"] = f"<{label}@corpus.example>"
    message.set_content(text.replace("\r\n", "\n"), charset="utf-8", cte="base64")
    return message.as_bytes()


if __name__ == "__main__":
    sys.exit(main())
