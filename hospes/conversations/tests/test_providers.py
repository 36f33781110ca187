"""Replies that leave through a provider: the same honest states, and never a second letter."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import ip_network

import pytest
from pytest_django import Settings

from hospes.channels.email.providers.tests.stand_in import KEY, KEY_ID, StandIn, providers
from hospes.channels.email.tests.servers import Desk, running
from hospes.channels.models import OutgoingServer, OutgoingState
from hospes.conversations.actions.delivering import resend
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.sending import send_due
from hospes.conversations.models import Message, OutboxEntry
from hospes.conversations.tests.speaking import asked
from tests import apart
from tests.cast import NOON, Cast

State, Reason = OutboxEntry.State, OutboxEntry.Reason
pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ["mailgun", "postmark", "ses", "sendgrid", "brevo", "resend"]
REPEATABLE = {"resend"}
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def stand_in() -> Iterator[StandIn]:
    with providers() as stand_in:
        yield stand_in


@pytest.fixture
def message(cast: Cast, settings: Settings) -> Message:
    settings.UNDO_SECONDS, settings.SMTP_URL = 0, ""
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    return reply(asked(cast), text="On Saturday.", by=cast.mina, at=NOON)


def account(kind: str, stand_in: StandIn, *, instead_of: OutgoingServer | None = None):
    parts = {"mailgun": "kaldera.example", "ses": "eu-central-1"}
    return OutgoingServer.objects.create(
        kind=kind, username=KEY_ID, password=KEY, account=parts.get(kind, ""),
        api_url=stand_in.api_url(kind), stands_in_for=instead_of,
    )  # fmt: skip


def now() -> OutboxEntry:
    return OutboxEntry.objects.get()


@pytest.mark.parametrize("kind", KINDS)
def test_a_reply_leaves_through_each_provider(
    message: Message, stand_in: StandIn, kind: str
) -> None:
    through = account(kind, stand_in)

    send_due(at=NOON)
    send_due(at=NOON + MINUTE)

    (got,) = stand_in.taken
    entry = now()
    assert (entry.state, entry.reason, entry.server_id) == (State.ACCEPTED, "", through.pk)
    assert entry.provider_id == got.id or kind == "sendgrid"
    assert got.headers.get("Message-ID", got.headers.get("Message-Id")) == message.message_id
    assert got.text.startswith("On Saturday.")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trick", ["taken:500", "taken:reset"])
def test_f08_what_a_provider_may_have_is_sent_by_no_machine_unless_it_cannot_go_twice(
    message: Message, stand_in: StandIn, kind: str, trick: str
) -> None:
    account(kind, stand_in)
    stand_in.tricks.append(trick)

    send_due(at=NOON)
    after_one = (now().state, now().reason)
    for hours in range(1, 60, 7):
        send_due(at=NOON + hours * HOUR)

    assert len(stand_in.taken) == 1
    if kind in REPEATABLE:
        assert after_one == (State.QUEUED, Reason.ASKED_AGAIN)
        assert (now().state, now().provider_id) == (State.ACCEPTED, stand_in.taken[0].id)
    else:
        assert after_one == (State.UNKNOWN, Reason.NO_ANSWER)
        assert now().state == State.UNKNOWN


def test_f08_what_one_provider_may_have_is_never_handed_to_the_next(
    message: Message, stand_in: StandIn
) -> None:
    first = account("resend", stand_in)
    account("mailgun", stand_in, instead_of=first)
    stand_in.tricks.append("taken:500")
    send_due(at=NOON)
    OutgoingServer.objects.filter(pk=first.pk).update(api_url="http://127.0.0.1:9/resend")

    for minutes in range(1, 20):
        send_due(at=NOON + minutes * MINUTE)
        OutgoingState.objects.all().delete()
    meanwhile = (now().state, now().reason)
    send_due(at=NOON + 24 * HOUR)

    assert meanwhile == (State.QUEUED, Reason.ASKED_AGAIN)
    assert now().state == State.UNKNOWN  # by now it has forgotten our number
    assert [one.kind for one in stand_in.taken] == ["resend"]


def test_f08_a_provider_that_remembers_no_more_is_not_asked_again(
    message: Message, stand_in: StandIn
) -> None:
    account("resend", stand_in)
    stand_in.tricks.append("taken:500")

    send_due(at=NOON)
    stand_in.remembered.clear()
    send_due(at=NOON + 25 * HOUR)

    assert len(stand_in.taken) == 1
    assert now().state == State.UNKNOWN


def test_what_an_agent_sends_again_goes_again(
    message: Message, stand_in: StandIn, cast: Cast
) -> None:
    account("resend", stand_in)
    send_due(at=NOON)
    OutboxEntry.objects.update(state=State.BOUNCED)

    resend(message, by=cast.mina, at=NOON + HOUR)
    send_due(at=NOON + HOUR)

    assert len(stand_in.taken) == 2
    assert now().provider_id == stand_in.taken[1].id


def test_f18_a_provider_that_takes_nothing_for_hours_has_replies_wait(
    message: Message, stand_in: StandIn
) -> None:
    account("postmark", stand_in)
    stand_in.tricks += ["status:503"] * 5

    reasons = []
    at = NOON
    for _ in range(5):
        send_due(at=at)
        reasons.append(now().reason)
        at = now().due_at
        OutgoingState.objects.update(retry_at=None)
    send_due(at=at)

    assert set(reasons) == {Reason.REFUSED_FOR_NOW}
    assert (now().state, len(stand_in.taken)) == (State.ACCEPTED, 1)


def test_f19_a_provider_is_left_alone_as_long_as_it_asks(
    message: Message, stand_in: StandIn
) -> None:
    account("brevo", stand_in)
    stand_in.tricks.append("status:429:600")

    send_due(at=NOON)

    assert now().due_at == NOON + 600 * SECOND
    state = OutgoingState.objects.get()
    assert state.retry_at - state.failing_since == 600 * SECOND


def test_f19_a_key_that_is_taken_back_loses_no_reply(message: Message, stand_in: StandIn) -> None:
    through = account("mailgun", stand_in)
    OutgoingServer.objects.update(password="revoked")
    send_due(at=NOON)
    waiting = now()
    OutgoingServer.objects.filter(pk=through.pk).first()
    OutgoingServer.objects.all().delete()
    account("mailgun", stand_in)
    send_due(at=waiting.due_at)

    assert (waiting.state, waiting.reason) == (State.QUEUED, Reason.REFUSED_FOR_NOW)
    assert waiting.answer.startswith("401")
    assert now().state == State.ACCEPTED


def test_a_mail_server_takes_over_from_a_provider_that_has_no_letter(
    message: Message, stand_in: StandIn
) -> None:
    desk = Desk()
    with running(desk) as port:
        first = account("sendgrid", stand_in)
        OutgoingServer.objects.create(
            host="127.0.0.1", port=port, security="none", stands_in_for=first
        )
        stand_in.tricks.append("status:401")
        send_due(at=NOON)

    assert len(desk.envelopes) == 1
    assert stand_in.taken == []
    assert now().state == State.ACCEPTED


SEND = """
from hospes.conversations.actions.sending import send_due
from tests.cast import NOON
send_due(at=NOON)
"""


@pytest.mark.parametrize("kind", ["mailgun", "resend"])
@pytest.mark.parametrize(
    ("point", "count_before"),
    [("sending.before_dot", 0), ("sending.after_dot", 0), ("sending.after_answer", 1)],
)
def test_f08_a_sender_that_is_killed_has_no_provider_send_twice(
    message: Message, stand_in: StandIn, kind: str, point: str, count_before: int
) -> None:
    account(kind, stand_in)
    assert apart.run(SEND, crash_at=point, HOSPES_PRIVATE_NETWORKS="127.0.0.1") == -9
    assert len(stand_in.taken) == count_before
    if kind in REPEATABLE:  # what was begun by the clock of a test lies in the past of the other
        OutboxEntry.objects.exclude(stage="before_dot").update(changed_at=NOON)

    for minutes in range(3):
        send_due(at=NOON + minutes * MINUTE)

    is_known = kind in REPEATABLE or point == "sending.before_dot"
    assert now().state == (State.ACCEPTED if is_known else State.UNKNOWN)
    assert len(stand_in.taken) == (1 if is_known or count_before else 0)
