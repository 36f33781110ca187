"""Who must not see it: every address of the workspace, asked by everybody it is not for.

The table is compared with the addresses there are: one that is missing here fails.
"""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hospes.team.models import Agent, Role
from hospes.workspace.tests.stage import SECRET, Stage, set_stage
from hospes.workspace.urls import urlpatterns
from tests.cast import Cast

# What stands in one queue: whoever does not see the queue cannot tell it from what is not there.
OF_A_QUEUE = {
    "conversation": "GET", "entries": "GET", "reply": "POST", "greeting": "GET", "texts_offered": "GET", "note": "POST", "draft": "POST",
    "draft_files": "POST", "drop_draft_file": "POST",
    "assignment": "GET POST", "junk": "POST", "closure": "POST", "reopening": "POST", "snooze": "GET POST",
    "queue": "POST", "presence": "POST", "unsend": "POST", "resend": "POST", "settle": "POST",
    "there": "GET", "matter": "GET POST", "holding": "POST", "contest": "POST", "decide_missed": "POST",
    "frame": "GET", "pictures": "POST", "picture": "GET", "message_raw": "GET", "attachment": "GET", "customer": "GET POST",
    "customer_addressing": "POST", "customer_reaching": "POST",
    "settings_mail_decide": "GET POST", "settings_mail_raw": "GET",
    "settings_mail_frame": "GET", "settings_mail_file": "GET",
}  # fmt: skip
# What everybody with a seat may open, each with what is theirs on it.
OF_EVERYBODY = {
    "home", "counts", "inbox", "rows", "palette", "me", "me_sessions", "me_api",
    "settings_market", "settings_fact",
}  # fmt: skip
OF_LEADS = {
    "missed",
    "decide_missed",
    "settings_mail",
    "settings_mail_count",
    "settings_mail_blocks",
    "settings_mail_chosen",
    "settings_mail_decide",
    "settings_mail_frame",
    "settings_mail_file",
    "settings_mail_raw",
}
OF_OPERATORS = {
    "settings", "settings_team", "settings_agent", "settings_channels", "settings_channel",
    "settings_markets", "settings_hubs", "settings_outgoing", "settings_brand", "settings_api",
    "settings_incoming", "settings_incoming_agree", "settings_incoming_code", "settings_agreed",
    "settings_new_way", "settings_way", "settings_keys", "settings_sending",
    "settings_acknowledging",
    "settings_calendars", "settings_calendar", "settings_calendar_holidays", "settings_calendar_days", "settings_calendar_seasons",
    "settings_calendar_day_removal", "settings_calendars_moved", "settings_calendar_users", "settings_calendar_removal",
    "settings_health",
    "settings_laws", "settings_own_value", "settings_correction", "settings_taking_back",
    "settings_levels", "settings_new_level", "settings_level",
    "settings_contracts", "settings_contract", "settings_contract_end",
    "settings_texts", "settings_texts_start", "settings_texts_export", "settings_texts_import", "settings_text",
    "settings_text_variant", "settings_text_archive", "settings_variant_check", "settings_variant_removal",
}  # fmt: skip
# Open to strangers: a link that works once, set-up with such a link, files by a signed link.
BY_LINK = {"sign_in_link", "setup", "setup_step", "file_elsewhere"}

NOT_THERE = {404, 405}  # 405: nobody at all can ask for it in this way

NAMES = {route.name for route in urlpatterns}
ARGUMENTS = {route.name: list(route.pattern.converters) for route in urlpatterns}
BODY = {"text": SECRET, "until": "2027-01-01T09:00", "agent": "0", "queue": "1", "state": "viewing", "decision": "open"}  # fmt: skip


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


def path(name: str, stage: Stage, cast: Cast, **instead: object) -> str:
    values = {**stage.values(cast), **instead}
    return reverse(name, kwargs={key: values[key] for key in ARGUMENTS[name]})


def client_of(agent: Agent, *, role: str | None = None) -> Client:
    if role is not None:
        Agent.objects.filter(pk=agent.pk).update(role=role)
    client = Client()
    client.force_login(agent)
    return client


def ask(client: Client, method: str, address: str) -> tuple[int, bytes]:
    answer = client.get(address) if method == "GET" else client.post(address, BODY)
    return answer.status_code, b"".join(
        answer.streaming_content
    ) if answer.streaming else answer.content


def test_every_address_is_in_one_of_the_tables() -> None:
    assert {*OF_A_QUEUE, *OF_EVERYBODY, *OF_LEADS, *OF_OPERATORS, *BY_LINK} == NAMES


@pytest.mark.parametrize("name", sorted(NAMES - BY_LINK))
def test_who_is_not_signed_in_is_led_to_the_sign_in_page(
    name: str, cast: Cast, stage: Stage
) -> None:
    for method in OF_A_QUEUE.get(name, "GET").split():
        address = path(name, stage, cast)
        answer = Client().get(address) if method == "GET" else Client().post(address, BODY)

        assert answer.status_code == 302
        assert answer["Location"].startswith("/account/login/?next=")


@pytest.mark.parametrize("name", sorted(OF_A_QUEUE))
def test_what_is_in_another_queue_looks_like_what_is_not_there(
    name: str, cast: Cast, stage: Stage
) -> None:
    vera = client_of(cast.vera, role=Role.LEAD)
    nowhere = {"reference": "H-ZZZZZ", "message_id": 999_999_999, "attachment_id": 999_999_999}
    nowhere |= {"customer_id": 999_999_999, "raw_id": 999_999_999, "draft_file_id": 999_999_999}
    for method in OF_A_QUEUE[name].split():
        status, said = ask(vera, method, path(name, stage, cast))

        assert status == 404
        assert (status, said) == ask(vera, method, path(name, stage, cast, **nowhere))
        assert SECRET not in said.decode()


@pytest.mark.parametrize("name", sorted(OF_EVERYBODY))
def test_nothing_of_another_queue_stands_on_a_page_of_everybody(
    name: str, cast: Cast, stage: Stage
) -> None:
    query = f"?ids={stage.conversation.pk}&q={SECRET[:3]}"
    _, seen_by_vera = ask(client_of(cast.vera), "GET", path(name, stage, cast) + query)

    assert SECRET not in seen_by_vera.decode()
    assert stage.conversation.reference not in seen_by_vera.decode()


def test_files_of_a_draft_are_its_writers_alone(cast: Cast, stage: Stage) -> None:
    address = path("drop_draft_file", stage, cast)
    assert ask(client_of(cast.ana), "POST", address)[0] == 404  # an operator, who sees every queue
    page = client_of(cast.ana).get(path("conversation", stage, cast)).content.decode()
    assert "spare.png" not in page

    assert ask(client_of(cast.mina), "POST", address)[0] == 204


def test_vera_is_counted_nothing_that_she_may_not_see(cast: Cast, stage: Stage) -> None:
    assert set(client_of(cast.vera).get(reverse("counts")).json().values()) == {0}
    assert client_of(cast.mina).get(reverse("counts")).json()["open"] == 1


@pytest.mark.parametrize("name", sorted(OF_LEADS | OF_OPERATORS))
def test_an_agent_finds_no_page_of_leads_or_operators(name: str, cast: Cast, stage: Stage) -> None:
    for method in ("GET", "POST"):
        status, said = ask(client_of(cast.mina), method, path(name, stage, cast))

        assert status in NOT_THERE
        assert SECRET not in said.decode()


@pytest.mark.parametrize("name", sorted(OF_OPERATORS))
def test_a_lead_finds_no_page_of_operators(name: str, cast: Cast, stage: Stage) -> None:
    for method in ("GET", "POST"):
        assert ask(client_of(cast.jonas), method, path(name, stage, cast))[0] in NOT_THERE


@pytest.mark.parametrize("name", ["setup", "setup_step"])
def test_a_desk_that_is_set_up_cannot_be_set_up_by_a_stranger(
    name: str, cast: Cast, stage: Stage
) -> None:
    for method in ("GET", "POST"):
        assert ask(Client(), method, path(name, stage, cast))[0] in {302, 404}
    assert not Agent.objects.filter(name=SECRET).exists()


def test_who_may_see_a_conversation_does(cast: Cast, stage: Stage) -> None:
    for agent in (cast.mina, cast.jonas, cast.ana):
        status, said = ask(client_of(agent), "GET", path("conversation", stage, cast))
        assert status == 200
        assert SECRET in said.decode()


def test_who_lost_the_seat_sees_nothing_any_more(cast: Cast, stage: Stage) -> None:
    client = client_of(cast.mina)
    Agent.objects.filter(pk=cast.mina.pk).update(is_active=False)

    assert ask(client, "GET", path("conversation", stage, cast))[0] == 302
