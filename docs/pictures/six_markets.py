"""The same complaint in six markets, side by side: what the desk makes of each, in one picture."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from tests.running import Desk

MARKETS = {
    "JP": ("Asia/Tokyo", "ja", "山田 花子", "山田", "コーヒーメーカー", "先週届いたコーヒーメーカーですが、水が少し漏れます。少し残念に思っております。"),
    "DE": ("Europe/Berlin", "de", "Sabine Krüger", "Krüger", "Kaffeemaschine", "die Kaffeemaschine von letzter Woche verliert etwas Wasser. Ich bin etwas enttäuscht."),
    "ZA": ("Africa/Johannesburg", "en", "Thandi Nkosi", "Nkosi", "Coffee machine", "The coffee machine from last week leaks a little. I am a bit disappointed."),
    "US": ("America/New_York", "en", "Megan Ross", "Ross", "Coffee machine", "The coffee machine from last week leaks a little. I am a bit disappointed."),
    "BR": ("America/Sao_Paulo", "pt", "Ana Ribeiro", "Ribeiro", "Cafeteira", "A cafeteira da semana passada vaza um pouco de água. Fiquei um pouco decepcionada."),
    "SA": ("Asia/Riyadh", "ar", "نورة القحطاني", "القحطاني", "آلة القهوة", "آلة القهوة التي وصلت الأسبوع الماضي تسرّب قليلًا من الماء. للأسف، كنت أتوقع أفضل."),
}  # fmt: skip
WRITE = """
import json
from email.message import EmailMessage
from django.db import transaction
from django.utils import timezone
from hospes.channels.email.parsing import parse
from hospes.channels.models import Channel
from hospes.conversations.actions.describing import describe
from hospes.conversations.actions.receiving import Incoming, receive_all
from hospes.conversations.actions.seating import queue_for
from hospes.brands.models import Brand
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.models import PendingRaw
from hospes.markets.actions.opening import open_market
from hospes.people.actions.adding import add_customer
from hospes.team.models import Agent
now, operator, written = timezone.now(), Agent.objects.filter(role="operator").first(), {}
for code, (zone, language, name, family, subject, text) in json.loads(GIVEN).items():
    market = open_market(code=code, zone=zone, language=language)
    queue = queue_for(Brand.objects.first(), market)
    channel = Channel.objects.exclude(address="").filter(market=market).first() or Channel.objects.exclude(address="").first()
    address = f"{code.lower()}@six.example"
    customer = add_customer(display_name=name, addresses=[address], language=language, at=now)
    given = {"market": code, "family_name": family, "honorific": "female"}
    describe(customer, changes=given, by=operator, at=now)
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"{name} <{address}>", channel.address, subject
    mail["Message-ID"] = f"<{code.lower()}@six.example>"
    mail.set_content(text)
    body = mail.as_bytes()
    identity = customer.identities.get()
    with transaction.atomic():  # the desk runs: it must not understand the mail itself
        (raw_id,) = store_all([Delivery(channel.pk, body, "", channel.address)], at=now)
        PendingRaw.objects.filter(pk=raw_id).delete()
        incoming = Incoming(
            raw_id=raw_id, channel=channel, queue_id=queue.pk, received_at=now, inbound=parse(body),
            verified=True, identity_id=identity.pk, customer_id=customer.pk,
        )
        (message,) = receive_all([incoming], at=now)
    written[code] = message.conversation.reference
print(json.dumps(written))
"""
SHEET = """
<style>
  body { margin: 0; padding: 16px; background: #fff; font: 15px/1.4 system-ui, sans-serif; }
  main { display: grid; grid-template-columns: repeat(3, 1fr); gap: 16px; }
  section { border: 1px solid #ccc; border-radius: 8px; padding: 10px; }
  h2 { margin: 0 0 8px; font-size: 17px; }
  img { display: block; max-width: 100%; margin-bottom: 8px; }
</style><main>{columns}</main>
"""
ROOM = {"width": 1400, "height": 1000}
SHEET_SIZE = {"width": 1500, "height": 900}


def complain(desk: Desk) -> dict[str, str]:
    """Let a customer of each market write; return the references by market."""
    told = desk.python(f"GIVEN = {json.dumps(MARKETS)!r}\n{WRITE}")
    written: dict[str, str] = json.loads(told.splitlines()[-1])
    return written


def take_six(browser: Browser, url: str, state: object, written: dict[str, str], to: Path) -> None:
    context = browser.new_context(storage_state=state, viewport=ROOM, color_scheme="light")  # type: ignore[arg-type]
    page = context.new_page()
    columns = "".join(_column(page, url, one) for one in written.values())
    sheet = context.new_page()
    sheet.set_viewport_size(SHEET_SIZE)  # type: ignore[arg-type]
    sheet.set_content(SHEET.replace("{columns}", columns))
    sheet.screenshot(path=to, full_page=True)
    context.close()


def _column(page: Page, url: str, reference: str) -> str:
    """Return what stands in one conversation: its clocks, who asks and where, how it was read, how a reply begins."""
    page.goto(f"{url}/c/{reference}/")
    expect(page.locator("#composer")).to_be_visible()
    expect(page.locator("#due-menu")).to_be_visible(timeout=20_000)
    raised = page.locator("#timeline .event", has_text="raised")
    page.locator("[data-greet]").first.click()
    expect(page.locator("#body")).not_to_have_value("")
    page.mouse.move(0, 0)
    market = page.locator("#customer .facts dd", has_text="as we were told").inner_text()
    market = market.removesuffix("as we were told")
    reading = (
        [raised.first] if raised.count() else []
    )  # where words are taken as they stand, nothing is raised
    later = page.locator("#send-later")
    pieces = [
        page.locator("#strip"),
        page.locator("#customer .facts").first,
        *reading,
        page.locator("#body"),
        *([later] if later.count() else []),
    ]
    shots = [base64.b64encode(_cut(page, one)).decode() for one in pieces]
    images = "".join(f'<img alt="" src="data:image/png;base64,{one}">' for one in shots)
    return f"<section><h2>{market}</h2>{images}</section>"


def _cut(page: Page, one: Locator) -> bytes:
    """Return what an element shows, as it stands: clocks on the page never rest."""
    box = one.bounding_box()
    assert box is not None
    return page.screenshot(clip=box, animations="disabled", caret="hide")  # type: ignore[arg-type]
