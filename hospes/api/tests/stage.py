"""A desk with something behind every address of the API, and programs that ask."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.test import Client

from hospes.api.actions.issuing import issue
from hospes.api.scopes import SCOPES
from hospes.channels.contract import OutboundFile
from hospes.channels.email.parsing import parse
from hospes.conversations.actions.drafting import save_draft
from hospes.conversations.actions.noting import note
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Attachment, Conversation, Message
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.models import PendingRaw
from hospes.markets.actions.calendars import Plan, make_calendar
from hospes.markets.models import Calendar
from hospes.people.actions.agreeing import Terms, make_contract
from hospes.people.models import Contract, Customer
from hospes.team.models import Agent
from tests.cast import NOON, Cast
from tests.mail import letter

SECRET = "水タンクのひび"  # what nobody else may read, wherever it would stand
ROOT = "/api/v1"


class Program:
    """Asks with a token, as a program outside would."""

    def __init__(self, secret: str = "", **headers: str) -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {**({"Authorization": f"Bearer {secret}"} if secret else {}), **headers}

    def ask(
        self, method: str, path: str, body: Any = None, *, raw: bytes | None = None,
        content_type: str = "application/json", **headers: str,
    ) -> HttpResponse:  # fmt: skip
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
        return self.client.generic(
            method, ROOT + path, data, content_type=content_type,
            headers={**self.headers, **named},
        )  # fmt: skip

    def get(self, path: str, **headers: str) -> HttpResponse:
        return self.ask("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> HttpResponse:
        return self.ask("POST", path, body, **headers)

    def form(self, path: str, fields: dict[str, Any], **headers: str) -> HttpResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(ROOT + path, fields, headers={**self.headers, **named})


def program(agent: Agent, *scopes: str, **headers: str) -> Program:
    """Return a program of this agent; with every scope when none is named."""
    issued = issue(name="Shop", agent=agent, scopes=scopes or sorted(SCOPES), by=None, at=NOON)
    return Program(issued.secret, **headers)


@dataclass(frozen=True)
class Stage:
    """Aiko's conversation in Mina's queue, with a file, an answer, a note and a draft."""

    conversation: Conversation
    received: Message
    answer: Message
    attachment: Attachment
    mina: Program
    contract: Contract
    calendar: Calendar

    def path(self, path: str) -> str:
        """Fill the names in a path of the OpenAPI document with what stands here."""
        return path.removeprefix(ROOT).format(
            reference=self.conversation.reference,
            message_id=self.answer.pk,
            attachment_id=self.attachment.pk,
            customer_id=self.conversation.customer_id,
            kind="reply",
            contract_id=self.contract.pk,
            calendar_id=self.calendar.pk,
            on="2026-12-24",
        )


def set_stage(cast: Cast) -> Stage:
    received = receive(cast, letter("佐藤 愛子 <aiko@example.jp>", subject=SECRET, text=SECRET))
    one = received.conversation
    answer = reply(
        one, text=f"{SECRET}?", by=cast.mina, at=NOON,
        files=[OutboundFile("水.png", "image/png", SECRET.encode())],
    )  # fmt: skip
    note(one, text=SECRET, by=cast.mina, at=NOON)
    save_draft(one, kind="reply", text=SECRET, version=1, by=cast.mina, at=NOON)
    one.refresh_from_db()
    office = Plan(SECRET, "Asia/Tokyo", [[(540, 1020)]] * 5 + [[], []])
    calendar = make_calendar(office, by_id=cast.ana.pk, at=NOON)
    contract = make_contract(Terms(SECRET, calendar=calendar), by_id=cast.ana.pk, at=NOON)
    Customer.objects.filter(pk=one.customer_id).update(contract=contract)
    return Stage(
        one, received, answer, answer.attachments.get(), program(cast.mina), contract, calendar
    )


def receive(cast: Cast, body: bytes) -> Message:
    """Return the message that a verified letter of Aiko's becomes."""
    identity = cast.aiko.identities.order_by("pk")[0]
    (raw_id,) = store_all([Delivery(cast.channel.pk, body, "", cast.channel.address)], at=NOON)
    PendingRaw.objects.filter(pk=raw_id).delete()
    incoming = Incoming(
        raw_id=raw_id, channel=cast.channel, queue_id=cast.care.pk, received_at=NOON,
        inbound=parse(body), verified=True, identity_id=identity.pk, customer_id=cast.aiko.pk,
    )  # fmt: skip
    (message,) = receive_all([incoming], at=NOON)
    return message


def body_of(answer: HttpResponse) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content
