"""Boxes of waiting mail of any size, decisions about several, and one mail read whole before anybody decides."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from hospes.conversations.models import Conversation
from hospes.intake import boxes
from hospes.intake.actions.blocking import block
from hospes.intake.actions.storing import Delivery, store_all
from hospes.intake.counters import count_on, counters, is_kept_right
from hospes.intake.models import (
    Block,
    DeletedRaw,
    HeldRaw,
    HeldReason,
    PendingRaw,
    QuarantinedRaw,
    Raw,
)
from tests.arriving import arrive
from tests.cast import NOON, Cast
from tests.mail import letter

FORGED = "Mallory <mina@kaldera.example>"


@pytest.fixture
def jonas(cast: Cast) -> Client:
    client = Client()
    client.force_login(cast.jonas)
    return client


def hold(cast: Cast, *bodies: bytes) -> list[HeldRaw]:
    """Let mails come in that are held, and return them in the order they came in."""
    for body in bodies:
        arrive(cast, body)
    return list(HeldRaw.objects.order_by("pk"))


def unreadable(cast: Cast, body: bytes = b"\0") -> QuarantinedRaw:
    (raw_id,) = store_all([Delivery(cast.channel.pk, body, "eve@x.example", "")], at=NOON)
    PendingRaw.objects.all().delete()
    return QuarantinedRaw.objects.create(raw_id=raw_id, error="It has no parts.", at=NOON)


def shown(client: Client, address: str) -> str:
    return client.get(address).content.decode()


# A box of any size --------------------------------------------------------------------------------


def test_every_held_mail_can_be_reached_and_is_counted(
    cast: Cast, jonas: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(boxes, "PAGE", 2)
    hold(cast, *(letter(FORGED, subject=f"Number {n}", verified=False) for n in range(5)))
    address, seen = reverse("settings_mail"), []
    while address:
        page = shown(jonas, address)
        assert 'Waiting <span class="num">5</span>' in page
        seen.append(re.findall(r"Number (\d)", page))
        older = re.search(r'href="([^"]*)" rel="next"', page)
        address = older[1].replace("&amp;", "&") if older else ""
        back = re.search(r'href="([^"]*)" rel="prev"', page)

    assert seen == [["4", "3"], ["2", "1"], ["0"]]
    assert back is not None
    assert re.findall(r"Number (\d)", shown(jonas, back[1].replace("&amp;", "&"))) == ["2", "1"]


def test_words_find_a_held_mail_by_who_sent_it_and_what_it_says(cast: Cast, jonas: Client) -> None:
    hold(
        cast,
        letter(FORGED, subject="Überweisung", text="Bitte sofort", verified=False),
        letter(FORGED, subject="Parcel", verified=False),
    )
    address = reverse("settings_mail")
    for words in ("überweisung", "mallory SOFORT", "mina@ weisung"):
        page = shown(jonas, f"{address}?q={words}")
        assert "Überweisung" in page, words
        assert "Parcel" not in page, words
    assert "Nothing found" in shown(jonas, f"{address}?q=100%25")


def test_words_find_what_could_not_be_read(cast: Cast, jonas: Client) -> None:
    unreadable(cast)
    address = reverse("settings_mail")
    assert "It has no parts." in shown(jonas, f"{address}?quarantined&q=eve@x no")
    assert "Nothing found" in shown(jonas, f"{address}?quarantined&q=somebody")


# Decisions ----------------------------------------------------------------------------------------


def decide(client: Client, decision: str, *rows: HeldRaw | QuarantinedRaw, **more: str) -> str:
    """Decide about several on the page, and return what it says then."""
    chosen = {"decision": decision, "raw": [one.pk for one in rows], **more}
    answer = client.post(reverse("settings_mail_chosen"), chosen, follow=True)
    return answer.content.decode()


def test_several_mails_are_decided_about_at_once(cast: Cast, jonas: Client) -> None:
    subjects = ("Eins", "Zwei", "Drei")
    first, second, third = hold(
        cast, *(letter(FORGED, subject=one, verified=False) for one in subjects)
    )

    assert "2 mails are put aside" in decide(jonas, "aside", first, second)
    assert "1 mail waits for a decision again" in decide(jonas, "back", first, aside="")
    assert "2 mails are junk now" in decide(jonas, "junk", first, third)
    assert set(HeldRaw.objects.filter(boxes.IS_JUNK)) == {first, third}
    assert not Block.objects.exists()  # who it claims to be from has done nothing
    assert "2 mails are conversations now" in decide(jonas, "open", second, third, junk="")
    assert {one.subject for one in Conversation.objects.all()} == {"Zwei", "Drei"}
    assert "Choose at least one mail" in decide(jonas, "junk")
    assert counters().is_balanced


def test_nobody_decides_about_mail_of_other_queues(cast: Cast) -> None:
    (held,) = hold(cast, letter(FORGED, verified=False))
    cast.vera.role = "lead"
    cast.vera.save()
    client = Client()
    client.force_login(cast.vera)

    decide(client, "delete", held, confirmed="1")

    assert HeldRaw.objects.filter(put_aside_at=None, reason=HeldReason.CLAIMS_COLLEAGUE).exists()
    for name in ("settings_mail_decide", "settings_mail_frame"):
        assert client.get(reverse(name, args=[held.pk])).status_code == 404
    assert client.get(reverse("settings_mail_file", args=[held.pk, 0])).status_code == 404


def test_what_is_deleted_is_asked_about_counted_and_does_not_come_back(
    cast: Cast, jonas: Client
) -> None:
    body = letter(FORGED, verified=False)
    (held,) = hold(cast, body)
    unread = unreadable(cast)
    count_on(at=NOON)
    count_on(at=timezone.now())

    assert "deleted for good" in decide(jonas, "delete", held, unread)
    assert HeldRaw.objects.exists()
    assert "2 mails are deleted" in decide(jonas, "delete", held, unread, confirmed="1")

    assert {(one.by, bytes(one.raw.body)) for one in DeletedRaw.objects.all()} == {
        (cast.jonas, b"")
    }
    assert str(counters()).endswith("0 held + 0 quarantined + 0 pending + 2 deleted")
    assert counters().is_balanced
    assert is_kept_right()
    arrive(cast, body)
    assert not HeldRaw.objects.exists()
    assert Raw.objects.count() == 2
    assert "2 were deleted by somebody here" in _health(cast)


def _health(cast: Cast) -> str:
    client = Client()
    client.force_login(cast.ana)
    return shown(client, reverse("settings_health"))


def test_who_is_no_junk_hears_what_still_keeps_them_out(cast: Cast, jonas: Client) -> None:
    for value in ("eve@mail.evil.example", "evil.example"):
        block(value, by=cast.mina, at=NOON)
    (held,) = hold(cast, letter("eve@mail.evil.example"))

    page = decide(jonas, "open", held, junk="")

    assert "eve@mail.evil.example is not blocked any more" in page
    assert "@evil.example is blocked all the same" in page


def test_whom_a_forged_mail_names_is_not_blocked_by_it(cast: Cast, jonas: Client) -> None:
    (held,) = hold(cast, b"X-Spam-Flag: YES\r\n" + letter("erika@cust.example"))
    HeldRaw.objects.filter(pk=held.pk).update(
        reason=HeldReason.FAILED_PROOF, from_address="erika@cust.example"
    )
    address = reverse("settings_mail_decide", args=[held.pk])

    assert 'value="block"' not in jonas.get(address).content.decode()
    jonas.post(address, {"decision": "block"})

    held.refresh_from_db()
    assert held.reason == HeldReason.CALLED_JUNK
    assert not Block.objects.exists()


def test_a_sender_is_blocked_where_their_mail_is_read(cast: Cast, jonas: Client) -> None:
    (held,) = hold(cast, b"X-Spam-Flag: YES\r\n" + letter("eve+1@evil.example"))
    address = reverse("settings_mail_decide", args=[held.pk])

    jonas.post(address, {"decision": "block"})

    assert Block.objects.get().value == "eve@evil.example"


# One mail, whole ----------------------------------------------------------------------------------


def test_a_held_mail_is_read_whole_and_nothing_of_it_acts(cast: Cast, jonas: Client) -> None:
    html = '<p>Hi <img src="https://evil.example/x.png"><script>alert(1)</script></p>'
    long = "Please read this. " * 30
    (held,) = hold(
        cast,
        letter(
            FORGED, text=f"{long}<b>", html=html, verified=False,
            files=[("a/../évil.html", "text/html", b"<script>alert(1)</script>")],
        ),
    )  # fmt: skip
    page = shown(jonas, reverse("settings_mail_decide", args=[held.pk]))
    frame = jonas.get(reverse("settings_mail_frame", args=[held.pk]))
    file = jonas.get(reverse("settings_mail_file", args=[held.pk, 0]))

    assert f"{long}&lt;b&gt;" in page
    assert "évil.html" in page
    assert "script" not in frame.content.decode()
    assert 'src="https:' not in frame.content.decode()
    assert "default-src 'none'" in frame["Content-Security-Policy"]
    assert " sandbox" in frame["Content-Security-Policy"]
    assert file.content == b"<script>alert(1)</script>"
    assert file["Content-Disposition"].startswith("attachment")
    assert file["Content-Type"] == "application/octet-stream"
    assert jonas.get(reverse("settings_mail_file", args=[held.pk, 1])).status_code == 404


def test_a_file_with_a_virus_is_not_handed_out(cast: Cast, jonas: Client) -> None:
    (held,) = hold(
        cast, letter(FORGED, verified=False, files=[("a.exe", "application/x-exe", b"x")])
    )
    HeldRaw.objects.update(virus="Eicar", checked_at=NOON)

    answer = jonas.get(reverse("settings_mail_file", args=[held.pk, 0]))

    assert (answer.status_code, answer.json()["code"]) == (409, "virus_found")


def test_what_could_not_be_read_is_shown_as_it_came_in(cast: Cast, jonas: Client) -> None:
    unread = unreadable(cast, b"Subject: <script>\xff\0")

    page = shown(jonas, reverse("settings_mail_decide", args=[unread.pk]))

    assert "Subject: &lt;script&gt;\N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER}" in page


def test_who_names_several_senders_is_shown_with_all_of_them_and_becomes_no_customer(
    cast: Cast, jonas: Client
) -> None:
    (held,) = hold(
        cast, b"From: Vic <vic@corp.example>, eve@evil.example\r\nSubject: Two\r\n\r\nHi\r\n"
    )
    address = reverse("settings_mail_decide", args=[held.pk])

    page = shown(jonas, address)

    assert "Vic &lt;vic@corp.example&gt;, &lt;eve@evil.example&gt;" in page
    assert "Open a new conversation" not in page
    jonas.post(address, {"decision": "open"})
    assert not Conversation.objects.exists()
    assert HeldRaw.objects.filter(pk=held.pk).exists()
