"""Files of customers: on our own host as attachments, or on a host of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from hospes.channels.contract import OutboundFile
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Attachment, Conversation
from tests.cast import NOON, Cast

FILES = "files.kaldera.example"
PAGE = b"<script>alert(1)</script>"


@pytest.fixture
def page(cast: Cast, settings: object, tmp_path: Path) -> Iterator[Attachment]:
    """A file that would be a page if anybody showed it as one."""
    conversation = Conversation.objects.create(
        reference="H-7K3F9", queue=cast.care, brand=cast.brand, channel=cast.channel,
        customer=cast.omar, opened_at=NOON, last_activity_at=NOON,
    )  # fmt: skip
    message = reply(
        conversation, text="Attached.", by=cast.mina, at=NOON,
        files=[OutboundFile("page.html", "text/html", PAGE)],
    )  # fmt: skip
    return message.attachments.get()


def signed_in(client: Client, cast: Cast) -> Client:
    client.force_login(cast.mina)
    return client


def test_a_file_is_saved_and_never_shown(client: Client, cast: Cast, page: Attachment) -> None:
    answer = signed_in(client, cast).get(reverse("attachment", args=[page.pk, page.name]))

    assert answer["Content-Disposition"].startswith("attachment;")
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"".join(answer.streaming_content) == PAGE


def test_a_host_of_files_gives_what_the_desk_allowed_and_nothing_else(
    client: Client, cast: Cast, page: Attachment, settings: object
) -> None:
    settings.FILES_URL = f"https://{FILES}"
    settings.ALLOWED_HOSTS = ["testserver", FILES]
    link = signed_in(client, cast).get(reverse("attachment", args=[page.pk, page.name]))["Location"]
    path = link.removeprefix(f"https://{FILES}")
    stranger = Client(headers={"host": FILES})

    assert link.startswith(f"https://{FILES}/f/")
    assert b"".join(stranger.get(path).streaming_content) == PAGE
    assert stranger.get(path.replace("/f/", "/f/x")).status_code == 404
    assert stranger.get("/account/login/").status_code == 404
    assert client.get(path).status_code == 404, "the desk's own host must not serve it"


def test_a_link_to_the_host_of_files_does_not_last(
    client: Client, cast: Cast, page: Attachment, settings: object, time_machine: object
) -> None:
    settings.FILES_URL = f"https://{FILES}"
    settings.ALLOWED_HOSTS = ["testserver", FILES]
    time_machine.move_to(NOON)
    link = signed_in(client, cast).get(reverse("attachment", args=[page.pk, page.name]))["Location"]

    time_machine.shift(120)

    stranger = Client(headers={"host": FILES})
    assert stranger.get(link.removeprefix(f"https://{FILES}")).status_code == 404


def test_a_file_that_the_disk_did_not_take_is_named_and_leads_nowhere(
    client: Client, cast: Cast, page: Attachment
) -> None:
    address = reverse("attachment", args=[page.pk, page.name])
    conversation = reverse("conversation", args=["H-7K3F9"])
    assert address in signed_in(client, cast).get(conversation).content.decode()

    Attachment.objects.update(missing_since=NOON)

    shown = client.get(conversation).content.decode()
    assert "Not stored: the disk was full." in shown
    assert "page.html" in shown
    assert address not in shown
