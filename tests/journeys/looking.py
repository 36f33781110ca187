"""What must hold for every page there is, whoever looks at it on whatever screen."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
}
NARROWEST = 320
# What is wider than the page, by name: for the message of a test that fails.
WIDER = """() => [...document.querySelectorAll("body *")]
  .filter((one) => { const box = one.getBoundingClientRect();
     return box.width && (box.right > innerWidth + 1 || box.left < -1) && one.checkVisibility(); })
  .slice(0, 5).map((one) => one.outerHTML.slice(0, 120))"""
axe = Axe()


def violations(page: Page) -> list[str]:
    """Return what axe finds on the page as it stands."""
    found: list[dict[str, Any]] = axe.run(page, options=RULES).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} ({'; '.join(each['message'] for each in node['any'][:2])})"
        for one in found
        for node in one["nodes"][:3]
    ]


def too_wide(page: Page) -> list[str]:
    """Return what makes a page scroll sideways on the narrowest screen; the page is as wide as before."""
    before = page.viewport_size
    page.set_viewport_size({"width": NARROWEST, "height": 640})
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    found = page.evaluate(WIDER) or ["something"] if wide else []
    if before:
        page.set_viewport_size(before)
    return [f"wider than {NARROWEST} px: {one}" for one in found]
