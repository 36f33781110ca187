"""Texts in the workspace: kept by operators, found while a reply is written, filled for its customer."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from hospes.language.speaking import CUSTOMER_LANGUAGES
from hospes.texts.actions.writing import About, Form, make_text, say
from hospes.texts.models import Text
from hospes.workspace.tests.stage import Stage, set_stage
from tests.cast import NOON, Cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(client: Client, cast: Cast) -> Client:
    client.force_login(cast.ana)
    return client


@pytest.fixture
def stage(cast: Cast) -> Stage:
    return set_stage(cast)


def parcel() -> Text:
    text = make_text(
        About("Where is my parcel", "parcel"), language="en", body="{salutation}\n\nIt is on its way: {phone}", by_id=None, at=NOON,
    )  # fmt: skip
    say(text, Form("ja"), "{salutation}\n\n荷物は配送中です。", by_id=None, at=NOON)
    return text


def menu(client: Client, reference: str, asked: str = "") -> str:
    return client.get(reverse("texts_offered", args=[reference]), {"q": asked}).content.decode()


def test_whoever_writes_finds_a_text_in_the_language_of_the_customer(
    ana: Client, stage: Stage
) -> None:
    parcel()
    stage.conversation.language = "ja"
    stage.conversation.save(update_fields=["language"])

    found = menu(ana, stage.conversation.reference, "parcel")

    assert "荷物は配送中です。" in found
    assert 'lang="ja"' in found


def test_a_place_that_nobody_can_fill_is_told_before_it_is_put_in(
    ana: Client, stage: Stage
) -> None:
    make_text(About("Call", "call"), language="en", body="We ring {phone}.", by_id=None, at=NOON)
    found = menu(ana, stage.conversation.reference, "/ca")

    assert "{phone}" in found
    assert "1 place to fill in" in found


def test_a_reply_with_a_place_left_does_not_leave(ana: Client, stage: Stage) -> None:
    url = reverse("reply", args=[stage.conversation.reference])
    refused = ana.post(url, {"text": "Hello {first_name}, {? the date}"})
    sent = ana.post(url, {"text": "Our API wants {{name}} there."})

    assert (refused.status_code, sent.status_code) == (409, 204)
    assert "{first_name}, {? the date}" in refused.content.decode()


def test_texts_of_another_brand_and_those_put_away_are_not_offered(
    ana: Client, stage: Stage, cast: Cast
) -> None:
    text = parcel()
    Text.objects.filter(pk=text.pk).update(archived_at=NOON)

    assert "No text holds" in menu(ana, stage.conversation.reference, "parcel")


def test_the_menu_asks_as_much_for_many_texts_as_for_one(ana: Client, stage: Stage) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as context:
            menu(ana, stage.conversation.reference, "hello")
        return len(context)

    def text(number: int) -> Text:
        body = "Hello {phone} {answer_by} {address}"
        return make_text(About(f"Text {number}"), language="en", body=body, by_id=None, at=NOON)

    text(0)
    menu(ana, stage.conversation.reference, "hello")
    for_one = asked()
    for number in range(1, 30):
        text(number)

    assert asked() == for_one


def test_an_operator_writes_a_text_and_a_variant(ana: Client) -> None:
    given = {
        "name": "Refund",
        "shortcut": "refund",
        "language": "en",
        "body": "Your money is coming.",
    }
    ana.post(reverse("settings_texts"), given)
    text = Text.objects.get()
    variant = {
        "language": "ar",
        "market": "",
        "formality": "",
        "channel": "",
        "body": "أموالك في الطريق.",
    }
    ana.post(reverse("settings_text_variant", args=[text.pk]), variant)

    shown = ana.get(reverse("settings_text", args=[text.pk])).content.decode()
    assert "أموالك في الطريق." in shown
    assert 'lang="ar"' in shown


def test_a_place_that_there_is_none_of_is_refused_where_it_was_written(ana: Client) -> None:
    text = parcel()
    variant = {
        "language": "ja",
        "market": "",
        "formality": "",
        "channel": "",
        "body": "{frist_name}様",
    }
    shown = ana.post(reverse("settings_text_variant", args=[text.pk]), variant).content.decode()

    assert "Nobody fills {frist_name}" in shown
    assert "{frist_name}様" in shown


def test_a_stale_variant_is_shown_as_such_until_somebody_looked(ana: Client) -> None:
    text = parcel()
    say(text, Form("en"), "It arrives today.", by_id=None, at=timezone.now() - timedelta(minutes=1))
    url = reverse("settings_text", args=[text.pk])
    stale = text.variants.get(language="ja")

    assert "Stale" in ana.get(url).content.decode()
    assert "1 stale" in ana.get(reverse("settings_texts")).content.decode()
    ana.post(reverse("settings_variant_check", args=[stale.pk]))
    assert "Stale" not in ana.get(url).content.decode()


def test_a_table_is_looked_at_before_it_is_taken_over(ana: Client) -> None:
    parcel()
    exported = ana.get(reverse("settings_texts_export")).content
    changed = exported.replace("荷物は配送中です。".encode(), "荷物は届きました。".encode())
    url = reverse("settings_texts_import")

    seen = ana.post(url, {"file": SimpleUploadedFile("t.csv", changed)}).content.decode()
    assert "ja" in seen
    assert not Text.objects.filter(variants__body__contains="届きました").exists()
    ana.post(url, {"agreed": "1"})
    assert Text.objects.filter(variants__body__contains="届きました").exists()


def test_a_desk_begins_with_phrases_in_every_language_of_customers(ana: Client) -> None:
    ana.post(reverse("settings_texts_start"))
    ana.post(reverse("settings_texts_start"))

    apology = Text.objects.get(name="Apology")
    assert {one.language for one in apology.variants.all()} == set(CUSTOMER_LANGUAGES)
    assert Text.objects.count() == 5


@pytest.mark.parametrize("who", ["jonas", "mina"])
def test_only_operators_keep_texts(client: Client, cast: Cast, who: str) -> None:
    text = parcel()
    client.force_login(getattr(cast, who))
    pages = [
        reverse("settings_texts"),
        reverse("settings_text", args=[text.pk]),
        reverse("settings_texts_export"),
    ]

    assert [client.get(page).status_code for page in pages] == [404, 404, 404]
