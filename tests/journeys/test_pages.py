"""Every page of the demo: no violation of WCAG 2.2 AA, nothing sideways, nothing wrong that nobody sees."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page, Route, expect

from tests import browsing
from tests.browsing import Visitor, Visitors
from tests.cast import PASSWORD
from tests.journeys.looking import too_wide, violations
from tests.running import Desk

pytestmark = pytest.mark.browser

# Each page by its name in the URLconf, with an address of it. {names} are filled from the demo.
PAGES = {
    "inbox": ["/inbox/mine/", "/inbox/open/", "/inbox/snoozed/", "/inbox/closed/"],
    "conversation": ["/c/{designed}/", "/c/{rtl}/", "/c/{failed}/", "/c/{closed}/"],
    "customer": ["/customers/{customer}/"],
    "me": ["/me/"],
    "me_api": ["/me/api/"],
    "settings_team": ["/settings/team/"],
    "settings_agent": ["/settings/team/{agent}/"],
    "settings_channels": ["/settings/channels/"],
    "settings_channel": ["/settings/channels/{channel}/"],
    "settings_incoming": [
        f"/settings/channels/{{channel}}/incoming/?with={way}"
        for way in ("password", "google", "microsoft")
    ],
    "settings_markets": ["/settings/markets/"],
    "settings_market": ["/settings/markets/SA/", "/settings/markets/US-CA/?q=law"],
    "settings_laws": ["/settings/markets/SI/laws/"],
    "settings_fact": [
        f"/settings/markets/JP/{key}/"
        for key in ("consumer.withdrawal_days", "calendar.service_effects", "address.honorifics")
    ],
    "settings_calendars": ["/settings/calendars/"],
    "settings_calendars_moved": ["/settings/calendars/moved/"],
    "settings_calendar": [
        "/settings/calendars/{calendar}/",
        "/settings/calendars/{calendar}/?country=DE&of=DE&subdivision=BY&with_observed=on",
    ],
    "settings_health": ["/settings/health/"],
    "settings_hubs": ["/settings/hubs/"],
    "settings_levels": ["/settings/service-levels/"],
    "settings_new_level": ["/settings/service-levels/new/"],
    "settings_level": ["/settings/service-levels/{level}/"],
    "settings_contracts": ["/settings/contracts/"],
    "settings_contract": ["/settings/contracts/{contract}/"],
    "missed": ["/missed/"],
    "settings_texts": ["/settings/texts/", "/settings/texts/?q=nothing+of+it"],
    "settings_text": ["/settings/texts/{text}/"],
    "settings_outgoing": ["/settings/outgoing/"],
    "settings_new_way": [
        f"/settings/outgoing/new/?kind={kind}" for kind in ("smtp", "mailgun", "ses", "resend")
    ],
    "settings_way": ["/settings/outgoing/{server}/", "/settings/outgoing/{provider}/"],
    "settings_keys": ["/settings/outgoing/keys/"],
    "settings_sending": ["/settings/channels/{channel}/sending/"],
    "settings_acknowledging": ["/settings/channels/{channel}/acknowledgement/"],
    "settings_brand": ["/settings/brand/"],
    "settings_api": ["/settings/api/"],
    "settings_mail": ["/settings/mail/", "/settings/mail/?junk", "/settings/mail/?quarantined&q=x"],
    "settings_mail_decide": ["/settings/mail/{held}/", "/settings/mail/{quarantined}/"],
    "account_logout": ["/account/logout/"],
    "account_reauthenticate": ["/account/reauthenticate/"],
    "account_change_password": ["/account/password/change/"],
    "mfa_index": ["/account/2fa/"],
    "mfa_activate_totp": ["/account/2fa/totp/activate/"],
    "mfa_list_webauthn": ["/account/2fa/webauthn/"],
    "mfa_add_webauthn": ["/account/2fa/webauthn/add/"],
}
FOR_STRANGERS = {
    "account_login": ["/account/login/"],
    "sign_in_link": ["/sign-in/wrong/"],
    "account_inactive": ["/account/inactive/"],
    "contact": ["/contact/{brand}/?zone=Asia/Tokyo"],
}
ABSENT_PAGES = ["/nowhere/", "/account/nowhere/"]
# Pages that only go out when something is wrong: as the desk writes them, at an address of it.
ERRORS = ["403.html", "403_csrf.html", "404.html", "500.html", "workspace/not_opened.html"]
ERROR_PAGES = """
import json
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation
request = RequestFactory().get("/")
request.user, request.LANGUAGE_CODE = AnonymousUser(), "{language}"
with translation.override("{language}"):
    print(json.dumps({{name: render_to_string(name, request=request) for name in {names}}}))
"""
# Looked at on the way through them: test_first_run.py, test_signing_in.py.
ELSEWHERE = {
    "setup", "setup_step", "account_set_password", "mfa_authenticate", "mfa_reauthenticate",
    "mfa_deactivate_totp", "mfa_view_recovery_codes", "mfa_generate_recovery_codes",
    "mfa_remove_webauthn", "mfa_edit_webauthn", "mfa_reauthenticate_webauthn",
}  # fmt: skip
# Parts of pages, files, figures and what only takes a POST: nothing that stands alone before a person.
NO_PAGES = {
    "healthz", "readyz", "metrics", "hook_inbound", "hook_status", "home", "counts", "rows", "entries", "reply", "note", "draft",
    "assignment", "closure", "reopening", "snooze", "queue", "presence", "unsend", "resend",
    "matter", "holding", "contest", "decide_missed",
    "settings_incoming_agree", "settings_incoming_code", "settings_agreed",
    "greeting", "customer_addressing", "customer_reaching",
    "settings_calendar_day_removal", "settings_calendar_days", "settings_calendar_holidays",
    "settings_calendar_removal", "settings_calendar_users", "settings_calendar_seasons", "settings_contract_end",
    "settings_mail_chosen", "settings_mail_file", "settings_mail_frame",
    "texts_offered", "settings_texts_start", "settings_texts_export", "settings_texts_import", "settings_text_variant",
    "settings_text_archive", "settings_variant_check", "settings_variant_removal",
    "there", "settings_own_value", "settings_correction", "settings_taking_back",
    "settle", "frame", "pictures", "picture", "message_raw", "attachment", "file_elsewhere", "palette", "me_sessions",
    "settings", "settings_mail_raw", "settings_mail_count", "settings_mail_blocks", "junk", "draft_files",
    "drop_draft_file", "mfa_login_webauthn",
    "mfa_download_recovery_codes", "api_docs", "api_openapi", "api_nowhere",
}  # fmt: skip
# Sign-up and password by mail: closed (`workspace/account_urls.py`).
CLOSED = {
    "account_signup", "account_email", "account_email_verification_sent", "account_confirm_email",
    "account_reset_password", "account_reset_password_done", "account_reset_password_from_key",
    "account_reset_password_from_key_done", "account_confirm_login_code",
}  # fmt: skip
FACTS = """
import json
from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.people.models import Contract
from hospes.markets.models import Calendar
from hospes.conversations.models import Conversation, Message, OutboxEntry
from hospes.intake.models import HeldRaw, QuarantinedRaw
from hospes.servicelevels.models import ServiceLevel
from hospes.team.models import Agent
from hospes.texts.models import Text
from django.db.models import Count
operator = Agent.objects.filter(role="operator", is_active=True).first()
operator.set_password("a coffee machine at noon")
operator.save()
of = Message.objects.select_related("conversation")
failed = OutboxEntry.objects.filter(state__in=["failed", "bounced", "unknown"]).select_related("message__conversation")
from django.utils import timezone
from hospes.channels.actions.routing_out import Way, keep_way
from hospes.channels.actions.signing import keep_key
from hospes.channels.models import OutgoingState
server = keep_way(Way(host="mail.kaldera.example"))
provider = keep_way(Way(kind="mailgun", password="key", account="kaldera.example", stands_in_for=server))
OutgoingState.objects.create(server=server, failing_since=timezone.now(), words="421 4.3.2 closing")
keep_key(domain="kaldera.example", at=timezone.now())
print(json.dumps({
    "server": server.pk,
    "provider": provider.pk,
    "designed": of.exclude(html="").first().conversation.reference,
    "rtl": of.filter(language__in=["ar", "he", "fa"]).first().conversation.reference,
    "failed": failed.first().message.conversation.reference,
    "closed": Conversation.objects.filter(closed_at__isnull=False).first().reference,
    "customer": Conversation.objects.values("customer").annotate(n=Count("pk")).order_by("-n")[0]["customer"],
    "held": HeldRaw.objects.first().pk,
    "quarantined": QuarantinedRaw.objects.first().pk,
    "brand": Brand.objects.first().pk,
    "contract": Contract.objects.first().pk,
    "level": ServiceLevel.objects.first().pk,
    "text": Text.objects.get(name="Descaling").pk,
    "calendar": Calendar.objects.get(zone="Europe/Berlin").pk,
    "agent": Agent.objects.exclude(role="operator").first().pk,
    "channel": Channel.objects.exclude(address="").first().pk,
    "operator": operator.email,
}))
"""
SCREENS = {
    "wide and light": (1366, 768, "light", "en"),
    "wide, dark, from right to left": (1366, 768, "dark", "ar"),
    "a phone, light, from right to left": (390, 844, "light", "ar"),
    "a phone in the dark": (390, 844, "dark", "en"),
}


@pytest.fixture(scope="module")
def desk(new_desk: Callable[..., Desk]) -> Iterator[Desk]:
    desk = new_desk().start("--demo")
    yield desk
    desk.end()


@pytest.fixture(scope="module")
def facts(desk: Desk) -> dict[str, Any]:
    return dict(json.loads(desk.python(FACTS)))


@pytest.fixture(scope="module")
def operator(browser: Browser, desk: Desk, facts: dict[str, Any]) -> Any:
    """Return the cookies of the demo's operator."""
    visitor = Visitors(browser, desk).opens("operator").signs_in(facts["operator"])
    state = visitor.context.storage_state()
    visitor.leaves()
    return state


def routes(patterns: Any, before: str = "") -> Iterator[tuple[str, str]]:
    for one in patterns:
        at = before + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from routes(one.url_patterns, at)
        elif isinstance(one, URLPattern):
            yield at, one.name or ""


def test_every_address_is_known_here() -> None:
    known = {*PAGES, *FOR_STRANGERS, *ELSEWHERE, *NO_PAGES, *CLOSED}
    there = {
        name
        for at, name in routes(get_resolver().url_patterns)
        if name and not (at.startswith("api/v1/") and not name.startswith("api_"))
    }
    assert there == known


@pytest.mark.parametrize("screen", SCREENS)
def test_every_page_is_sound(
    screen: str, browser: Browser, desk: Desk, facts: dict[str, Any], operator: Any
) -> None:
    width, height, theme, language = SCREENS[screen]
    email = facts["operator"]
    desk.python(
        "from hospes.team.models import Agent;"
        f"Agent.objects.filter(email='{email}').update(language='{language}')"
    )
    look = {"viewport": {"width": width, "height": height}, "color_scheme": theme, "locale": language}  # fmt: skip
    inside = Visitors(browser, desk).opens("operator", storage_state=operator, **look)
    confirm(inside)
    outside = Visitors(browser, desk).opens("stranger", **look)
    wrong = []
    for visitor, pages in ((inside, PAGES), (outside, FOR_STRANGERS)):
        visitor.expected = browsing.ABSENT
        for name, addresses in pages.items():
            for address in addresses:
                at = address.format(**facts)
                wrong += [f"{name} {at}: {one}" for one in faults_of(visitor, at, language)]
    wrong += faults_of_errors(outside, language)
    assert not wrong, "\n".join(wrong)


def faults_of_errors(visitor: Visitor, language: str) -> list[str]:
    visitor.expected = (re.compile("responded with a status of"),)
    wrong = []
    for at in ABSENT_PAGES:
        wrong += [f"absent {at}: {one}" for one in faults_of(visitor, at, language, status=404)]
    written = json.loads(visitor.desk.python(ERROR_PAGES.format(language=language, names=ERRORS)))
    for name, html in written.items():
        visitor.page.route(f"**/{name}", partial(answer_with, html))
        wrong += [f"{name}: {one}" for one in faults_of(visitor, f"/{name}", language, status=500)]
    return wrong


def answer_with(html: str, route: Route) -> None:
    route.fulfill(status=500, body=html, content_type="text/html; charset=utf-8")


def confirm(visitor: Visitor) -> None:
    """Give the password once more: pages about passwords and passkeys ask for it."""
    page = visitor.goes_to("/account/reauthenticate/?next=/me/")
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.wait_for_url("**/me/")


def faults_of(visitor: Visitor, at: str, language: str, *, status: int = 200) -> list[str]:
    page = visitor.page
    response = page.goto(visitor.desk.url + at)
    assert response is not None
    page.wait_for_load_state("networkidle" if "/c/" not in at and "inbox" not in at else "load")
    if page.locator("#work").count():
        visitor.is_live()
        expect(page.locator(".htmx-request, .htmx-swapping")).to_have_count(0)
    found = violations(page) + too_wide(page) + visitor.faults
    visitor.faults.clear()
    if response.status != (410 if "sign-in" in at else status):
        found.append(f"answered {response.status}")
    if "/api/" not in at and page.locator("html").get_attribute("dir") != ("rtl" if language == "ar" else "ltr"):  # fmt: skip
        found.append("in the wrong direction")
    return found


def test_what_opens_over_a_page_is_sound(browser: Browser, desk: Desk, facts: dict[str, Any], operator: Any) -> None:  # fmt: skip
    visitor = Visitors(browser, desk).opens("operator", storage_state=operator, locale="en")
    wrong: list[str] = []
    for opens in (palette, keys, assignment, snooze, note, frame):
        page = visitor.goes_to(f"/c/{facts['designed']}/")
        visitor.is_live()
        opens(page)
        wrong += [f"{opens.__name__}: {one}" for one in violations(page) + visitor.faults]
        visitor.faults.clear()
    assert not wrong, "\n".join(wrong)


def palette(page: Page) -> None:
    page.keyboard.press("Control+k")
    page.locator("#palette-input").fill("a")
    expect(page.locator("#palette-list [role=option]").first).to_be_visible()


def keys(page: Page) -> None:
    page.keyboard.press("?")
    expect(page.locator("#keys")).to_be_visible()


def assignment(page: Page) -> None:
    page.keyboard.press("a")
    expect(page.locator("#assign-menu .menu-box button").first).to_be_visible()


def snooze(page: Page) -> None:
    page.locator("[data-open=snooze]").click()
    expect(page.locator("#snooze button").first).to_be_visible()


def note(page: Page) -> None:
    page.locator("#composer [data-kind=note]").click()
    page.locator("#body").fill("Only among us.")
    expect(page.locator("#draft-state")).not_to_be_empty()


def frame(page: Page) -> None:
    details = page.locator("details[data-frame]").first
    if details.get_attribute("open") is None:
        details.locator("summary").click()
    expect(page.frame_locator("iframe.frame").first.locator("body")).not_to_be_empty()
