"""`hospes mail out`, `rate` and `sign`: run in this process on the test database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from hospes.channels.email.providers.tests.stand_in import KEY, StandIn, providers
from hospes.channels.email.signing import make_key, record_of
from hospes.channels.models import Channel, OutgoingServer, SigningKey
from hospes.config.cli import main
from hospes.config.doctor.mail import look_at_copies, look_at_keys
from hospes.conversations.actions.replying import reply
from hospes.conversations.models import OutboxEntry, SentCopy
from hospes.conversations.tests.speaking import asked
from tests.cast import NOON, Cast
from tests.mail import Sink, free_port
from tests.zone import Zone

pytestmark = pytest.mark.django_db


@pytest.fixture
def stand_in(settings: Settings) -> Iterator[StandIn]:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.1/32")]
    with providers() as stand_in:
        yield stand_in


@pytest.fixture
def sink() -> Iterator[Sink]:
    sink = Sink().start()
    yield sink
    sink.stop()


def said(capsys: pytest.CaptureFixture[str], *words: str) -> Any:
    assert main(["mail", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def kept(folder: Path, secret: str) -> str:
    file = folder / "secret.txt"
    file.write_text(f"{secret}\n", encoding="ascii")
    return str(file)


def test_servers_and_providers_are_set_on_the_command_line(
    cast: Cast, sink: Sink, stand_in: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = said(
        capsys,
        "out",
        "--add",
        "smtp",
        "--host",
        "127.0.0.1",
        "--port",
        str(sink.port),
        "--security",
        "none",
    )
    second = said(
        capsys, "out", "--add", "postmark", "--password-file", kept(tmp_path, KEY),
        "--api-url", stand_in.api_url("postmark"), "--stands-in-for", str(first["number"]),
    )  # fmt: skip

    listed = said(capsys, "out")["items"]
    hooks = said(capsys, "out", str(second["number"]), "--hooks")
    said(capsys, "out", str(second["number"]), "--test")

    assert [(one["kind"], one["stands_in_for"]) for one in listed] == [
        ("smtp", None), ("postmark", first["number"]),
    ]  # fmt: skip
    assert hooks["inbound"].endswith(f"/hooks/mail/{second['number']}/mime")
    secret = OutgoingServer.objects.get(pk=second["number"]).hook_secret
    assert secret in hooks["status"]
    assert secret not in said(capsys, "out", str(second["number"]), "--new-secret")["status"]

    said(capsys, "out", str(second["number"]), "--off")
    assert not OutgoingServer.objects.get(pk=second["number"]).is_active
    assert OutgoingServer.objects.get(pk=second["number"]).password == KEY  # what is not said stays
    said(capsys, "out", str(first["number"]), "--remove")
    assert OutgoingServer.objects.get().stands_in_for is None


def test_what_does_not_work_is_not_kept(
    stand_in: StandIn, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = ["--password-file", kept(tmp_path, "wrong"), "--api-url", stand_in.api_url("brevo")]
    assert main(["mail", "out", "--add", "brevo", *wrong]) == 1
    assert "Key not found" in capsys.readouterr().err
    assert (
        main(["mail", "out", "--add", "smtp", "--host", "127.0.0.1", "--port", str(free_port())])
        == 1
    )
    assert main(["mail", "out", "--add", "mailgun"]) == 1
    assert main(["mail", "out", "77"]) == 1
    assert not OutgoingServer.objects.exists()


def test_an_address_gets_a_rate(cast: Cast, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(capsys, "rate", cast.channel.address, "--per-minute", "30", "--per-hour", "500")
    assert (told["per_minute"], told["per_hour"], told["copies"]) == (30, 500, False)

    told = said(capsys, "rate", cast.channel.address, "--per-minute", "0", "--copies", "on")

    assert (told["per_minute"], told["per_hour"], told["copies"]) == (None, 500, True)
    assert Channel.objects.get(pk=cast.channel.pk).per_hour == 500


def test_a_key_is_made_shown_looked_for_and_forgotten(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, "sign", "kaldera.example")
    assert said(capsys, "sign", "kaldera.example") == made  # asked again, it is the same
    assert said(capsys, "sign")["items"][0]["signs"] is False
    with Zone({}) as zone:
        settings.RESOLVER = ("127.0.0.1", zone.port)
        assert main(["mail", "sign", "kaldera.example", "--look"]) == 1
        assert "does not have it yet" in capsys.readouterr().out
        zone.records = {made["name"]: {"TXT": [made["value"]]}}
        assert said(capsys, "sign", "kaldera.example", "--look")["dns"] == "there"

    own = make_key()
    given = said(
        capsys, "sign", "kaldera.example", "--selector", "k2", "--key-file", kept(tmp_path, own)
    )
    assert (given["name"], given["value"]) == ("k2._domainkey.kaldera.example", record_of(own))
    said(capsys, "sign", "kaldera.example", "--stop")
    assert not SigningKey.objects.exists()


def test_the_doctor_sees_a_key_that_the_dns_lost(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    made = said(capsys, "sign", "kaldera.example")
    assert list(look_at_keys()) == []  # nothing is signed yet
    SigningKey.objects.update(is_active=True)
    with Zone({made["name"]: {"TXT": [made["value"]]}}) as zone:
        settings.RESOLVER = ("127.0.0.1", zone.port)
        assert [one.state for one in look_at_keys()] == ["ok"]
        zone.records = {}
        (lost,) = look_at_keys()
    assert lost.state == "fail"
    assert "does not have the key" in lost.says


def test_the_doctor_sees_copies_that_cannot_be_laid(cast: Cast) -> None:
    assert list(look_at_copies()) == []
    Channel.objects.filter(pk=cast.channel.pk).update(keeps_copies=True)
    assert [one.state for one in look_at_copies()] == ["ok"]
    reply(asked(cast), text="x", by=cast.mina, at=NOON)
    SentCopy.objects.create(entry=OutboxEntry.objects.get(), due_at=NOON, failure="folder: Sent")

    (found,) = look_at_copies()
    assert found.state == "warn"
    assert "folder: Sent" in found.says


@pytest.mark.parametrize("doing", ["--test", "--remove", "--hooks", "--new-secret"])
def test_what_is_done_to_a_server_says_to_which(
    cast: Cast, doing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["mail", "out", doing]) == 1
    assert "Say which one" in capsys.readouterr().err
