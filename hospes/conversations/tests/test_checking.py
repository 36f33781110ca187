"""What the virus scanner says, and who hears of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils import timezone
from pytest_django import Settings

from hospes.conversations.actions.checking import check_waiting
from hospes.conversations.models import Attachment
from hospes.events.models import Event
from hospes.files.actions.checking import want_checks
from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter
from tests.scanner import scanner


@pytest.mark.django_db
def test_every_screen_that_shows_the_file_hears_of_what_was_found(
    cast: Cast, settings: Settings, tmp_path: Path
) -> None:
    settings.DATA_DIR = tmp_path
    offer = ("offer.pdf", "application/pdf", b"%PDF-1.7 the same")
    brought = [
        shown(cast, letter(sender, subject="An offer", files=[offer]))
        for sender in ("aiko@example.jp", "omar@example.sa")
    ]
    sha256 = Attachment.objects.values_list("sha256", flat=True).distinct().get()
    with scanner(tmp_path / "clamd.ctl") as clamd:
        settings.CLAMD = clamd.place
        want_checks({sha256: brought[0].pk}, at=timezone.now())

        assert check_waiting(at=timezone.now()) == 1

    told = Event.objects.filter(kind="FileChecked").order_by("pk")
    assert [(one.conversation_id, one.data["message_id"]) for one in told] == [
        (message.conversation_id, message.pk) for message in brought
    ]
