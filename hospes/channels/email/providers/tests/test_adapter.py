"""Letters through providers: what they get, and what their answers mean."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest

from hospes.channels.contract import Address, AnswerLost, DeliveryFailed, Outbound, OutboundFile
from hospes.channels.email.providers.adapter import ProviderAdapter
from hospes.channels.email.providers.backends import Account
from hospes.channels.email.providers.letters import as_mail
from hospes.channels.email.providers.ses import Key
from hospes.channels.email.providers.tests.stand_in import KEY, KEY_ID, StandIn, providers
from tests.mail import free_port

KINDS = ["mailgun", "postmark", "ses", "sendgrid", "brevo", "resend"]
HERE = [ip_network("127.0.0.1/32")]
PARTS = {"mailgun": "kaldera.example", "ses": "eu-central-1"}
LETTER = Outbound(
    message_id="<5f.abc@kaldera.example>",
    from_=Address('Mina "M" at Kaldera', "support@kaldera.example"),
    to=(Address("愛子", "aiko@example.jp"),),
    cc=(Address("", "partner@example.org"),),
    reply_to=(Address("Kaldera", "r+1.2.3.x@reply.kaldera.example"),),
    subject="Re: 小包\r\nBcc: eve@evil.example",
    text="土曜日に届きます。\n",
    date=datetime(2026, 11, 20, 12, tzinfo=UTC),
    in_reply_to="<q@example.jp>",
    references=("<p@example.jp>", "<q@example.jp>"),
    headers={"X-Hospes-Loop": "7"},
    files=(OutboundFile("見積書.pdf", "application/pdf", b"%PDF-1.7 \x00\xff"),),
    number="hospes-7-42-1700000000000000",
)


@pytest.fixture(scope="module")
def standing() -> Iterator[StandIn]:
    with providers() as stand_in:
        yield stand_in


@pytest.fixture
def stand_in(standing: StandIn) -> StandIn:
    standing.taken.clear()
    standing.tricks.clear()
    standing.remembered.clear()
    return standing


def adapter(
    kind: str, stand_in: StandIn, *, key: str = KEY, seconds: float = 10
) -> ProviderAdapter:
    account = Account(
        kind=kind, key=key, user=KEY_ID if key == KEY else "AKIDOTHER", part=PARTS.get(kind, ""),
        api_url=stand_in.api_url(kind),
    )  # fmt: skip
    return ProviderAdapter(account, allowed=HERE, seconds=seconds)


@pytest.mark.parametrize("kind", KINDS)
def test_every_provider_gets_the_whole_letter(stand_in: StandIn, kind: str) -> None:
    steps: list[str] = []

    made = adapter(kind, stand_in).send(LETTER, on_dot=lambda: steps.append("dot"))

    (got,) = stand_in.taken
    assert made == got.id or kind == "sendgrid"  # which does not say what it calls it
    assert steps == ["dot"]
    assert " ".join(got.to).count("@") == 2
    assert "aiko@example.jp" in got.to[0]
    assert "partner@example.org" in got.to[1]
    assert got.text.replace("\r\n", "\n").strip() == "土曜日に届きます。"
    assert got.hospes == LETTER.number
    assert [content for _name, content in got.files] == [b"%PDF-1.7 \x00\xff"]
    headers = {name.lower(): value for name, value in got.headers.items()}
    assert headers["message-id"] == LETTER.message_id
    assert headers["in-reply-to"] == "<q@example.jp>"
    assert headers["references"].split() == ["<p@example.jp>", "<q@example.jp>"]
    assert headers["x-hospes-loop"] == "7"


@pytest.mark.parametrize("kind", KINDS)
def test_a_text_file_gets_there_as_it_was_written(stand_in: StandIn, kind: str) -> None:
    content = "水タンクにひびが入りました。\r\n写真をお送りします。\n".encode("cp932")
    page = b"<p>caf\xe9</p>\r\n"
    files = (
        OutboundFile("知らせ.txt", "text/plain", content),
        OutboundFile("page.html", "text/html", page),
    )

    adapter(kind, stand_in).send(replace(LETTER, files=files))

    (got,) = stand_in.taken
    assert [body for _name, body in got.files] == [content, page]
    text, _page = as_mail(replace(LETTER, files=files), kind).attachments
    if kind in {"brevo", "sendgrid"}:  # where a text can only be UTF-8
        assert text.mimetype == "application/octet-stream"
    else:
        assert (text.get_content_type(), text.get_content_charset()) == ("text/plain", "shift_jis")


@pytest.mark.parametrize("kind", KINDS)
def test_no_line_break_in_a_letter_begins_another_field(stand_in: StandIn, kind: str) -> None:
    hostile = replace(
        LETTER,
        from_=Address("Mina\r\nBcc: eve@evil.example", "support@kaldera.example"),
        to=(Address('x" <a@a.example>, "y', "aiko@example.jp"),),
        cc=(),
    )

    adapter(kind, stand_in).send(hostile)

    (got,) = stand_in.taken
    assert len(got.to) == 1
    assert "eve@evil.example" not in " ".join(got.to)
    assert "\n" not in got.subject.replace("\n ", " ")
    assert "bcc" not in {name.lower() for name in got.headers}


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_that_is_not_taken_is_no_fault_of_the_letter(stand_in: StandIn, kind: str) -> None:
    with pytest.raises(DeliveryFailed) as failure:
        adapter(kind, stand_in, key="wrong").send(LETTER)

    assert not failure.value.permanent
    assert failure.value.of_server
    assert failure.value.reason.startswith(("401", "403"))
    assert stand_in.taken == []


@pytest.mark.parametrize("kind", KINDS)
def test_an_account_is_tried_without_a_letter(stand_in: StandIn, kind: str) -> None:
    adapter(kind, stand_in).check()
    with pytest.raises(DeliveryFailed, match=r"40[13]"):
        adapter(kind, stand_in, key="wrong").check()

    assert stand_in.taken == []


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("trick", ["taken:500", "taken:garbage", "taken:reset", "taken:silence"])
def test_f08_what_a_provider_may_have_is_not_known(
    stand_in: StandIn, kind: str, trick: str
) -> None:
    if kind == "sendgrid" and trick == "taken:garbage":
        pytest.skip("Its answer says nothing but its status.")
    stand_in.tricks.append(trick)

    with pytest.raises(AnswerLost):
        adapter(kind, stand_in, seconds=0.5).send(LETTER)

    assert len(stand_in.taken) == 1


@pytest.mark.parametrize("kind", KINDS)
def test_f19_a_provider_that_asks_for_time_gets_it(stand_in: StandIn, kind: str) -> None:
    for status in (429, 503):
        stand_in.tricks.append(f"status:{status}:17")
        with pytest.raises(DeliveryFailed) as failure:
            adapter(kind, stand_in).send(LETTER)
        assert not failure.value.permanent
        assert failure.value.of_server
        assert failure.value.retry_after == 17

    assert stand_in.taken == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_letter_that_is_refused_is_refused_for_good(stand_in: StandIn, kind: str) -> None:
    stand_in.tricks.append("status:400")

    with pytest.raises(DeliveryFailed, match="400 we say 400") as failure:
        adapter(kind, stand_in).send(LETTER)

    assert failure.value.permanent
    assert not failure.value.of_server


@pytest.mark.parametrize("kind", KINDS)
def test_a_provider_that_is_not_there_has_no_letter(kind: str) -> None:
    nowhere = StandIn(url=f"http://127.0.0.1:{free_port()}")
    steps: list[str] = []

    with pytest.raises(DeliveryFailed, match="Connection refused") as failure:
        adapter(kind, nowhere).send(LETTER, on_dot=lambda: steps.append("dot"))

    assert not failure.value.permanent
    assert not failure.value.answered
    assert steps == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_provider_within_a_private_network_is_reached(stand_in: StandIn, kind: str) -> None:
    account = replace(adapter(kind, stand_in).account)
    asked = len(stand_in.asked)

    with pytest.raises(DeliveryFailed, match="private address"):
        ProviderAdapter(account, allowed=[]).send(LETTER)

    assert len(stand_in.asked) == asked


def test_whoever_is_told_before_the_letter_goes_can_stop_it(stand_in: StandIn) -> None:
    class Stop(Exception):
        """Somebody else has it."""

    def stop() -> None:
        raise Stop

    for kind in KINDS:
        with pytest.raises(Stop):
            adapter(kind, stand_in).send(LETTER, on_dot=stop)
    assert stand_in.taken == []


def test_f08_the_same_number_twice_arrives_once_where_a_provider_remembers(
    stand_in: StandIn,
) -> None:
    resend = adapter("resend", stand_in, seconds=0.5)
    stand_in.tricks.append("taken:silence")
    with pytest.raises(AnswerLost):
        resend.send(LETTER)

    made = resend.send(LETTER)
    other = resend.send(replace(LETTER, number="hospes-7-42-1800000000000000"))

    assert len(stand_in.taken) == 2
    assert (made, other) == (stand_in.taken[0].id, stand_in.taken[1].id)
    assert resend.repeatable_for > timedelta(hours=20)
    assert adapter("mailgun", stand_in).repeatable_for == timedelta(0)


def test_whom_a_provider_will_not_write_to_is_told(stand_in: StandIn) -> None:
    refused: dict[str, str] = {}
    gone = Address("", "gone@example.org")
    postmark = adapter("postmark", stand_in)

    postmark.send(replace(LETTER, cc=(gone,)), on_refused=refused.update)
    with pytest.raises(DeliveryFailed) as failure:
        postmark.send(replace(LETTER, to=(gone,), cc=()))

    assert refused == {"gone@example.org": "rejected"}
    assert failure.value.permanent
    assert len(stand_in.taken) == 1


def test_a_domain_that_the_account_does_not_have_is_no_fault_of_the_letter(
    stand_in: StandIn,
) -> None:
    account = replace(adapter("mailgun", stand_in).account, part="other.example")

    with pytest.raises(DeliveryFailed, match="Domain not found") as failure:
        ProviderAdapter(account, allowed=HERE).send(LETTER)

    assert not failure.value.permanent
    assert failure.value.of_server


def test_a_request_to_amazon_is_signed_as_amazon_says() -> None:
    """The published example "get-vanilla" of Signature Version 4."""
    key = Key(
        "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1", service="service"
    )

    signed = key.signed(
        "GET", "https://example.amazonaws.com/", b"", {},
        at=datetime(2015, 8, 30, 12, 36, tzinfo=UTC),
    )  # fmt: skip

    assert signed["Authorization"].endswith(
        "SignedHeaders=host;x-amz-date, Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
    )
