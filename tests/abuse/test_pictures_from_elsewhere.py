"""Pictures that mails name elsewhere: who asks for them, what goes there, and where nobody is ever sent.

By the ids of the abuse cases: every address a stranger can write goes through the one way out.
"""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from ipaddress import ip_network
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from hospes.conversations.models import Message
from hospes.files import remote_pictures
from hospes.lib import reaching
from hospes.team.models import Agent
from tests.arriving import shown
from tests.cast import Cast
from tests.elsewhere import OURS, SVG, THEIRS, Elsewhere, elsewhere, png
from tests.mail import letter

PRIVATE = (
    "http://169.254.169.254/latest/meta-data", "http://127.0.0.1:5432", "http://[::1]/", "http://10.0.0.1/",
    "http://192.168.1.1/", "http://172.16.0.9/", "http://100.64.0.1/", "http://[fd00::1]/", "http://[fe80::1]/",
)  # fmt: skip
DISGUISED = (
    "http://0x7f000001/", "http://2130706433/", "http://[::ffff:127.0.0.1]/", "http://127.1/", "http://localhost./",
    "http://desk.example@127.0.0.1/", "http://[64:ff9b::7f00:1]/", "http://0.0.0.0/", "http://017700000001/",
    "http://127.0.0.1.:80/", "http://[::]/", "http://localhost/", "http://[2002:7f00:1::]/", "http://ⓛocalhost/",
)  # fmt: skip


# What asks over HTTP, whatever library it is of.
ASKS = re.compile(
    r"httpx\.(?:Async)?Client\(|(?:httpx|requests)\.(?:get|post|put|request|stream)\(|\(requests\.Session\)|"
    r"urlopen\(|HTTPS?Connection\(|PoolManager\(|aiohttp"
)


@pytest.fixture
def theirs(settings: Settings, tmp_path: Path) -> Iterator[Elsewhere]:
    """A server that pictures may be loaded from here, though it is on loopback."""
    settings.PICTURE_NETWORKS = [ip_network(f"{THEIRS}/32")]
    settings.DATA_DIR = tmp_path
    with elsewhere() as running:
        yield running


@pytest.fixture
def forbidden() -> Iterator[Elsewhere]:
    with elsewhere(OURS) as running:
        yield running


def mail(cast: Cast, *pictures: str) -> Message:
    html = "".join(f'<img src="{one}">' for one in pictures)
    return shown(cast, letter("Aiko <aiko@example.jp>", text="hello", html=f"<p>hello</p>{html}"))


def signed_in(agent: Agent) -> Client:
    client = Client(headers={"referer": "https://care.example.com/c/H-SECRET/"})
    client.force_login(agent)
    return client


def addresses(client: Client, message: Message) -> list[str]:
    """Return where the message's pictures are shown, as the button on the page asks."""
    return client.post(reverse("pictures", args=[message.pk])).json()["pictures"]


def status(cast: Cast, url: str) -> int:
    """Ask for one picture as Mina's browser does; return what came of it."""
    client = signed_in(cast.mina)
    (address,) = addresses(client, mail(cast, url))
    return client.get(address).status_code


def test_a_picture_is_loaded_by_us_and_nothing_of_ours_goes_there(
    cast: Cast, theirs: Elsewhere
) -> None:
    client = signed_in(cast.mina)
    message = mail(cast, f"{theirs.url}/red.png?for=vic")
    client.get(reverse("frame", args=[message.pk]))
    assert theirs.asked == []

    theirs.answers["/red.png"] = ("text/html", png() + b"<script>alert(1)</script>")
    (address,) = addresses(client, message)
    assert theirs.asked == []
    answer = client.get(address)

    ((path, headers),) = theirs.asked
    assert path == "/red.png?for=vic"
    assert {name.lower() for name in headers} == {"host", "accept", "accept-encoding", "connection", "user-agent"}  # fmt: skip
    assert headers["User-Agent"] == "Hospes"
    assert answer.content == png()
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"].startswith("private")
    assert "ETag" not in answer
    assert not answer.cookies


def test_a_second_look_asks_nobody(cast: Cast, theirs: Elsewhere) -> None:
    message = mail(cast, f"{theirs.url}/red.png")
    for agent in (cast.mina, cast.jonas):
        client = signed_in(agent)
        (address,) = addresses(client, message)
        assert client.get(address).content == png()

    assert theirs.paths == ["/red.png"]


def test_what_is_kept_is_kept_for_a_week_and_never_too_much(
    theirs: Elsewhere, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    url = f"{theirs.url}/red.png"
    remote_pictures.fetch(url, at=now - remote_pictures.KEPT_FOR)
    assert remote_pictures.kept(url, at=now) is not None
    assert remote_pictures.kept(url, at=now + remote_pictures.KEPT_FOR) is None
    kept = tmp_path / "pictures"
    assert (kept.stat().st_mode & 0o777, next(kept.iterdir()).stat().st_mode & 0o777) == (
        0o700,
        0o600,
    )

    remote_pictures.forget_old(at=now + remote_pictures.KEPT_FOR)
    assert list(kept.iterdir()) == []

    monkeypatch.setattr(remote_pictures, "MAX_KEPT_BYTES", 2 * len(png()))
    for number in range(5):
        remote_pictures.fetch(f"{url}?{number}", at=now - remote_pictures.KEPT_FOR / (number + 2))
    assert len(list(kept.iterdir())) == 2
    assert remote_pictures.kept(f"{url}?4", at=now) is not None
    assert remote_pictures.kept(f"{url}?0", at=now) is None


def test_an_address_is_of_one_message_for_whoever_may_see_it_and_for_minutes(
    cast: Cast, theirs: Elsewhere, time_machine: object
) -> None:
    time_machine.move_to(timezone.now(), tick=False)
    client = signed_in(cast.mina)
    message, other = mail(cast, f"{theirs.url}/red.png"), mail(cast, f"{theirs.url}/red.png?2")
    (address,) = addresses(client, message)

    assert Client().get(address).status_code == 302
    assert signed_in(cast.vera).get(address).status_code == 404
    assert signed_in(cast.vera).post(reverse("pictures", args=[message.pk])).status_code == 404
    assert client.get(address.replace(f"/m/{message.pk}/", f"/m/{other.pk}/")).status_code == 404
    assert client.get(address[:-2] + "x/").status_code == 404
    time_machine.shift(601)
    assert client.get(address).status_code == 404
    assert theirs.asked == []


def test_a_tracking_pixel_is_never_asked_for(cast: Cast, theirs: Elsewhere) -> None:
    html = f'<p>hello</p><img src="{theirs.url}/p.png" width="1" height="1">'
    message = shown(cast, letter("Eve <eve@example.jp>", text="hello", html=html))

    assert addresses(signed_in(cast.mina), message) == []


@pytest.mark.parametrize("url", PRIVATE)
def test_f01_no_picture_lies_in_a_private_network(url: str, cast: Cast, theirs: Elsewhere) -> None:
    assert status(cast, url) == 404


def test_f01_what_mail_servers_may_be_is_nothing_for_pictures(
    cast: Cast, theirs: Elsewhere, forbidden: Elsewhere, settings: Settings
) -> None:
    settings.PRIVATE_NETWORKS = [ip_network("127.0.0.0/8")]

    assert status(cast, f"{forbidden.url}/red.png") == 404
    assert forbidden.asked == []


def test_f03_each_redirect_is_judged_like_the_first_address(
    cast: Cast, theirs: Elsewhere, forbidden: Elsewhere
) -> None:
    assert status(cast, f"{theirs.url}/to?{forbidden.url}/red.png") == 404
    assert status(cast, f"{theirs.url}/to?file:///etc/passwd") == 404
    assert status(cast, f"{theirs.url}/to?http://me:secret@{THEIRS}:{theirs.port}/red.png") == 404
    assert forbidden.asked == []
    assert "/red.png" not in theirs.paths


def test_f03_three_hops_are_followed_and_no_fourth_without_a_cookie(
    cast: Cast, theirs: Elsewhere
) -> None:
    three = f"{theirs.url}/to?/to?/to?/red.png"
    assert status(cast, three) == 200
    assert theirs.paths[-1] == "/red.png"
    assert not any("Cookie" in headers for _path, headers in theirs.asked)

    theirs.asked.clear()
    assert status(cast, f"{theirs.url}/to?/to?/to?/to?/red.png?4") == 404
    assert len(theirs.asked) == 4


@pytest.mark.parametrize("url", DISGUISED)
def test_f05_a_private_address_is_known_in_every_disguise(
    url: str, cast: Cast, theirs: Elsewhere, forbidden: Elsewhere
) -> None:
    with_port = url.rstrip("/").removesuffix(":80") + f":{forbidden.port}/red.png"

    client = signed_in(cast.mina)
    for address in addresses(client, mail(cast, with_port)):
        assert client.get(address).status_code == 404
    assert forbidden.asked == []


def test_f05_a_name_is_asked_for_once_and_what_was_judged_is_what_is_reached(
    cast: Cast, theirs: Elsewhere, forbidden: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = [THEIRS, OURS, OURS]
    really = socket.getaddrinfo

    def lookup(host: str, *rest: object, **more: object) -> list[tuple[object, ...]]:
        return really(told.pop(0) if host == "rebinding.example" else host, *rest, **more)

    monkeypatch.setattr(reaching.socket, "getaddrinfo", lookup)

    assert status(cast, f"http://rebinding.example:{theirs.port}/red.png") == 200
    assert theirs.paths == ["/red.png"]
    assert told == [OURS, OURS]


def test_f09_whoever_answers_for_ever_is_left(
    cast: Cast, theirs: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_pictures, "SECONDS", 1.0)
    begun = time.monotonic()

    assert status(cast, f"{theirs.url}/slow") == 404
    assert status(cast, f"{theirs.url}/to?/slow") == 404
    assert time.monotonic() - begun < 8


def test_f09_whoever_answers_without_end_is_cut_off(
    cast: Cast, theirs: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(remote_pictures, "MAX_BYTES", 2**20)

    assert status(cast, f"{theirs.url}/huge") == 404


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("image/svg+xml", SVG),
        ("image/png", SVG),
        ("image/png", b"<html><script>alert(1)</script>"),
        ("image/png", png(60_000, 60_000)),
        ("image/gif", b"GIF89a/*" + b"\x00" * 20 + b"*/=1;alert(1)//"),
        ("image/png", b""),
    ],
)
def test_f11_only_bytes_that_are_a_picture_come_through(
    kind: str, body: bytes, cast: Cast, theirs: Elsewhere
) -> None:
    theirs.answers["/x"] = (kind, body)

    assert status(cast, f"{theirs.url}/x") == 404
    assert theirs.paths == ["/x"]


def test_f11_there_is_one_way_out_over_http() -> None:
    """Whoever asks something over HTTP is one of the two that judge where it goes."""
    project = Path(__file__).resolve().parents[2] / "hospes"
    found = {
        str(path.relative_to(project))
        for path in project.rglob("*.py")
        if "tests" not in path.parts and ASKS.search(path.read_text("utf-8"))
    }

    # The doctor asks this desk's own page, on this machine.
    assert found - {"config/doctor/machine.py"} == {"lib/egress.py", "lib/judged_session.py"}


def test_while_three_are_loaded_further_ones_are_told_to_come_again(
    cast: Cast, theirs: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hospes.lib import places
    from hospes.workspace.views import designs

    monkeypatch.setattr(places, "PATIENCE_SECONDS", 0.1)
    with designs.AT_ONCE.taken(), designs.AT_ONCE.taken(), designs.AT_ONCE.taken():
        client = signed_in(cast.mina)
        (address,) = addresses(client, mail(cast, f"{theirs.url}/red.png"))
        answer = client.get(address)
    assert (answer.status_code, answer["Retry-After"]) == (503, "2")
    assert theirs.asked == []
    assert client.get(address).status_code == 200
