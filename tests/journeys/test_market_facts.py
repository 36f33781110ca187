"""An operator says what holds in a market: freely above the law, below it with a reason, and takes it back."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browsing import Comes

pytestmark = pytest.mark.browser


def test_an_operator_finds_a_fact_goes_below_the_law_with_a_reason_and_takes_it_back(
    comes: Comes,
) -> None:
    page = comes("ana").goes_to("/settings/markets/IE/")
    page.get_by_role("searchbox", name="Search these facts").fill("refund within")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Refund within").click()
    own = page.locator("form", has=page.get_by_role("button", name="Save"))
    own.get_by_label("Value").fill("30")
    own.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The law gives customers more: 14 days.")).to_be_visible()
    expect(own.get_by_label("Reason to go below the law")).to_have_attribute("aria-invalid", "true")

    own.get_by_label("Reason to go below the law").fill("As agreed with the authority")
    own.get_by_label("Until").fill("2099-12-31")
    own.get_by_role("button", name="Save").click()
    expect(page.get_by_text("below the law, as waived by you")).to_be_visible()
    history = page.locator("section", has=page.get_by_role("heading", name="History"))
    expect(history.get_by_role("row", name="As agreed with the authority")).to_contain_text("Ana")

    history.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("below the law, as waived by you")).not_to_be_visible()
    expect(history.get_by_text("ended")).to_be_visible()


def test_an_operator_confirms_a_law_and_it_is_asked_about_no_more(comes: Comes) -> None:
    page = comes("ana").goes_to("/settings/markets/IE/laws/")
    before = page.get_by_role("checkbox").count()
    page.get_by_role("checkbox", name="Refund within").check()
    page.get_by_role("button", name="Confirm what is ticked").click()
    expect(page.get_by_role("checkbox")).to_have_count(before - 1)
    page.goto(page.url.replace("laws/", "consumer.refund_days/"))
    expect(page.get_by_text("Confirmed by you")).to_be_visible()
