"""The keys of the workspace: each does what it says, wherever the focus is, and none while somebody writes."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browsing import Comes, Visitor
from tests.journeys.test_main_job import OFFLINE, opens, row, said, speaks, write
from tests.running import Desk

pytestmark = pytest.mark.browser


def arrives(desk: Desk, visitor: Visitor, subject: str, *, html: str = "") -> str:
    """Let a letter come in while somebody looks at the list, and return its subject."""
    visitor.goes_to("/inbox/open/")
    visitor.is_live()
    subject = write(desk, "Blanca <blanca@example.es>", subject, "Hola", html=html)
    expect(row(visitor.page, subject)).to_be_visible()
    return subject


def press(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def test_the_list_is_walked_opened_and_left_by_keys(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    arrives(desk, mina, "Primera")
    second = arrives(desk, mina, "Segunda")
    page = mina.page
    rows = page.locator("#list .conv")
    press(page, "j")
    expect(rows.first).to_be_focused()
    press(page, "j")
    expect(rows.nth(1)).to_be_focused()
    press(page, "k")
    expect(rows.first).to_be_focused()
    press(page, "Enter")
    expect(rows.first).to_have_attribute("aria-current", "true")
    expect(page.locator("#conversation-title")).to_be_visible()
    press(page, "Shift+J")
    expect(rows.nth(1)).to_have_attribute("aria-current", "true")
    press(page, "Shift+K")
    expect(rows.first).to_have_attribute("aria-current", "true")
    press(page, "Escape")
    expect(rows.first).to_be_focused()
    opens(mina, second)
    press(page, "[")
    expect(page.locator("#list-pane")).not_to_be_visible()
    press(page, "[ ]")
    expect(page.locator("#list-pane")).to_be_visible()
    expect(page.locator("#customer")).not_to_be_visible()
    press(page, "]")
    expect(page.locator("#customer")).to_be_visible()
    press(page, "g i")
    page.wait_for_url("**/inbox/**")


def test_a_conversation_is_handled_by_keys_alone(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    subject = arrives(desk, mina, "Garantía")
    page = opens(mina, subject)
    press(page, "i")
    expect(page.locator("#assign-menu summary")).to_contain_text("Assigned to you")
    press(page, "a")
    expect(page.locator("#assign-menu .menu-box button").first).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#assign-menu .menu-box")).not_to_be_visible()
    press(page, "n")
    expect(page.locator("#composer")).to_have_attribute("data-kind", "note")
    page.keyboard.type("Dos años")
    press(page, "Control+Enter")
    expect(page.locator("#timeline .note")).to_contain_text("Dos años")
    press(page, "r")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator("#composer")).to_have_attribute("data-kind", "reply")
    press(page, "Escape e")
    expect(page.locator("#conv-head")).to_contain_text("Closed")
    press(page, "u")
    expect(page.locator("#close-button")).to_contain_text("Close")
    press(page, "r")
    page.keyboard.type("Son dos años.")
    press(page, "Control+Shift+Enter")
    expect(page.locator("#toasts")).to_contain_text("Closed. The reply leaves in a moment.")
    press(page, "u")
    expect(page.locator("#body")).to_have_value("Son dos años.")
    expect(page.locator("#close-button")).to_contain_text("Close")
    press(page, "Escape ?")
    expect(page.locator("#keys")).to_be_visible()
    press(page, "e")  # a dialog is open
    press(page, "Escape")
    expect(page.locator("#close-button")).to_contain_text("Close")


PRESS_AT_ONCE = """
document.body.addEventListener("htmx:afterSwap", () => setTimeout(() =>
  document.body.dispatchEvent(new KeyboardEvent("keydown", { key: "i", bubbles: true }))), { once: true })
"""


def test_a_key_pressed_as_soon_as_a_conversation_is_there_counts(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    subject = arrives(desk, mina, "Enseguida")
    mina.page.evaluate(PRESS_AT_ONCE)
    page = opens(mina, subject)
    expect(page.locator("#assign-menu summary")).to_contain_text("Assigned to you")


def test_keys_reach_the_page_from_inside_a_mail(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    subject = arrives(desk, mina, "Con diseño", html="<h1>Hola</h1><p>¿Qué tal?</p>")
    page = opens(mina, subject)
    page.locator("details[data-frame] summary").first.click()
    inside = page.frame_locator("iframe.frame").locator("h1")
    inside.click()
    press(page, "n")
    expect(page.locator("#body")).to_be_focused()
    expect(page.locator("#composer")).to_have_attribute("data-kind", "note")
    press(page, "Escape")
    inside.click()
    press(page, "Control+k")
    expect(page.locator("#palette-input")).to_be_focused()


def test_no_key_acts_while_somebody_writes_or_an_input_method_is_at_work(
    desk: Desk, comes: Comes
) -> None:
    mina = comes("mina")
    subject = arrives(desk, mina, "かな")
    page = opens(mina, subject)
    page.locator("#body").click()
    page.keyboard.type("e n r z a i u ? [ ] / j k x")
    expect(page.locator("#body")).to_have_value("e n r z a i u ? [ ] / j k x")
    expect(page.locator("#close-button")).to_contain_text("Close")
    expect(page.locator("#composer")).to_have_attribute("data-kind", "reply")
    # Enter that ends a choice of the input method is not Enter: nothing is sent, nothing happens.
    page.locator("#body").fill("おせわになっております")
    for key, control in (("Enter", True), ("e", False)):
        page.locator("#body").dispatch_event("keydown", {"key": key, "ctrlKey": control, "isComposing": True, "bubbles": True})  # fmt: skip
    page.locator("#conversation-title").dispatch_event("keydown", {"key": "e", "isComposing": True, "bubbles": True})  # fmt: skip
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    expect(said(page)).to_have_count(1)
    expect(page.locator("#close-button")).to_contain_text("Close")


def test_single_keys_can_be_switched_off(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    subject = arrives(desk, mina, "Sin teclas")
    single_keys(mina, on=False)
    mina.goes_to("/inbox/open/")
    page = opens(mina, subject)
    press(page, "e n")
    press(page, "Control+k")
    expect(page.locator("#palette")).to_be_visible()
    press(page, "Escape")
    expect(page.locator("#close-button")).to_contain_text("Close")
    expect(page.locator("#composer")).to_have_attribute("data-kind", "reply")
    single_keys(mina, on=True)


def single_keys(visitor: Visitor, *, on: bool) -> None:
    page = visitor.goes_to("/me/")
    page.locator("[name=single_keys]").set_checked(on)
    page.locator("form:has([name=single_keys]) button:not([type=button])").first.click()
    expect(page.locator("#toasts")).to_contain_text("Saved.")


def test_what_is_written_without_a_connection_is_kept_and_saved_when_it_is_back(
    desk: Desk, comes: Comes
) -> None:
    mina = comes("mina")
    mina.expected = (*mina.expected, OFFLINE, re.compile("net::ERR_"))
    subject = arrives(desk, mina, "Sin red")
    page = opens(mina, subject)
    expect(page.locator(".offline")).not_to_be_visible()
    mina.context.set_offline(True)
    page.locator("#body").fill("Lo que escribo sin red")
    expect(page.locator("#draft-state")).to_have_text("Draft not saved. We try again.")
    page.locator("#body").press("Control+Enter")
    expect(page.locator("#composer .notice")).to_be_visible()
    expect(page.locator("#body")).to_have_value("Lo que escribo sin red")
    mina.context.set_offline(False)
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.reload()
    expect(page.locator("#body")).to_have_value("Lo que escribo sin red")
    expect(said(page)).to_have_count(1)


def test_a_page_whose_stream_is_gone_says_so_until_it_is_back(desk: Desk, comes: Comes) -> None:
    mina = comes("mina")
    mina.expected = (*mina.expected, OFFLINE, re.compile("net::ERR_"))
    page = opens(mina, arrives(desk, mina, "Sin hilo"))
    page.route("**/events*", lambda route: route.abort())
    page.reload()
    expect(page.locator(".offline")).to_be_visible()
    page.unroute("**/events*")
    expect(page.locator(".offline")).not_to_be_visible()


def test_a_note_is_never_found_in_the_reply_when_the_page_is_loaded_again(
    desk: Desk, comes: Comes
) -> None:
    mina = comes("mina")
    page = opens(mina, arrives(desk, mina, "Nota"))
    press(page, "n")
    page.locator("#body").fill("Solo entre nosotros")
    expect(page.locator("#draft-state")).to_have_text("Draft saved")
    page.goto(page.url)
    expect(page.locator("#composer")).to_have_attribute("data-kind", "reply")
    expect(page.locator("#body")).to_have_value("")
    press(page, "n")
    expect(page.locator("#body")).to_have_value("Solo entre nosotros")


@pytest.mark.parametrize(("language", "direction"), [("ar", "rtl"), ("ja", "ltr")])
def test_the_same_page_in_another_language(
    language: str, direction: str, desk: Desk, comes: Comes
) -> None:
    ana = comes("ana")
    subject = arrives(desk, ana, "Idiomas")
    speaks(desk, "ana", language)
    try:
        ana.goes_to("/inbox/open/")
        page = opens(ana, subject)
        root = page.locator("html")
        expect(root).to_have_attribute("lang", language)
        expect(root).to_have_attribute("dir", direction)
        expect(said(page).first).to_have_attribute("dir", "ltr")  # the customer's own
        rail, side = box(page, ".rail"), box(page, "#customer")
        assert (rail["x"] > side["x"]) == (direction == "rtl")
    finally:
        speaks(desk, "ana", "en")


def box(page: Page, selector: str) -> Any:
    found = page.locator(selector).bounding_box()
    assert found is not None
    return found
