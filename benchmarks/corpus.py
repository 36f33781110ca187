"""Seeded multilingual support mail: ten languages, plain and HTML parts, old charsets, replies that quote.

The same number always makes the same conversation, so both systems of a comparison get the same mail:

    python benchmarks/corpus.py FOLDER --conversations 1000
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from pathlib import Path

from faker import Faker

LOCALES = {
    "en": "en_US",
    "de": "de_DE",
    "fr": "fr_FR",
    "es": "es_ES",
    "pt": "pt_BR",
    "pl": "pl_PL",
    "ru": "ru_RU",
    "ja": "ja_JP",
    "zh": "zh_CN",
    "ar": "ar_AA",
}
OLD_CHARSETS = {
    "de": "iso-8859-1",
    "fr": "iso-8859-15",
    "es": "iso-8859-1",
    "pt": "iso-8859-1",
    "pl": "iso-8859-2",
    "ru": "koi8-r",
    "ja": "iso-2022-jp",
    "zh": "gb18030",
    "ar": "cp1256",
}
SUPPORT = "support@bench.example"
HOP = "mx.bench.example"
START = datetime(2024, 11, 1, tzinfo=UTC)
SEED = 7


@dataclass(frozen=True)
class Said:
    """One message of a conversation; even positions are the customer's."""

    position: int
    text: str
    at: datetime
    message_id: str


@dataclass(frozen=True)
class Thread:
    number: int
    language: str
    name: str
    address: str
    subject: str
    said: tuple[Said, ...]


class Corpus:
    """Sentences and people of each language, drawn once, so that sampling is cheap and repeatable."""

    def __init__(self, *, sentences: int = 800, people: int = 400) -> None:
        self.sentences: dict[str, list[str]] = {}
        self.people: dict[str, list[tuple[str, str]]] = {}
        for index, (language, locale) in enumerate(LOCALES.items()):
            fake = Faker(locale)
            fake.seed_instance(SEED * 100 + index)
            self.sentences[language] = [fake.sentence(nb_words=12) for _ in range(sentences)]
            self.people[language] = [
                (fake.name(), f"{language}{i}.customer@client{i % 97}.example")
                for i in range(people)
            ]

    def threads(self, count: int, *, first: int = 0) -> Iterator[Thread]:
        for number in range(first, first + count):
            yield self.thread(number)

    def thread(self, number: int) -> Thread:
        draw = random.Random(SEED * 1_000_003 + number)
        language = draw.choice(list(LOCALES))
        name, address = draw.choice(self.people[language])
        said, at = [], START + timedelta(minutes=number)
        for position in range(1 + min(11, int(draw.expovariate(1 / 3)))):
            message_id = f"<t{number}.m{position}@client.example>"
            said.append(Said(position, self._text(draw, language), at, message_id))
            at += timedelta(minutes=draw.randint(5, 60))  # so that early mails are answered soon
        subject = f"{draw.choice(self.sentences[language]).rstrip('.')[:60]} #{number}"
        return Thread(number, language, name, address, subject, tuple(said))

    def mails(self, thread: Thread) -> Iterator[bytes]:
        """Yield each message as the customer's program sends it, the earlier ones quoted below."""
        draw = random.Random(SEED * 7_000_003 + thread.number)
        before: list[Said] = []
        for said in thread.said:
            yield _mail(thread, said, before, draw).as_bytes()
            before.append(said)

    def _text(self, draw: random.Random, language: str) -> str:
        """Fresh text, log-normal: about a kilobyte, from 0.3 to 9."""
        wanted, paragraphs, size = min(9000, max(300, math.exp(draw.gauss(6.9, 0.8)))), [], 0
        while size < wanted:
            paragraph = " ".join(
                draw.choice(self.sentences[language]) for _ in range(draw.randint(2, 5))
            )
            if draw.random() < 0.2:
                paragraph += f" refund {draw.randint(1000, 99999)}."
            paragraphs.append(paragraph)
            size += len(paragraph.encode())
        return "\n\n".join(paragraphs)


def _mail(thread: Thread, said: Said, before: list[Said], draw: random.Random) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    mail["Authentication-Results"] = f"{HOP}; dmarc=pass header.from={thread.address.split('@')[1]}"
    mail["From"] = f'"{thread.name}" <{thread.address}>' if draw.random() < 0.9 else thread.address
    mail["To"] = SUPPORT
    mail["Subject"] = ("Re: " if before else "") + thread.subject
    mail["Date"] = format_datetime(said.at)
    mail["Message-ID"] = said.message_id
    if before:
        mail["In-Reply-To"] = before[-1].message_id
        mail["References"] = " ".join(earlier.message_id for earlier in before)
    text = f"{said.text}\n\n-- \n{thread.name}\n"
    if before:
        quoted = "\n".join("> " + line for line in before[-1].text[:3000].splitlines())
        text += f"\nOn {format_datetime(said.at)}, Support <{SUPPORT}> wrote:\n{quoted}"
    mail.set_content(text, charset=_charset(thread.language, text, draw))
    if draw.random() < 0.7:
        mail.add_alternative(_html(said.text, thread.language), subtype="html")
    if draw.random() < 0.08:
        mail.add_attachment(
            draw.randbytes(draw.randint(800, 5000)),
            maintype="image",
            subtype="png",
            filename="screen shot.png",
        )
    return mail


def _charset(language: str, text: str, draw: random.Random) -> str:
    old = OLD_CHARSETS.get(language)
    if old and draw.random() < 0.15:
        try:
            text.encode(old)
        except UnicodeEncodeError:
            return "utf-8"
        return old
    return "utf-8"


def _html(text: str, language: str) -> str:
    paragraphs = "".join(
        f'<p style="margin:0 0 12px;font:14px Arial">{escape(part)}</p>'
        for part in text.split("\n\n")
    )
    return (
        f'<!doctype html><html lang="{language}"><head><meta charset="utf-8"></head><body>{paragraphs}'
        '<div class="sig">-- <br>Sent from <a href="https://client.example/">my phone</a></div></body></html>'
    )


def write(folder: Path, conversations: int) -> int:
    """Write the mails of so many conversations, in order of arrival, and return how many there are."""
    corpus, dated = Corpus(), []
    for thread in corpus.threads(conversations):
        dated += zip((said.at for said in thread.said), corpus.mails(thread), strict=True)
    folder.mkdir(parents=True, exist_ok=True)
    for index, (_, body) in enumerate(sorted(dated, key=lambda pair: pair[0])):
        (folder / f"{index:06}.eml").write_bytes(body)
    return len(dated)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--conversations", type=int, default=1000)
    given = parser.parse_args()
    print(write(given.folder, given.conversations), "mails")
