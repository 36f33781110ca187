"""Groups D and E where no browser is needed: what pages, programs and letters say of hostile words and files."""

from __future__ import annotations

import json
import re
from email.message import Message as Letter
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse

from hospes.api.actions.issuing import issue
from hospes.api.models import Bucket
from hospes.brands.models import Brand
from hospes.channels.models import Channel
from hospes.config.reactions import REACTIONS
from hospes.conversations.actions.noting import note
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Conversation, Message
from hospes.events.consuming import consume_batch
from hospes.people.models import Customer
from hospes.team.models import Agent
from tests.arriving import arrive, as_sent, shown
from tests.cast import NOON, Cast
from tests.mail import letter

SCRIPT = "<img src=x onerror=alert(1)><script>alert(2)</script>"
pytestmark = pytest.mark.django_db


def client_of(agent: Agent) -> Client:
    client = Client()
    client.force_login(agent)
    return client


def at(client: Client, name: str, *args: object, **query: str) -> str:
    answer = client.get(reverse(name, args=args), query)
    assert answer.status_code == 200
    return answer.content.decode()


class Tags(HTMLParser):
    """The tags of a page, each with what it says."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))

    def named(self, *attributes: str) -> list[str]:
        """What these attributes say, of all tags."""
        return [said[one] for _tag, said in self.found for one in attributes if one in said]


def acting(page: str) -> list[object]:
    """Return what in a page of ours could act though we did not write it."""
    return [
        (tag, said)
        for tag, said in Tags(page).found
        if any(name.startswith("on") for name in said)
        or (tag == "script" and "src" not in said and said.get("type") != "application/json")
    ]


def text_of(sent: Letter) -> str:
    content = sent.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


def named(cast: Cast) -> Message:
    body = letter(f'"{SCRIPT}" <eve@evil.example>', subject=SCRIPT, text=SCRIPT)
    message = shown(cast, body)
    while consume_batch(REACTIONS, at=NOON):
        pass
    return message


# Words -------------------------------------------------------------------------------------------


def test_d11_a_name_with_markup_acts_in_no_page(cast: Cast) -> None:
    message = named(cast)
    client = client_of(cast.jonas)
    arrive(cast, letter(f'"{SCRIPT}" <mina@kaldera.example>', subject=SCRIPT, verified=False))

    pages = [
        at(client, "conversation", message.conversation.reference),
        at(client, "inbox", "unassigned"),
        at(client, "palette", q="evil"),
        at(client, "customer", message.conversation.customer_id),
        at(client, "settings_mail"),
    ]

    for page in pages:
        assert "onerror" in page  # it is there, as words
        assert acting(page) == []


def test_d11_programs_get_it_as_json_that_no_browser_reads_as_a_page(cast: Cast) -> None:
    message = named(cast)
    issued = issue(agent=cast.mina, name="x", scopes=["conversations:read", "messages:read"], by=None, at=NOON)  # fmt: skip
    client = Client(headers={"authorization": f"Bearer {issued.secret}"})

    answer = client.get(f"/api/v1/conversations/{message.conversation.reference}/messages")

    assert answer.headers["Content-Type"].split(";")[0] == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert SCRIPT in json.dumps(answer.json())


def test_d11_letters_carry_it_as_words_alone(cast: Cast) -> None:
    message = named(cast)

    ours = as_sent(reply(message.conversation, text="Yes.", by=cast.mina, at=NOON))

    assert [part.get_content_type() for part in ours.walk()] == ["text/plain"]
    assert len(ours.get_all("To") or []) == len(ours.get_all("Subject") or []) == 1


MARKDOWN = [
    "[x](javascript:alert(1))", "[x](JaVaScRiPt&colon;alert(1))", "[x](java\tscript:alert(1))",
    "<javascript:alert(1)>", "javascript:alert(1)", "![x](data:text/html,<script>alert(1)</script>)",
    "[x]: javascript:alert(1)", "vbscript:msgbox(1)", "[x](http://evil.example\" onmouseover=alert(1) )",
    "http://evil.example/\"onmouseover=alert(1)", "http://javascript:alert(1)@evil.example",
]  # fmt: skip


def test_d13_no_spelling_of_a_link_becomes_one_that_acts(cast: Cast) -> None:
    text = "\n".join(MARKDOWN)
    message = shown(cast, letter("eve@evil.example", text=text))
    reply(message.conversation, text=text, by=cast.mina, at=NOON)
    note(message.conversation, text=text, by=cast.mina, at=NOON)

    page = at(client_of(cast.mina), "conversation", message.conversation.reference)

    assert acting(page) == []
    links = Tags(page).named("href")
    assert links
    assert not [one for one in links if not re.match(r"(https?://|mailto:|/|#main)", one)]


HEADERS = [
    "CF-Connecting-IP", "X-Forwarded-For", "X-Real-IP", "True-Client-IP", "Forwarded", "X-Client-IP",
    "User-Agent", "Referer", "X-Forwarded-Host",
]  # fmt: skip


def test_d17_what_a_request_says_of_its_sender_is_neither_believed_nor_kept(
    cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    hostile = "<img src=//evil.example>"
    for number, name in enumerate(HEADERS):
        sent = {name.lower(): f"{hostile}{number}", "authorization": "Bearer wrong"}
        assert Client(headers=sent).get("/api/v1/conversations").status_code in {400, 401}
        Client(headers={name.lower(): hostile}).post("/account/login/", {"username": hostile})

    asked = set(Bucket.objects.values_list("name", flat=True))
    assert not [one for one in asked if "evil" in one]
    assert len([one for one in asked if one.startswith("address:")]) == 1  # all of one caller
    told = capsys.readouterr()
    assert hostile not in told.out + told.err


def test_d19_what_our_own_people_write_is_trusted_no_more_than_mail(cast: Cast) -> None:
    """Signature, name, reply, note, the words that the desk sends by itself, a name of a channel: by whoever may write it."""
    Brand.objects.update(signature=SCRIPT)
    Channel.objects.update(name=SCRIPT, acknowledges=True)
    Agent.objects.filter(pk=cast.mina.pk).update(name=SCRIPT)
    cast.mina.refresh_from_db()
    conversation = named(cast).conversation
    written = reply(conversation, text=SCRIPT, by=cast.mina, at=NOON)
    note(conversation, text=SCRIPT, by=cast.mina, at=NOON)
    while consume_batch(REACTIONS, at=NOON):
        pass

    for name, *args in (
        ("conversation", conversation.reference),
        ("inbox", "unassigned"),
        ("settings_channels",),
        ("settings_brand",),
        ("settings_team",),
        ("me",),
    ):
        assert acting(at(client_of(cast.ana), name, *args)) == [], name
    sent = as_sent(written)
    assert [part.get_content_type() for part in sent.walk()] == ["text/plain"]
    assert SCRIPT in text_of(sent)
    for one in Message.objects.filter(direction=Message.Direction.OUT):
        assert {part.get_content_type() for part in as_sent(one).walk()} == {"text/plain"}


# Files -------------------------------------------------------------------------------------------

READING = (
    '<p>hello</p><img src="file:///etc/passwd"><img src="php://filter/convert.base64-encode/resource=/etc/passwd">'
    '<link rel=attachment href="file:///etc/passwd"><iframe src="file:///etc/passwd"></iframe>'
    '<object data="file:///etc/passwd"></object><img src="/etc/passwd"><img src="\\\\evil.example\\share\\x.png">'
    '<a href="file:///etc/passwd">x</a><img src="http://127.0.0.1:1/x"><img src="cid:../../etc/passwd">'
)


def test_e09_nothing_of_this_machine_gets_into_a_design_or_out_with_a_letter(cast: Cast) -> None:
    """Nobody makes PDFs here; what does show a design has no way to a file, and letters quote words alone."""
    message = shown(cast, letter("eve@evil.example", text="hello", html=READING))
    client = client_of(cast.mina)

    frame = client.get(reverse("frame", args=[message.pk]))

    assert "hello" in frame.content.decode()
    asked = Tags(frame.content.decode()).named("src", "href", "data")
    assert not [one for one in asked if re.search(r"file:|php:|passwd|evil|127\.0\.0\.1", one)]
    assert "img-src" in frame.headers["Content-Security-Policy"]
    assert "default-src 'none'" in frame.headers["Content-Security-Policy"]
    sent = as_sent(reply(message.conversation, text="Yes.", by=cast.mina, at=NOON))
    assert [part.get_content_type() for part in sent.walk()] == ["text/plain"]
    assert not re.search(r"root:x|file:|php:", sent.as_string() + text_of(sent))


def test_e09_a_customer_by_any_name_is_no_file_either(cast: Cast) -> None:
    message = shown(cast, letter('"file:///etc/passwd" <eve@evil.example>', subject="php://filter"))

    page = at(client_of(cast.mina), "conversation", message.conversation.reference)

    assert "root:x" not in page
    assert Customer.objects.get(pk=message.conversation.customer_id).display_name
    assert Conversation.objects.count() == 1
