"""What providers hand over: mail is stored before they hear 200, and told letters are settled, once."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from ipaddress import ip_network

import httpx
import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from hospes.channels.email.providers.tests import payloads
from hospes.channels.email.providers.tests.payloads import MAIL, SECRET, STATUS, Call, Letter
from hospes.channels.email.providers.tests.stand_in import (
    CERTIFICATE,
    KEY,
    KEY_ID,
    StandIn,
    providers,
)  # fmt: skip
from hospes.channels.models import Channel, OutgoingServer
from hospes.conversations import letters
from hospes.conversations.actions.delivering import resend
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import Message, OutboxEntry
from hospes.events.models import Event
from hospes.files import store
from hospes.intake.models import HeldRaw, PendingRaw, Raw
from tests import apart
from tests.arriving import shown, understand
from tests.cast import NOON, Cast
from tests.mail import letter

State, Reason = OutboxEntry.State, OutboxEntry.Reason
KINDS = ["mailgun", "postmark", "ses", "sendgrid", "brevo", "resend"]
WHOLE = ["mailgun", "postmark", "ses", "sendgrid", "resend"]  # who hand over the bytes themselves
STRANGER = "nuria@stranger.example"
SUPPORT = "support@kaldera.example"
EIGHT_BIT = letter(STRANGER, text="x", verified=False).replace(
    b"\r\n\r\nx", b"\r\n\r\n\x93\xfa\x96\x7b \xff"
)
MIME = letter(STRANGER, verified=False)
pytestmark = pytest.mark.django_db


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[StandIn]:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    with providers() as stand_in:
        yield stand_in


def account(kind: str, stand_in: StandIn | None = None) -> OutgoingServer:
    keys = {
        "mailgun": payloads.MAILGUN_KEY, "resend": payloads.SVIX_KEY, "sendgrid": payloads.SENDGRID_KEY,
    }  # fmt: skip
    return OutgoingServer.objects.create(
        kind=kind, username=KEY_ID, password=KEY, account="eu-central-1", hook_secret=SECRET,
        signing_key=keys.get(kind, ""), api_url=stand_in.api_url(kind) if stand_in else "",
    )  # fmt: skip


def holding(stand_in: StandIn, body: bytes) -> None:
    """Let Resend have this mail to be fetched."""
    path = "/resend/emails/receiving/56761188-7520-42d8-8898-ff6fc54ce618"
    told = {"raw": {"download_url": f"{stand_in.url}/raw/1"}, "return_path": STRANGER}
    stand_in.held |= {path: json.dumps(told).encode(), "/raw/1": body}


def call(client: Client, server: OutgoingServer, what: Call, *, way: str = "mime") -> HttpResponse:
    if server.kind == "ses" and b"SigningCertURL" not in what.body:
        what = payloads.sealed(what, server.api_url + CERTIFICATE.removeprefix("/ses"))
    return client.post(
        f"/hooks/mail/{server.pk}/{way}", what.body, what.content_type, headers=what.headers
    )


# Mail --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_mail_that_came_in_at_a_provider_becomes_a_conversation(
    client: Client, cast: Cast, stand_in: StandIn, kind: str
) -> None:
    server = account(kind, stand_in)
    holding(stand_in, MIME)

    answer = call(client, server, MAIL[kind](MIME, SUPPORT, STRANGER))
    understand()

    assert (answer.status_code, answer.content) == (200, b"Stored.\n")
    raw = Raw.objects.get()
    assert (raw.envelope_to, raw.envelope_from) == (SUPPORT, STRANGER)
    message = Message.objects.get()
    assert (message.from_address, message.subject) == (STRANGER, "A question")
    assert message.reply_text == "Where is my parcel?"
    assert not message.is_verified  # whatever the provider found out


@pytest.mark.parametrize("kind", ["mailgun", "ses", "sendgrid", "resend"])
def test_the_bytes_are_stored_as_they_came(
    client: Client, cast: Cast, stand_in: StandIn, kind: str
) -> None:
    server = account(kind, stand_in)
    holding(stand_in, EIGHT_BIT)

    assert call(client, server, MAIL[kind](EIGHT_BIT, SUPPORT, STRANGER)).status_code == 200

    assert bytes(Raw.objects.get().body) == EIGHT_BIT


@pytest.mark.parametrize(("hours", "status"), [(8, 200), (24, 401)])
def test_an_old_signature_brings_nothing_in(
    client: Client, cast: Cast, hours: int, status: int
) -> None:
    server = account("mailgun")
    old = payloads.mailgun_mail(EIGHT_BIT, SUPPORT, STRANGER, age_seconds=hours * 3600)

    assert call(client, server, old).status_code == status

    assert Raw.objects.exists() is (status == 200)


def test_a_provider_that_sends_a_plain_form_is_understood(client: Client, cast: Cast) -> None:
    server = account("mailgun")
    OutgoingServer.objects.update(signing_key="")

    answer = call(client, server, payloads.mailgun_mail_as_form(EIGHT_BIT, SUPPORT, STRANGER))

    assert answer.status_code == 200
    assert bytes(Raw.objects.get().body) == EIGHT_BIT


def test_amazon_may_leave_the_mail_in_a_bucket(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("ses", stand_in)
    stand_in.held["/ses/mail-of-kaldera/in/d6ii%20tob"] = MIME
    action = {"type": "S3", "bucketName": "mail-of-kaldera", "objectKey": "in/d6ii tob"}

    answer = call(client, server, payloads.ses_mail(MIME, SUPPORT, STRANGER, action=action))

    assert answer.status_code == 200
    assert bytes(Raw.objects.get().body) == MIME


def test_files_that_brevo_keeps_are_fetched_with_the_mail(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("brevo", stand_in)
    stand_in.held["/brevo/inbound/attachments/to%2Fken%3D"] = b"\x89PNG of a crack"
    file = {
        "Name": "水漏れ.png", "ContentType": "image/png", "ContentLength": 15, "ContentID": "",
        "DownloadToken": "to/ken=",
    }  # fmt: skip
    made = payloads.brevo_mail(MIME, SUPPORT, STRANGER, files=(file,))
    gone = payloads.brevo_mail(MIME, SUPPORT, STRANGER, files=({**file, "DownloadToken": "gone"},))

    assert call(client, server, gone).status_code == 503  # so it calls again
    assert not Raw.objects.exists()
    assert call(client, server, made).status_code == 200
    understand()

    (found,) = Message.objects.get().attachments.all()
    assert (found.name, found.content_type) == ("水漏れ.png", "image/png")
    with store.open_stored(found.sha256) as stored:
        assert stored.read() == b"\x89PNG of a crack"


def test_what_cannot_be_fetched_now_is_not_acknowledged(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("resend", stand_in)

    answer = call(client, server, payloads.resend_mail(MIME, SUPPORT, STRANGER))

    assert answer.status_code == 503
    assert not Raw.objects.exists()


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_delivery_of_the_same_mail_is_no_second_mail(
    client: Client, cast: Cast, stand_in: StandIn, kind: str
) -> None:
    server = account(kind, stand_in)
    holding(stand_in, MIME)

    for _ in range(3):
        assert call(client, server, MAIL[kind](MIME, SUPPORT, STRANGER)).status_code == 200
    understand()

    assert Raw.objects.count() == Message.objects.count() == 1


def test_mail_for_nobody_here_is_not_acknowledged(client: Client, cast: Cast) -> None:
    for kind, status in (("mailgun", 406), ("postmark", 403), ("sendgrid", 422)):
        server = account(kind)
        answer = call(client, server, MAIL[kind](MIME, "ceo@elsewhere.example", STRANGER))
        assert (answer.status_code, answer.content) == (
            status,
            b"Nobody here goes by this address.\n",
        )

    assert not Raw.objects.exists()


def test_a_signed_reply_address_finds_its_conversation(client: Client, cast: Cast) -> None:
    Channel.objects.filter(pk=cast.channel.pk).update(reply_domain="reply.kaldera.example")
    first = shown(cast, letter("aiko@example.jp"))
    answer = reply(first.conversation, text="On Saturday.", by=cast.mina, at=NOON)
    address = letters.letter(answer.outbox_entry).reply_to[0].address
    server = account("sendgrid")

    again = letter("aiko@example.jp", to=address, subject="Something else")
    call(client, server, payloads.sendgrid_mail(again, address, "aiko@example.jp"))
    understand()

    assert Message.objects.order_by("-pk")[0].conversation_id == first.conversation_id


def test_what_a_provider_found_out_counts_only_where_its_server_is_trusted(
    client: Client, cast: Cast
) -> None:
    """The fields beside the mail never do; its headers do when the channel names that server."""
    server = account("mailgun")
    claims = b"Authentication-Results: mxa.mailgun.org; dmarc=pass header.from=stranger.example\r\n"

    call(client, server, payloads.mailgun_mail(claims + MIME, SUPPORT, STRANGER))
    understand()
    Channel.objects.filter(pk=cast.channel.pk).update(trusted_hop="mxa.mailgun.org")
    call(
        client, server, payloads.mailgun_mail(claims + b"X-Again: 1\r\n" + MIME, SUPPORT, STRANGER)
    )
    understand()

    assert [one.is_verified for one in Message.objects.order_by("pk")] == [False, True]


def test_whoever_claims_to_be_one_of_us_is_held_here_as_at_every_door(
    client: Client, cast: Cast
) -> None:
    forged = letter(cast.mina.email, verified=False)

    call(client, account("postmark"), payloads.postmark_mail(forged, SUPPORT, cast.mina.email))
    understand()

    assert HeldRaw.objects.get().reason == "claims_colleague"


# Who may call ------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["mime", "status"])
def test_j01_whoever_does_not_know_the_secret_is_refused(
    client: Client, cast: Cast, kind: str, way: str
) -> None:
    server = account(kind)
    made = MAIL[kind](MIME, SUPPORT, STRANGER)
    if way == "status":
        made = STATUS[kind]("delivered", Letter("", "1"))
    for wrong in (None, "Basic aG9zcGVzOndyb25n", "Bearer x", payloads.BASIC[:-2]):
        headers = {
            k: v for k, v in made.headers.items() if k != "Authorization" and "ignature" not in k
        }
        if wrong:
            headers |= {"Authorization": wrong, "svix-signature": "v1,d3Jvbmc="}
        answer = call(client, server, Call(made.body, made.content_type, headers), way=way)
        assert answer.status_code == 401
        assert b"wrong" in answer.content
        assert answer["WWW-Authenticate"].startswith("Basic ")

    assert not Raw.objects.exists()


def test_j01_a_wrong_secret_is_told_before_the_mail_is_read(client: Client, cast: Cast) -> None:
    server = account("postmark")
    answer = client.post(
        f"/hooks/mail/{server.pk}/mime", b"[" * 1000, "application/json",
        headers={"Authorization": "Basic d3Jvbmc6d3Jvbmc=", "Content-Length": str(10**12)},
    )  # fmt: skip
    assert answer.status_code == 401


def test_j01_a_signature_of_somebody_else_is_refused(client: Client, cast: Cast) -> None:
    mailgun, resend_ = account("mailgun"), account("resend")
    forged = payloads.mailgun_mail(MIME, SUPPORT, STRANGER, key="another")
    event = {"type": "email.delivered", "created_at": "2026-11-20T12:00:00Z", "data": {"to": []}}
    foreign = payloads.svix(event, key="whsec_" + "YW5vdGhlcg==")
    changed = payloads.svix(event)
    changed.body = changed.body.replace(b"delivered", b"bounced!!")

    assert call(client, mailgun, forged).status_code == 401
    assert call(client, resend_, foreign, way="status").status_code == 401
    assert call(client, resend_, changed, way="status").status_code == 401


def test_j01_what_amazon_did_not_seal_is_refused(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("ses", stand_in)
    url, ended = server.api_url + CERTIFICATE.removeprefix("/ses"), server.api_url + "/ended.pem"
    stand_in.held["/ses/ended.pem"] = payloads.amazons_certificate(days=-1)
    elsewhere = "https://sns.eu-central-1.amazonaws.com.evil.example/x.pem"
    made = payloads.ses_mail(MIME, SUPPORT, STRANGER)
    changed = payloads.sealed(made, url)
    changed.body = changed.body.replace(b"2026-11-20T12:00:00Z", b"2026-11-20T12:00:01Z")

    bare = client.post(
        f"/hooks/mail/{server.pk}/mime", made.body, made.content_type, headers=made.headers
    )
    assert bare.status_code == 401
    for wrong in (changed, payloads.sealed(made, elsewhere), payloads.sealed(made, ended)):
        assert call(client, server, wrong).status_code == 401
    assert not Raw.objects.exists()
    for _ in range(2):
        assert call(client, server, made).status_code == 200
    assert stand_in.asked.count(f"GET {CERTIFICATE}") == 1  # and is known from then on


def test_a_certificate_that_cannot_be_had_now_has_amazon_call_again(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("ses", stand_in)
    del stand_in.held[CERTIFICATE]

    assert call(client, server, payloads.ses_mail(MIME, SUPPORT, STRANGER)).status_code == 503
    assert not Raw.objects.exists()


def test_j03_a_signature_that_is_old_is_refused(client: Client, cast: Cast) -> None:
    event = {"type": "email.delivered", "created_at": "2026-11-20T12:00:00Z", "data": {"to": []}}
    old = payloads.svix(event, at=time.time() - 600)
    assert call(client, account("resend"), old, way="status").status_code == 401


def test_nobody_is_called_where_nothing_is_set(client: Client, cast: Cast) -> None:
    smtp = OutgoingServer.objects.create(host="mail.example.com")
    silent = OutgoingServer.objects.create(kind="postmark", password=KEY)
    for server in (smtp, silent):
        made = payloads.postmark_mail(MIME, SUPPORT, STRANGER)
        assert call(client, server, made).status_code == 404
    assert client.head(f"/hooks/mail/{silent.pk}/mime").status_code == 200  # some look first
    assert client.get(f"/hooks/mail/{silent.pk}/mime").status_code == 405


def test_c21_what_is_larger_than_it_may_be_is_refused(
    client: Client, cast: Cast, settings: Settings
) -> None:
    server = account("sendgrid")
    settings.MAIL_SIZE_LIMIT_BYTES = 2000
    large = payloads.sendgrid_mail(MIME + b"x" * 9000, SUPPORT, STRANGER)
    larger = payloads.sendgrid_mail(MIME + b"x" * 1900, SUPPORT, STRANGER)

    assert call(client, server, large).status_code == 413
    assert call(client, server, larger).status_code == 413
    assert not Raw.objects.exists()


@pytest.mark.parametrize(
    "body", [b"[" * 100_000, b"{", b"null", b'{"a":1e400}', b"\xff\xfe", b'{"items":[null]}', b"[]"]
)
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", ["mime", "status"])
def test_c21_what_makes_no_sense_is_refused_and_harms_nobody(
    client: Client, cast: Cast, kind: str, body: bytes, way: str
) -> None:
    server = account(kind)
    OutgoingServer.objects.update(signing_key="")
    answer = call(client, server, Call(body), way=way)

    # What is told of nothing is taken: who does not know a kind of event must not be called with it for days.
    refused = {401} if kind == "ses" else {400, 422}  # nothing of it is signed
    assert answer.status_code in refused or answer.content == b"News: 0.\n"
    assert not Raw.objects.exists()


# What became of ours -----------------------------------------------------------------------


def sent(cast: Cast, server: OutgoingServer) -> OutboxEntry:
    """A reply that left through this account."""
    first = shown(cast, letter("aiko@example.jp"))
    message = reply(first.conversation, text="On Saturday.", by=cast.mina, at=NOON)
    OutboxEntry.objects.filter(message=message).update(
        state=State.ACCEPTED, server_id=server.pk, provider_id="<p-1@provider.example>",
        tried_since=NOON, attempts=1,
    )  # fmt: skip
    return OutboxEntry.objects.select_related("message__channel__brand__site").get(message=message)


def of(entry: OutboxEntry) -> Letter:
    return Letter(letters.letter(entry).number, entry.provider_id)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("what", "state", "reason"),
    [
        ("delivered", State.DELIVERED, ""),
        ("delayed", State.ACCEPTED, Reason.DELAYED),
        ("bounced", State.BOUNCED, Reason.NO_SUCH_ADDRESS),
        ("complained", State.ACCEPTED, Reason.COMPLAINED),
    ],
)
def test_what_a_provider_tells_of_a_reply_is_shown(
    client: Client,
    cast: Cast,
    stand_in: StandIn,
    kind: str,
    what: str,
    state: str,
    reason: str,
) -> None:
    server = account(kind, stand_in)
    entry = sent(cast, server)

    answers = [call(client, server, STATUS[kind](what, of(entry)), way="status") for _ in range(2)]

    assert [one.content for one in answers] == [b"News: 1.\n", b"News: 0.\n"]
    entry.refresh_from_db()
    assert (entry.state, entry.reason) == (state, reason)
    if what == "bounced":
        assert "no such user" in entry.answer


def test_j05_what_is_told_late_takes_nothing_back(client: Client, cast: Cast) -> None:
    server = account("postmark")
    entry = sent(cast, server)
    for what in ("delivered", "delayed", "bounced", "delivered"):
        call(client, server, payloads.postmark_status(what, of(entry)), way="status")

    entry.refresh_from_db()
    assert entry.state == State.BOUNCED


def test_what_a_provider_says_is_an_answer_to_whether_it_went(client: Client, cast: Cast) -> None:
    server = account("sendgrid")
    entry = sent(cast, server)
    OutboxEntry.objects.update(state=State.UNKNOWN, reason=Reason.NO_ANSWER, provider_id="")

    call(client, server, payloads.sendgrid_status("delayed", of(entry)), way="status")

    entry.refresh_from_db()
    assert (entry.state, entry.reason) == (State.ACCEPTED, Reason.DELAYED)


def test_what_comes_back_without_our_number_is_known_by_theirs(client: Client, cast: Cast) -> None:
    server = account("brevo")
    entry = sent(cast, server)
    nameless = Letter("", entry.provider_id)

    call(client, server, payloads.brevo_status("delivered", nameless), way="status")
    call(client, account("mailgun"), payloads.mailgun_status("bounced", nameless), way="status")

    entry.refresh_from_db()
    assert entry.state == State.DELIVERED  # the other account has no letter by that name


def test_nobody_settles_what_others_sent_or_what_was_sent_again_since(
    client: Client, cast: Cast
) -> None:
    server = account("postmark")
    entry = sent(cast, server)
    ours = of(entry)
    install = ours.number.removeprefix("hospes-").rsplit("-", 2)[0]
    foreign = Letter(ours.number.replace(install, "0" * 8 + install[8:]), "")
    OutboxEntry.objects.update(state=State.FAILED)
    resend(entry.message, by=cast.mina, at=NOON)

    for told in (foreign, ours, Letter("hospes-x-999999-1", ""), Letter("", ours.provider_id)):
        answer = call(client, server, payloads.postmark_status("bounced", told), way="status")
        assert answer.content == b"News: 0.\n"

    entry.refresh_from_db()
    assert entry.state == State.QUEUED


def test_sendgrid_may_sign_instead_of_knowing_a_secret(client: Client, cast: Cast) -> None:
    server = account("sendgrid")
    OutgoingServer.objects.update(signing_key=payloads.SENDGRID_KEY)
    entry = sent(cast, server)
    signed = payloads.sendgrid_status("delivered", of(entry))
    forged = payloads.sendgrid_status("bounced", of(entry))
    forged.headers = signed.headers

    assert call(client, server, forged, way="status").status_code == 401
    assert call(client, server, signed, way="status").content == b"News: 1.\n"


def test_amazon_is_agreed_with_when_it_asks_and_nobody_else(
    client: Client, cast: Cast, stand_in: StandIn
) -> None:
    server = account("ses", stand_in)
    stand_in.held["/ses/confirm?Token=1"] = b"<ok/>"

    def asked(url: str) -> HttpResponse:
        made = payloads.ses_notification("You have chosen", kind="SubscriptionConfirmation")
        told = json.loads(made.body) | {"SubscribeURL": url}
        return call(
            client, server, Call(json.dumps(told).encode(), made.content_type, made.headers)
        )

    agreed = asked(f"{stand_in.url}/ses/confirm?Token=1")
    refused = asked("https://sns.eu-central-1.amazonaws.com.evil.example/?Token=1")
    inside = asked("http://169.254.169.254/latest/meta-data/")

    assert (agreed.status_code, agreed.content) == (200, b"Confirmed.\n")
    assert (refused.status_code, inside.status_code) == (422, 422)
    assert "GET /ses/confirm?Token=1" in stand_in.asked


@pytest.mark.parametrize(
    ("kind", "provider_id", "on_the_wire"),
    [
        ("ses", "0100018f-aa-000000", "<0100018f-aa-000000@eu-central-1.amazonses.com>"),
        ("brevo", "<2026.7@smtp-relay.mailin.fr>", "<2026.7@smtp-relay.mailin.fr>"),
    ],
)
@pytest.mark.parametrize("is_verified", [True, False])
def test_an_answer_finds_its_conversation_where_a_provider_named_our_letter_anew(
    cast: Cast, kind: str, provider_id: str, on_the_wire: str, is_verified: bool
) -> None:
    entry = sent(cast, account(kind))
    OutboxEntry.objects.update(provider_id=provider_id)
    head = f"In-Reply-To: {on_the_wire}\r\n".encode()

    answer = shown(cast, head + letter("aiko@example.jp", verified=is_verified))
    foreign = shown(cast, head.replace(b"In-", b"X-In-") + letter("aiko@example.jp"))
    stranger = shown(cast, head + letter("eve@evil.example"))

    assert (answer.conversation == entry.message.conversation) is is_verified
    assert foreign.conversation != entry.message.conversation
    assert stranger.conversation != entry.message.conversation


# Faults ------------------------------------------------------------------------------------


def test_f10_a_disk_without_room_takes_nothing(
    client: Client, cast: Cast, settings: Settings
) -> None:
    server = account("sendgrid")
    settings.DISK_RESERVE_PERCENT = 101

    full = call(client, server, payloads.sendgrid_mail(MIME, SUPPORT, STRANGER))
    settings.DISK_RESERVE_PERCENT = 0
    again = call(client, server, payloads.sendgrid_mail(MIME, SUPPORT, STRANGER))

    assert (full.status_code, again.status_code) == (503, 200)
    assert Raw.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_j09_what_cannot_be_stored_now_is_not_acknowledged(client: Client, cast: Cast) -> None:
    server = account("postmark")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE intake_raw RENAME TO intake_raw_of_tomorrow")
        refused = call(client, server, payloads.postmark_mail(MIME, SUPPORT, STRANGER))
        cursor.execute("ALTER TABLE intake_raw_of_tomorrow RENAME TO intake_raw")

    assert refused.status_code == 503
    assert call(client, server, payloads.postmark_mail(MIME, SUPPORT, STRANGER)).status_code == 200
    assert Raw.objects.count() == PendingRaw.objects.count() == 1


CALL = """
from django.test import Client
import sys
from hospes.channels.email.providers.tests import payloads
made = payloads.sendgrid_mail(%r, "support@kaldera.example", "nuria@stranger.example")
answer = Client().post("/hooks/mail/%d/mime", made.body, made.content_type, headers=made.headers)
sys.exit(0 if answer.status_code == 200 else 3)
"""


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("point", "count"),
    [("hooks.before_insert", 0), ("hooks.before_commit", 0), ("hooks.after_commit", 1), ("", 1)],
)
def test_f01_a_web_process_that_is_killed_loses_and_doubles_no_mail(
    cast: Cast, point: str, count: int
) -> None:
    server = account("sendgrid")
    ended = apart.run(CALL % (MIME, server.pk), crash_at=point)
    assert ended == (-9 if point else 0)  # the last one ends after it has answered
    assert Raw.objects.count() == count

    assert apart.run(CALL % (MIME, server.pk)) == 0  # the provider calls again

    assert Raw.objects.count() == PendingRaw.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_f16_the_same_call_five_times_at_once_is_one_mail(cast: Cast, live_server: object) -> None:
    server = account("postmark")
    made = payloads.postmark_mail(MIME, SUPPORT, STRANGER)
    answers: list[int] = []

    def post() -> None:
        answer = httpx.post(
            f"{live_server.url}/hooks/mail/{server.pk}/mime", content=made.body,
            headers={**made.headers, "Content-Type": made.content_type},
        )  # fmt: skip
        answers.append(answer.status_code)

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    understand()

    assert answers == [200] * 5
    assert Raw.objects.count() == Message.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_f16_the_same_report_five_times_at_once_is_one_change(
    cast: Cast, live_server: object
) -> None:

    server = account("postmark")
    entry = sent(cast, server)
    made = payloads.postmark_status("bounced", of(entry))

    def post() -> None:
        httpx.post(
            f"{live_server.url}/hooks/mail/{server.pk}/status", content=made.body,
            headers={**made.headers, "Content-Type": made.content_type},
        )  # fmt: skip

    threads = [threading.Thread(target=post) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert Event.objects.filter(kind="DeliveryChanged").count() == 1
