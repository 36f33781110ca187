"""A letter comes in, is answered before everybody's eyes, and the answer comes back to where it belongs."""

from __future__ import annotations

import re
from email.message import Message
from itertools import count
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests import mail
from tests.browsing import Comes, Visitor
from tests.mail import Sink
from tests.running import Desk, wait_until

OFFLINE = re.compile("ERR_INTERNET_DISCONNECTED|Failed to fetch|htmx:sendError|htmx:afterRequest")
pytestmark = pytest.mark.browser
numbers = count(1)


def write(desk: Desk, from_: str, subject: str, text: str, **more: Any) -> str:
    """Let a customer write to us; return the subject, which no other letter has."""
    subject = f"{subject} {next(numbers)}"
    body = mail.letter(from_, subject=subject, text=text, **more)
    mail.send(
        desk.smtp_port,
        body,
        from_="customer@example.es",
        to=more.get("to", "support@kaldera.example"),
    )
    return subject


def answer(desk: Desk, ours: Message, from_: str, text: str) -> None:
    """Let the customer's program answer our letter: to Reply-To, with References."""
    body = mail.letter(from_, subject=f"Re: {ours['Subject']}", text=text, answers=ours)
    mail.send(desk.smtp_port, body, from_=from_.rpartition("<")[2].rstrip(">"), to=str(ours["Reply-To"]).rpartition("<")[2].rstrip(">"))  # fmt: skip


def row(page: Page, subject: str) -> Any:
    return page.locator("#list .conv", has_text=subject)


def opens(visitor: Visitor, subject: str) -> Page:
    row(visitor.page, subject).click()
    expect(visitor.page.locator("#conversation-title")).to_have_text(subject)
    return visitor.page


def said(page: Page) -> Any:
    return page.locator("#timeline .msg .said")


def speaks(desk: Desk, name: str, language: str) -> None:
    """Let one of the cast have the pages in another language."""
    desk.python(
        "from hospes.team.models import Agent;"
        f"Agent.objects.filter(email='{name}@kaldera.example').update(language='{language}')"
    )


def text_of(letter: Message) -> str:
    return str(letter.get_payload(decode=True), "utf-8")  # type: ignore[arg-type]


def toast(page: Page, words: str) -> Any:
    return page.locator("#toasts .toast", has_text=words)


def left(sink: Sink, subject: str) -> Message:
    """Return the letter we sent about this."""

    def found() -> Message | None:
        return next((one for one in sink.letters if subject in str(one["Subject"])), None)

    letter: Message = wait_until(found, why=f"a letter about {subject} leaves")
    return letter


def test_a_letter_is_seen_live_and_answered_once_and_the_customer_finds_the_way_back(
    desk: Desk, sink: Sink, comes: Comes
) -> None:
    mina, jonas = comes("mina"), comes("jonas")
    for agent in (mina, jonas):
        agent.goes_to("/inbox/unassigned/")
        agent.is_live()
    customer = "Lucía Fernández <lucia@example.es>"
    subject = write(desk, customer, "¿Dónde está mi pedido?", "Hola, compré una cafetera el lunes y no ha llegado. ¿Cuándo la recibiré?")  # fmt: skip

    for agent in (mina, jonas):
        expect(row(agent.page, subject)).to_be_visible()
        expect(row(agent.page, subject)).to_contain_text("Lucía Fernández")
    opens(mina, subject)
    expect(said(mina.page)).to_contain_text(["compré una cafetera"])
    expect(said(mina.page).first).to_have_attribute("lang", "es")
    expect(mina.page.locator("#customer")).to_contain_text("lucia@example.es")

    # Jonas sees in the list, and in the conversation, who has it open and who writes.
    expect(row(jonas.page, subject).locator("[data-present]")).to_contain_text("Mina Ortega")
    opens(jonas, subject)
    expect(jonas.page.locator("#present")).to_contain_text("Mina Ortega is looking")
    expect(mina.page.locator("#present")).to_contain_text("Jonas Weber is looking")
    mina.page.locator("#body").press_sequentially("Hola Lucía: su cafetera sale hoy.")
    expect(jonas.page.locator("#present")).to_contain_text("Mina Ortega is writing")

    # Mina sends; what Jonas sends after it is stopped, Mina's words stand above it, his stay.
    jonas.page.locator("#body").fill("Buenos días, lo miro ahora mismo.")
    mina.page.locator("#body").press("Control+Enter")
    expect(toast(mina.page, "It leaves in a moment.")).to_be_visible()
    expect(said(jonas.page)).to_contain_text(["su cafetera sale hoy"])
    jonas.page.locator("#send").click()
    notice = jonas.page.locator("#composer .notice")
    expect(notice).to_contain_text("Somebody wrote in this conversation meanwhile.")
    expect(notice).to_contain_text("su cafetera sale hoy")
    expect(jonas.page.locator("#body")).to_have_value("Buenos días, lo miro ahora mismo.")

    ours = left(sink, subject)
    expect(mina.page.locator("#timeline .mine .state-ok")).to_have_text("Sent")
    expect(jonas.page.locator("#timeline .mine .state-ok")).to_have_text("Sent")
    assert_is_a_letter_of_ours(ours, sink)

    answer(desk, ours, customer, "¡Muchas gracias! Espero el paquete.")
    for agent in (mina, jonas):
        expect(said(agent.page)).to_contain_text(["compré una cafetera", "sale hoy", "Espero el paquete"])  # fmt: skip
    assert len([one for one in sink.letters if subject in str(one["Subject"])]) == 1
    # Jonas's draft is his own and still there when he comes back.
    expect(jonas.page.locator("#draft-state")).to_have_text("Draft saved")
    jonas.page.reload()
    expect(jonas.page.locator("#body")).to_have_value("Buenos días, lo miro ahora mismo.")


def assert_is_a_letter_of_ours(ours: Message, sink: Sink) -> None:
    """Everything a receiving server and the customer's program need to bring the answer back."""
    message_id = str(ours["Message-ID"])
    assert message_id.startswith("<")
    assert message_id.endswith("@reply.kaldera.example>")
    assert len(message_id.partition("@")[0].split(".")[1]) == 18  # its signature
    reply_to = str(ours["Reply-To"])
    assert "@reply.kaldera.example" in reply_to
    assert reply_to.rpartition("<")[2].startswith("r+")
    assert str(ours["In-Reply-To"]).endswith("@example.es>")
    assert str(ours["References"]) == str(ours["In-Reply-To"])
    assert "lucia@example.es" in str(ours["To"])
    assert "Mina Ortega" in str(ours["From"])
    assert "support@kaldera.example" in str(ours["From"])
    at = sink.letters.index(ours)
    assert sink.recipients[at] == ["lucia@example.es"]
    assert sink.senders[at].startswith("b+")  # its own bounce address
    assert sink.senders[at].endswith("@reply.kaldera.example")
    for absent in ("Auto-Submitted", "Precedence", "X-Auto-Response-Suppress", "Bcc"):
        assert ours[absent] is None
    assert ours["Date"] is not None


def test_a_letter_in_japanese_is_answered_in_japanese(desk: Desk, sink: Sink, comes: Comes) -> None:
    mina = comes("mina")
    mina.goes_to("/inbox/unassigned/")
    mina.is_live()
    subject = write(desk, "佐藤 愛子 <aiko@example.jp>", "ポンプが動きません", "お世話になっております。昨日からポンプが動きません。よろしくお願いいたします。")  # fmt: skip
    page = opens(mina, subject)
    expect(said(page).first).to_have_attribute("lang", "ja")
    text = "佐藤様\n\nご連絡ありがとうございます。新しいポンプをお送りします。"
    page.locator("#body").fill(text)
    page.locator("#body").press("Control+Enter")
    ours = left(sink, subject)
    content = text_of(ours)
    assert content.replace("\r\n", "\n").startswith(text)
    assert "お世話になっております" in content  # what it answers
    assert str(ours["Subject"]) == f"Re: {subject}"
    assert str(ours["Content-Language"]) == "ja"


def test_an_attachment_is_saved_and_never_opened_in_our_pages(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    mina.goes_to("/inbox/unassigned/")
    mina.is_live()
    page_of_evil = b"<script>document.title = 'ran'</script>"
    subject = write(desk, "Lucía <lucia@example.es>", "La factura", "Adjunto la factura.", files=[("factura Nº 7.html", "text/html", page_of_evil)])  # fmt: skip
    page = opens(mina, subject)
    link = page.locator("#timeline a[download]", has_text="factura Nº 7.html")
    with page.expect_download() as download:
        link.click()
    assert download.value.suggested_filename == "factura Nº 7.html"
    assert download.value.path().read_bytes() == page_of_evil
    answered = page.request.get(desk.url + str(link.get_attribute("href")))
    assert answered.headers["content-disposition"].startswith("attachment")
    assert answered.headers["x-content-type-options"] == "nosniff"
    assert answered.headers["content-type"] == "application/octet-stream"
    assert "sandbox" in answered.headers["content-security-policy"]


def test_a_reply_is_taken_back_and_is_a_draft_again(desk: Desk, sink: Sink, comes: Comes) -> None:
    mina, jonas = comes("mina"), comes("jonas")
    for agent in (mina, jonas):
        agent.goes_to("/inbox/unassigned/")
        agent.is_live()
    subject = write(desk, "Lucía <lucia@example.es>", "La jarra", "La jarra llegó rota.")
    page = opens(mina, subject)
    opens(jonas, subject)
    page.locator("#body").fill("Lo siento mucho, le envío otra.")
    page.locator("#send").click()
    expect(said(jonas.page)).to_contain_text(["llegó rota", "le envío otra"])
    toast(page, "It leaves in a moment.").get_by_role("button").click()
    expect(page.locator("#body")).to_have_value("Lo siento mucho, le envío otra.")
    for agent in (mina, jonas):
        expect(said(agent.page)).to_have_count(1)
    # It waits on us again, belongs to nobody again, and what is written now can be sent.
    expect(page.locator("#strip")).to_contain_text("Waiting on us")
    page.locator("#body").fill("Le envío otra mañana.")
    page.locator("#send").click()
    expect(page.locator("#body")).to_have_value("")
    ours = left(sink, subject)
    assert "otra mañana" in text_of(ours)
    assert len([one for one in sink.letters if subject in str(one["Subject"])]) == 1


def test_notes_assignment_snooze_and_closing_are_seen_by_everybody_at_once(
    desk: Desk, sink: Sink, comes: Comes
) -> None:
    mina, jonas = comes("mina"), comes("jonas")
    for agent in (mina, jonas):
        agent.goes_to("/inbox/open/")
        agent.is_live()
    subject = write(desk, "Lucía <lucia@example.es>", "El filtro", "¿Qué filtro necesito?")
    page, other = opens(mina, subject), opens(jonas, subject)
    page.locator("body").press("n")
    page.locator("#body").fill("El filtro 7, pero pregunta a Ana @jonas")
    page.locator("#send").click()
    expect(other.locator("#timeline .note .said")).to_have_text("El filtro 7, pero pregunta a Ana @jonas")  # fmt: skip

    page.locator("#assign-menu summary").click()
    page.locator("#assign-menu .menu-box").get_by_text("Jonas Weber").click()
    expect(toast(page, "Assigned.")).to_be_visible()
    expect(other.locator("#timeline")).to_contain_text("Mina Ortega assigned it to Jonas Weber.")
    expect(other.locator("[data-count=mine]").first).not_to_have_text("0")

    page.locator("body").press("z")
    page.locator("#snooze").get_by_role("button", name="In three hours").click()
    expect(toast(page, "Snoozed until")).to_be_visible()
    expect(other.locator("#conv-head")).to_contain_text("Snoozed until")
    toast(page, "Snoozed until").get_by_role("button").click()
    expect(other.locator("#conv-head")).not_to_contain_text("Snoozed until")

    page.locator("body").press("e")
    expect(toast(page, "Closed.")).to_be_visible()
    expect(other.locator("#conv-head")).to_contain_text("Closed")
    expect(page.locator("#conv-head")).to_contain_text("Closed")
    page.locator("body").press("u")
    expect(other.locator("#timeline")).to_contain_text("Mina Ortega reopened it.")
    page.locator("#close-button", has_text="Close").click()
    expect(page.locator("#close-button")).to_contain_text("Reopen")
    page.locator("body").press("e")
    expect(page.locator("#close-button")).not_to_contain_text("Reopen")
    assert not any(subject in str(one["Subject"]) for one in sink.letters)


def test_the_palette_finds_what_was_said_whose_it_is_and_its_number(
    desk: Desk, comes: Comes
) -> None:
    mina = comes("mina")
    mina.goes_to("/inbox/open/")
    mina.is_live()
    subject = write(desk, "Itziar Zubizarreta <itziar@example.es>", "Una pregunta", "El molinillo hace un ruido espantoso.")  # fmt: skip
    page = opens(mina, subject)
    reference = page.locator("#conversation").get_attribute("data-reference") or ""
    mina.goes_to("/inbox/closed/")
    for typed in ("molinillo espantoso", "zubizarreta", reference, reference.lower()[2:]):
        page.locator("body").press("Control+k")
        page.locator("#palette-input").fill(typed)
        option = page.locator("#palette-list [data-group=found] [role=option]").first
        expect(option).to_be_visible()
        page.locator("#palette-input").press("Escape")
        expect(page.locator("#palette")).not_to_be_visible()
    page.locator("body").press("/")
    page.locator("#palette-input").fill("molinillo")
    found = page.locator("#palette-list [data-group=found] [role=option]", has_text="molinillo")
    expect(found).to_have_attribute("aria-selected", "true")
    page.locator("#palette-input").press("Enter")
    expect(page.locator("#conversation-title")).to_have_text(subject)


def test_a_reply_written_while_offline_does_not_overtake_a_colleague_in_arabic_either(
    desk: Desk, sink: Sink, comes: Comes
) -> None:
    mina, jonas = comes("mina"), comes("jonas")
    jonas.expected = (*jonas.expected, OFFLINE)
    speaks(desk, "jonas", "ar")
    for agent in (mina, jonas):
        agent.goes_to("/inbox/unassigned/")
        agent.is_live()
    subject = write(desk, "عمر <omar@example.sa>", "أين طلبي", "أين طلبي رقم KD-20418؟")
    page, other = opens(mina, subject), opens(jonas, subject)
    expect(other.locator("html")).to_have_attribute("dir", "rtl")
    expect(said(other).first).to_have_attribute("dir", "rtl")
    other.locator("#body").fill("طلبك في الطريق.")
    expect(other.locator("#draft-state")).not_to_be_empty()
    jonas.context.set_offline(True)  # what Mina says does not reach him

    page.locator("#body").fill("Su pedido llega mañana.")
    page.locator("#body").press("Control+Enter")
    expect(page.locator("#timeline .mine")).to_contain_text("llega mañana")
    other.evaluate(
        "document.body.addEventListener('live', (event) => event.stopImmediatePropagation(), true)"
    )
    jonas.context.set_offline(False)
    other.locator("#body").press("Control+Enter")

    expect(other.locator("#composer .notice")).to_contain_text("llega mañana")
    expect(other.locator("#body")).to_have_value("طلبك في الطريق.")
    left(sink, subject)
    speaks(desk, "jonas", "en")
    about = [one for one in sink.letters if subject in str(one["Subject"])]
    assert not [one for one in about if "طلبك في الطريق" in text_of(one)]
