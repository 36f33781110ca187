"""What was found out about a sender, in the details of a message; and who finds it out, in the settings."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from hospes.channels.models import Channel
from hospes.conversations.models import Message
from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter

OURS = {"dmarc": "pass", "spf": "fail", "spf_domain": "a.example", "dkim": "pass", "dkim_domains": ["b.example"], "dmarc_policy": "reject"}  # fmt: skip
SAID = [
    (OURS, True, "Proven: the domain itself sent or signed it. We checked."),
    ({"authserv_id": "mx.kaldera.example", "dmarc": "pass"}, True, "The mail server in front of us has proven the address."),
    ({"dmarc": "none"}, False, "The sender&#x27;s domain does not say which mail is genuine (no DMARC)."),
    ({"dmarc": "temperror"}, False, "the servers of the domain did not answer."),
    ({"dmarc": "fail", "dmarc_policy": "none"}, False, "It may be forged."),
    ({"authserv_id": "mx.kaldera.example", "dmarc": "fail"}, False, "It may be forged."),
    ({"dmarc": "fail", "forwarder": "lists.example"}, False, '<bdi dir="ltr">lists.example</bdi> handed it on'),
    (None, False, "No mail server we trust has proven that it comes from this address."),
]  # fmt: skip


def page_of(cast: Cast, message: Message) -> str:
    client = Client()
    client.force_login(cast.mina)
    page = client.get(reverse("conversation", args=[message.conversation.reference]))
    return page.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(("verdict", "is_verified", "words"), SAID)
def test_the_details_say_in_plain_words_what_was_found_out(
    cast: Cast, verdict: dict[str, object] | None, is_verified: bool, words: str
) -> None:
    message = shown(cast, letter("aiko@example.jp"))
    Message.objects.update(verdict=verdict, is_verified=is_verified)

    assert words in page_of(cast, message)


@pytest.mark.django_db
def test_the_details_name_each_check(cast: Cast) -> None:
    message = shown(cast, letter("aiko@example.jp"))
    assert "<dt>Checks</dt><dd><bdi" in page_of(cast, message)
    Message.objects.update(verdict={**OURS, "arc": "none", "dkim_domains": ["<b>.example"]})

    told = page_of(cast, message)

    assert (
        "SPF fail (a.example) · DKIM pass (&lt;b&gt;.example) · DMARC pass (reject)</bdi>" in told
    )


@pytest.fixture
def operator(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.ana)
    return client


def save(operator: Client, cast: Cast, **given: str) -> None:
    address = reverse("settings_channel", args=[cast.channel.pk])
    form = {"address": cast.channel.address, "brand": str(cast.brand.pk), "is_active": "on"}
    answer = operator.post(address, {**form, **given})
    assert answer.status_code == 302, answer.content.decode()


@pytest.mark.django_db
def test_an_operator_says_that_mail_comes_from_the_internet_itself(
    cast: Cast, operator: Client
) -> None:
    save(operator, cast, receives_itself="True", trusted_hop="mx.kaldera.example", forwarders="Lists.Example, groups.example.com")  # fmt: skip

    channel = Channel.objects.get()
    assert channel.receives_itself
    assert channel.trusted_hop == ""  # one or the other
    assert channel.forwarders == "lists.example groups.example.com"
    page = operator.get(reverse("settings_channel", args=[channel.pk])).content.decode()
    assert 'name="receives_itself" value="True"' in page
    assert page.count("checked") == 2  # this, and "in use"


@pytest.mark.django_db
def test_and_that_it_stands_behind_a_mail_server(cast: Cast, operator: Client) -> None:
    Channel.objects.update(receives_itself=True, trusted_hop="")

    save(operator, cast, receives_itself="False", trusted_hop="mx.kaldera.example")

    channel = Channel.objects.get()
    assert (channel.receives_itself, channel.trusted_hop) == (False, "mx.kaldera.example")


@pytest.mark.django_db
def test_what_is_no_domain_is_no_forwarder(cast: Cast, operator: Client) -> None:
    address = reverse("settings_channel", args=[cast.channel.pk])
    form = {"address": cast.channel.address, "brand": str(cast.brand.pk), "forwarders": "a b@c"}

    assert operator.post(address, form).status_code == 200
    assert Channel.objects.get().forwarders == ""


@pytest.mark.django_db
def test_who_only_answers_may_not_change_who_is_believed(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.jonas)
    address = reverse("settings_channel", args=[cast.channel.pk])

    assert client.post(address, {"receives_itself": "True"}).status_code in (403, 404)
    assert not Channel.objects.get().receives_itself
