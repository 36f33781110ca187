"""The main job, over real sockets and in real browsers: a letter comes in, an answer goes out, and back."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage
from email.utils import parseaddr

import pytest
from playwright.sync_api import Page, expect

from tests.mail import Sink, letter, send
from tests.running import Desk, wait_until

pytestmark = pytest.mark.browser

SUPPORT = "support@kaldera.example"
AIKO, OMAR = "aiko@example.jp", "omar@example.sa"
CRACK = "水タンクにひびが入りました"


def write(desk: Desk, from_: str, **said: object) -> None:
    body = letter(from_, **said)
    answers = said.get("answers")
    to = SUPPORT if answers is None else parseaddr(answers["Reply-To"] or answers["From"])[1]
    send(desk.smtp_port, body, from_=from_, to=to)


def open_list(page: Page) -> None:
    page.goto("/inbox/open/")
    wait_until(lambda: page.locator("html").get_attribute("data-live") == "on", why="the stream")


def open_conversation(page: Page, words: str) -> None:
    page.locator("#list .conv", has_text=words).first.click()
    expect(page.locator("#conversation h1")).to_contain_text(words)
    settle(page)


def settle(page: Page) -> None:
    """Wait until what was swapped in answers to clicks and keys."""
    page.wait_for_function("!document.querySelector('.htmx-swapping, .htmx-settling, .htmx-added')")


def answer(page: Page, text: str) -> None:
    page.keyboard.press("r")
    page.locator("#body").fill(text)
    page.keyboard.press("Control+Enter")


def arrived(sink: Sink, text: str) -> EmailMessage:
    """Return the letter with this text, as soon as the mail server has it."""
    return wait_until(
        lambda: next((one for one in list(sink.letters) if text in body_of(one)), None),
        why=f"a letter that says {text}",
    )


def body_of(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    return part.get_content() if part is not None else ""


def test_a_letter_comes_in_is_answered_by_one_and_the_answer_comes_back(
    desk: Desk, sink: Sink, agent: Callable[..., Page]
) -> None:
    mina, jonas = agent("mina", language="es"), agent("jonas")
    open_list(mina)
    open_list(jonas)

    write(desk, f"佐藤 愛子 <{AIKO}>", subject=CRACK, text="日曜日までに届きますか。")

    for page in (mina, jonas):  # nobody reloads
        expect(page.locator("#list .conv", has_text=CRACK)).to_be_visible()
        open_conversation(page, CRACK)
        expect(page.locator(".bubble [lang=ja]", has_text="日曜日")).to_be_visible()

    # Each sees that the other is there.
    expect(mina.locator("#present")).to_contain_text("Jonas Weber")
    jonas.keyboard.press("r")
    jonas.locator("#body").fill("We look into it and")
    expect(mina.locator("#present [data-present]")).to_contain_text("Jonas Weber")

    answer(mina, "土曜日に新しいタンクをお送りします。")
    expect(mina.locator(".msg.mine", has_text="土曜日")).to_be_visible()
    expect(jonas.locator(".msg.mine", has_text="土曜日")).to_be_visible()

    ours = arrived(sink, "土曜日")
    check_headers(ours)

    # The customer's program threads the answer; it lands in the same conversation, live.
    write(
        desk,
        f"佐藤 愛子 <{AIKO}>",
        subject=f"Re: {CRACK}",
        text="ありがとうございます。",
        answers=ours,
    )
    expect(mina.locator(".msg.cust", has_text="ありがとう")).to_be_visible()
    assert mina.locator("#list .conv", has_text=CRACK).count() == 1

    check_no_faults(mina, jonas)


def check_headers(ours: EmailMessage) -> None:
    assert re.fullmatch(r"<[0-9a-f]{32}\.[a-z2-7]{18}@kaldera\.example>", ours["Message-ID"])
    assert ours["In-Reply-To"].endswith("@example.jp>")
    assert ours["In-Reply-To"] in ours["References"]
    assert ours["Subject"] == f"Re: {CRACK}"
    assert ours["Auto-Submitted"] is None
    assert ours["Precedence"] is None
    assert "Mina Ortega" in ours["From"]
    assert SUPPORT in ours["From"]
    assert AIKO in ours["To"]


def check_no_faults(*pages: Page) -> None:
    for page in pages:
        expected = [fault for fault in page.faults if "409" not in fault]  # a refusal is an answer
        assert expected == []


def test_a_send_that_would_overtake_a_colleague_is_stopped_and_the_draft_kept(
    desk: Desk, sink: Sink, agent: Callable[..., Page]
) -> None:
    write(desk, f"عمر <{OMAR}>", subject="أين طلبي", text="أين طلبي رقم KD-20418؟")
    mina, jonas = agent("mina", language="es"), agent("jonas", language="ar")
    for page in (mina, jonas):
        open_list(page)
        open_conversation(page, "أين طلبي")
    assert jonas.locator("html").get_attribute("dir") == "rtl"
    jonas.keyboard.press("r")
    jonas.locator("#body").fill("طلبك في الطريق.")
    jonas.context.set_offline(True)  # what Mina says does not reach him

    answer(mina, "Su pedido llega mañana.")
    expect(mina.locator(".msg.mine", has_text="mañana")).to_be_visible()
    jonas.evaluate(
        "document.body.addEventListener('live', (event) => event.stopImmediatePropagation(), true)"
    )
    jonas.context.set_offline(False)
    jonas.locator("#body").press("Control+Enter")

    notice = jonas.locator("#composer .notice")
    expect(notice).to_be_visible()
    expect(jonas.locator("#body")).to_have_value("طلبك في الطريق.")
    expect(jonas.locator(".msg.mine", has_text="mañana")).to_be_visible()
    arrived(sink, "mañana")
    assert not [one for one in sink.letters if "طلبك" in body_of(one)]


def test_a_reply_can_be_taken_back_and_is_a_draft_again(
    desk: Desk, sink: Sink, agent: Callable[..., Page]
) -> None:
    write(desk, "Ana <ana@example.si>", subject="Račun", text="Prosim za račun.")
    mina = agent("mina")
    open_list(mina)
    open_conversation(mina, "Račun")

    answer(mina, "Račun je priložen")
    mina.get_by_role("button", name=re.compile("Undo")).click()

    expect(mina.locator("#body")).to_have_value("Račun je priložen")
    expect(mina.locator(".msg.mine")).to_have_count(0)
    mina.locator("#body").fill("Račun je zdaj priložen.")
    mina.keyboard.press("Control+Enter")
    arrived(sink, "Račun je zdaj priložen.")
    assert not [one for one in sink.letters if "Račun je priložen\n" in body_of(one)]
    check_no_faults(mina)


def test_a_file_is_saved_and_never_runs(desk: Desk, agent: Callable[..., Page]) -> None:
    files = [("photo.html", "text/html", b"<script>document.title='ran'</script>")]
    write(desk, "Eva <eva@example.si>", subject="Slika", text="V prilogi.", files=files)
    mina = agent("mina")
    open_list(mina)
    open_conversation(mina, "Slika")

    with mina.expect_download() as saved:
        mina.locator(".files a", has_text="photo.html").click()

    assert saved.value.suggested_filename == "photo.html"
    assert saved.value.path().read_bytes() == files[0][2]
    check_no_faults(mina)


def test_a_conversation_is_handled_by_keys_alone(desk: Desk, agent: Callable[..., Page]) -> None:
    write(desk, "Luis <luis@example.es>", subject="Garantía", text="¿Cuánto dura la garantía?")
    mina = agent("mina")
    open_list(mina)
    mina.locator("#list .conv", has_text="Garantía").focus()
    mina.keyboard.press("Enter")
    expect(mina.locator("#conversation h1")).to_contain_text("Garantía")
    settle(mina)

    mina.keyboard.press("i")
    expect(mina.locator("#assign-menu summary")).to_contain_text("Me")
    mina.keyboard.press("n")
    mina.locator("#body").fill("Two years in Spain.")
    mina.keyboard.press("Control+Enter")
    expect(mina.locator(".msg.note", has_text="Two years")).to_be_visible()
    mina.keyboard.press("Escape")
    mina.keyboard.press("e")
    expect(mina.locator("#conv-head")).to_contain_text("Closed")
    mina.keyboard.press("u")
    expect(mina.locator("#conv-head .chip-ok")).to_have_count(0)

    mina.keyboard.press("Control+k")
    mina.locator("#palette-input").fill("garant")
    expect(mina.locator("#palette-list [role=option]", has_text="Luis").first).to_be_visible()
    mina.keyboard.press("Escape")
    check_no_faults(mina)
