"""Hostile and broken mails nobody here wrote, brought to the door as they are."""

from __future__ import annotations

import smtplib
import time
from contextlib import closing
from pathlib import Path

import pytest
from django.utils import timezone

from hospes.channels.email.child import ParserChild
from hospes.intake.actions.understanding import understand_batch
from hospes.intake.counters import counters
from hospes.intake.desk import load_desk
from hospes.intake.models import Raw
from hospes.intake.tests.test_doors import open_doors
from tests.cast import Cast
from tests.corpora import folder
from tests.mail import letter

SUPPORT = "support@kaldera.example"
MOST_SECONDS = 2.0


def mails(name: str) -> list[Path]:
    return sorted(path for path in folder(name).rglob("*") if path.is_file())


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("corpus", ["mimekit", "cpython-test_email"])
def test_every_mail_is_answered_soon_and_none_is_lost(cast: Cast, corpus: str) -> None:
    taken: set[bytes] = set()
    slow: dict[str, float] = {}
    with open_doors() as doors, smtplib.SMTP("127.0.0.1", doors.smtp, timeout=20) as client:
        client.ehlo()
        for path in mails(corpus):
            body = path.read_bytes()
            began = time.monotonic()
            client.mail("eve@evil.example", ["BODY=8BITMIME"])
            client.rcpt(SUPPORT)
            code, _words = client.data(body)
            seconds = time.monotonic() - began
            assert 200 <= code < 600
            if code == 250:
                taken.add(body)
            if seconds > MOST_SECONDS:
                slow[path.name] = seconds
        assert client.noop()[0] == 250
        client.mail("aiko@example.jp")
        client.rcpt(SUPPORT)
        assert client.data(letter("aiko@example.jp", subject="a good one"))[0] == 250

    assert slow == {}
    assert Raw.objects.count() == len(taken) + 1
    with closing(ParserChild()) as parser:
        while understand_batch(parser=parser, worker_id=1, at=timezone.now(), desk=load_desk()):
            pass
    found = counters()
    assert found.is_balanced
    assert found.pending == 0
    assert found.shown >= 1
    assert found.stored == len(taken) + 1
