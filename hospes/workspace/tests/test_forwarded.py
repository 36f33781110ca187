"""A mail that a colleague forwarded, as the page of its conversation shows it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter

FORWARDED = "Please call.\n\nBegin forwarded message:\n\nFrom: Vic <vic@corp.example>\nSubject: Pump\n\nIt leaks."
SAYS = {
    "en": "Forwarded by Mina Ortega, address not proven",
    "es": "Reenvío de Mina Ortega, dirección sin demostrar",
    "sl": "Posreduje Mina Ortega, naslov ni dokazan",
    "de": "Weitergeleitet von Mina Ortega, Adresse nicht belegt",
    "fr": "Transféré par Mina Ortega, adresse non prouvée",
    "ar": "إعادة توجيه من Mina Ortega، العنوان غير مُثبت",
    "ja": "Mina Ortega が転送、アドレスは未証明",
}


@pytest.mark.django_db
@pytest.mark.parametrize("language", SAYS)
def test_the_page_says_who_forwarded_it_and_that_the_address_is_not_proven(
    cast: Cast, language: str
) -> None:
    message = shown(cast, letter("mina@kaldera.example", subject="Fwd: Pump", text=FORWARDED))
    cast.jonas.language = language
    cast.jonas.save()
    client = Client()
    client.force_login(cast.jonas)

    page = client.get(reverse("conversation", args=[message.conversation.reference]))

    told = page.content.decode()
    assert told.count(SAYS[language]) == 2  # beside the name, and in the details
    assert "DMARC pass" not in told  # that is said of who forwarded it
    assert told.index("Please call.") < told.index("It leaks.")
    recipient = told.partition('id="recipient">')[2].partition("<")[0]
    assert "vic@corp.example" in recipient


@pytest.mark.django_db
def test_a_stranger_of_the_queue_sees_nothing_of_it(cast: Cast) -> None:
    message = shown(cast, letter("mina@kaldera.example", subject="Fwd: Pump", text=FORWARDED))
    client = Client()
    client.force_login(cast.vera)

    answer = client.get(reverse("conversation", args=[message.conversation.reference]))

    assert answer.status_code == 404
    assert b"Pump" not in answer.content
