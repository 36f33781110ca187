"""Acknowledgements in the workspace: set by operators, one quiet line for whoever answers."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.brands.models import Site
from hospes.channels.models import Channel
from hospes.conversations.actions.acknowledging import acknowledge
from hospes.conversations.events import AcknowledgementWithheld, Withheld
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.conversations.tests.speaking import received
from hospes.events.recording import record
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db
State = OutboxEntry.State


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


@pytest.fixture
def mina(client: Client, cast: Cast) -> Client:
    client.force_login(cast.mina)
    return client


def acknowledged(cast: Cast) -> Message:
    Channel.objects.update(acknowledges=True)
    asked = received(cast)
    Conversation.objects.update(language="ja")
    (message,) = acknowledge([asked.pk], at=NOON)
    return message


def page(client: Client, conversation: Conversation) -> str:
    return client.get(reverse("conversation", args=[conversation.reference])).content.decode()


def test_an_operator_switches_it_on_and_reads_what_it_says(ana: Client, cast: Cast) -> None:
    address = reverse("settings_acknowledging", args=[cast.channel.pk])
    before = ana.get(address).content.decode()
    assert "Tiempo habitual" not in before

    ana.post(address, {"is_on": "on", "usual_hours": "48"})

    cast.channel.refresh_from_db()
    assert (cast.channel.acknowledges, cast.channel.usual_hours) == (True, 48)
    told = ana.get(address).content.decode()
    assert "Tiempo habitual hasta la respuesta: 2 días." in told
    assert 'lang="ar" dir="rtl"' in told
    assert 'lang="zh-Hant" dir="ltr"' in told
    ana.post(address, {"usual_hours": ""})
    cast.channel.refresh_from_db()
    assert (cast.channel.acknowledges, cast.channel.usual_hours) == (False, None)


@pytest.mark.parametrize("hours", ["0", "-1", "721", "soon"])
def test_a_time_that_nobody_would_tell_is_refused(ana: Client, cast: Cast, hours: str) -> None:
    address = reverse("settings_acknowledging", args=[cast.channel.pk])
    refused = ana.post(address, {"is_on": "on", "usual_hours": hours})
    assert refused.status_code == 200
    cast.channel.refresh_from_db()
    assert not cast.channel.acknowledges


def test_it_is_off_until_somebody_switches_it_on(ana: Client, cast: Cast) -> None:
    assert not Channel.objects.filter(acknowledges=True).exists()
    page = ana.get(reverse("settings_channel", args=[cast.channel.pk])).content.decode()
    assert reverse("settings_acknowledging", args=[cast.channel.pk]) in page


def test_whoever_answers_sees_one_line_with_its_text_on_opening(mina: Client, cast: Cast) -> None:
    message = acknowledged(cast)
    OutboxEntry.objects.update(state=State.ACCEPTED)

    told = page(mina, message.conversation)

    assert "<summary>Automatic acknowledgement sent (Japanese)</summary>" in told
    assert f'lang="ja" dir="ltr">{message.text}</p>' in told
    assert "Waiting on us" in told
    assert f'id="state-{message.pk}"' not in told  # nothing to do about it


@pytest.mark.parametrize(
    ("state", "words"), [(State.QUEUED, "Waiting"), (State.BOUNCED, "Not delivered")]
)
def test_the_line_says_when_it_has_not_gone(
    mina: Client, cast: Cast, state: str, words: str
) -> None:
    message = acknowledged(cast)
    OutboxEntry.objects.update(state=state)
    told = page(mina, message.conversation)
    assert f"Automatic acknowledgement (Japanese): {words}" in told
    assert "Send again" not in told
    assert "To another address" not in told


def test_a_conversation_that_only_a_machine_answered_counts_as_unanswered(
    mina: Client, cast: Cast
) -> None:
    message = acknowledged(cast)
    Conversation.objects.update(waiting_since=None)
    assert "No answer needed" in page(mina, message.conversation)


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (Withheld.LOOP, "nothing is sent back by itself"),
        (Withheld.ADDRESS, "this address has had enough of them today"),
        (Withheld.CONVERSATION, "this address has had enough of them today"),
        (Withheld.DESK, "too many left within an hour"),
    ],
)
def test_why_nothing_left_by_itself_is_told_in_words(
    mina: Client, cast: Cast, reason: str, words: str
) -> None:
    asked = received(cast)
    record(AcknowledgementWithheld(asked.conversation_id, asked.pk, reason=reason), at=NOON)
    assert words in page(mina, asked.conversation).replace("&#x27;", "'")


@pytest.mark.parametrize("name", ["settings_channels", "settings_mail"])
def test_operators_are_told_that_nothing_leaves_by_itself_for_now(
    ana: Client, cast: Cast, name: str
) -> None:
    address = reverse(name)
    assert "left by themselves" not in ana.get(address).content.decode()
    Site.objects.update(automatic_stopped_at=timezone.now())
    assert "200 letters left by themselves" in ana.get(address).content.decode()
    Site.objects.update(automatic_stopped_at=timezone.now() - timedelta(hours=1))
    assert "left by themselves" not in ana.get(address).content.decode()


def test_one_that_failed_is_no_failed_reply_of_its_channel(ana: Client, cast: Cast) -> None:
    acknowledged(cast)
    OutboxEntry.objects.update(state=State.FAILED, changed_at=timezone.now())
    assert "not delivered" not in ana.get(reverse("settings_channels")).content.decode()
