"""What became of a reply, below it, and what an agent can do about it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hospes.conversations.actions.replying import reply
from hospes.conversations.models import OutboxEntry
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter


@pytest.mark.django_db
def test_a_reply_that_came_back_can_be_sent_to_another_address(client: Client, cast: Cast) -> None:
    first = shown(cast, letter("Aiko <aiko@example.jp>", subject="A moved mailbox"))
    message = reply(first.conversation, text="Yes.", by=cast.mina, at=NOON)
    address = reverse("conversation", args=[first.conversation.reference])
    client.force_login(cast.mina)
    assert "To another address" not in client.get(address).content.decode()
    OutboxEntry.objects.update(state="bounced", reason="no_such_address")

    page = client.get(address).content.decode()
    client.post(reverse("resend", args=[message.pk]), {"to": "Aiko <aiko@new.example>"})

    assert "To another address" in page
    assert 'value="Aiko &lt;aiko@example.jp&gt;"' in page
    message.refresh_from_db()
    assert message.to == [["Aiko", "aiko@new.example"]]
    assert OutboxEntry.objects.get().state == "queued"
