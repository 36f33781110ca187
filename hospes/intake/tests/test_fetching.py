"""Fetching from servers that behave, that do not, and that change: nothing lost, nothing twice, nothing stopped."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from psycopg.conninfo import make_conninfo
from pytest_django import Settings

from hospes.channels.actions.fetching import stop_fetching
from hospes.channels.models import Channel
from hospes.conversations.models import Message
from hospes.intake.fetching import mailbox
from hospes.intake.models import (
    FetchedFolder,
    FetchedUid,
    KnownMail,
    PendingRaw,
    QuarantinedRaw,
    Raw,
)
from hospes.intake.tests.fetching_stage import (
    TODAY,
    fetches,
    fetching,
    is_settled,
    mails,
    renumber,
    state,
    stored,
)  # fmt: skip
from tests import apart
from tests.arriving import understand
from tests.cast import Cast
from tests.dovecot import DOVECOT, dovecot
from tests.mail import letter
from tests.running import wait_until
from tests.scripted_imap import Folder, ScriptedImap, Session, says, scripted

pytestmark = pytest.mark.django_db(transaction=True)

LOOPBACK = "127.0.0.1/32"
FETCH = """
import threading
from hospes.intake.fetching.fetcher import run
run(threading.Event())
"""


@pytest.fixture(autouse=True)
def here(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from ipaddress import ip_network

    settings.DATABASE_URL = make_conninfo(
        settings.DATABASE_URL, dbname=str(connection.settings_dict["NAME"])
    )
    settings.PRIVATE_NETWORKS = [ip_network(LOOPBACK)]
    settings.IMAP_POLL_SECONDS = 1
    monkeypatch.setattr(mailbox, "PAUSE", (0.1, 0.5))


@pytest.fixture
def imap() -> Iterator[ScriptedImap]:
    with scripted() as running:
        yield running


def all_are_stored(count: int) -> None:
    wait_until(
        lambda: Raw.objects.count() >= count and is_settled(), why="all are stored", seconds=30
    )


def test_what_is_there_since_the_day_and_what_comes_is_stored_and_marked_as_read(
    cast: Cast, imap: ScriptedImap
) -> None:
    old, there, comes = mails(3)
    imap.inbox.add(old, at=timezone.now() - timedelta(days=3))
    imap.inbox.add(there)
    server = fetches(cast.channel, imap.port, since=TODAY - timedelta(days=1))

    with fetching():
        all_are_stored(1)
        imap.inbox.add(comes)
        all_are_stored(2)
        wait_until(lambda: state(server).looked_at, why="it is told")

    assert stored() == [there, comes]
    assert imap.inbox.seen == {2, 3}
    assert (state(server).failure, state(server).backlog, state(server).has_idle) == ("", 0, True)
    assert PendingRaw.objects.count() == 2


@pytest.mark.skipif(not DOVECOT, reason="no Dovecot on this machine")
def test_a_real_server_is_emptied_into_another_folder(cast: Cast) -> None:
    with dovecot() as real:
        for body in mails(3):
            real.deliver("support", body)
        fetches(cast.channel, real.port, afterwards="move", move_to="Handled")

        with fetching():
            all_are_stored(3)
            real.deliver("support", mails(1, start=3)[0])
            all_are_stored(4)

        assert sorted(stored()) == sorted(
            path.read_bytes() for path in real.files("support", folder="Handled")
        )
        assert not real.files("support")


@pytest.mark.parametrize(
    ("point", "afterwards"),
    [
        ("fetched", "move"),
        ("before_commit", "leave"),
        ("after_commit", "seen"),
        ("before_settling", "delete"),
        ("after_settling", "move"),
        ("after_settling", "delete"),
    ],
)
def test_f03_a_fetcher_that_is_killed_anywhere_loses_and_doubles_nothing(
    cast: Cast, imap: ScriptedImap, point: str, afterwards: str
) -> None:
    imap.folders["Done"] = Folder()
    bodies = mails(4)
    imap.inbox.add(*bodies)
    fetches(cast.channel, imap.port, afterwards=afterwards, move_to="Done")

    ended = apart.run(
        FETCH,
        crash_at=f"fetching.{point}",
        HOSPES_PRIVATE_NETWORKS=LOOPBACK,
        HOSPES_IMAP_POLL_SECONDS="1",
    )
    with fetching():
        all_are_stored(4)

    assert ended == -9
    assert stored() == bodies
    left = {"seen": 4, "leave": 4, "move": 0, "delete": 0}[afterwards]
    assert len(imap.inbox.mails) == left
    assert len(imap.inbox.seen) == (4 if afterwards == "seen" else 0)
    assert list(imap.folders["Done"].mails.values()) == (bodies if afterwards == "move" else [])


def test_f04_days_of_outage_are_caught_up_oldest_first(cast: Cast, imap: ScriptedImap) -> None:
    before, meanwhile = mails(2), mails(180, start=2)
    imap.inbox.add(*before)
    server = fetches(cast.channel, imap.port, since=TODAY - timedelta(days=10))
    with fetching():
        all_are_stored(2)

    for n, body in enumerate(meanwhile):
        imap.inbox.add(body, at=timezone.now() - timedelta(days=5 - n // 40))
    with fetching():
        all_are_stored(182)
        wait_until(lambda: not state(server).backlog, why="nothing is left")

    assert stored() == before + meanwhile


def test_f04_new_numbers_for_the_same_mails_double_nothing(cast: Cast, imap: ScriptedImap) -> None:
    bodies = mails(3)
    imap.inbox.add(*bodies)
    fetches(cast.channel, imap.port)
    with fetching():
        all_are_stored(3)

    renumber(imap)
    # The server they were moved to has left its mark on one.
    imap.inbox.mails[1001] = b"X-Moved-By: a program\r\n" + bodies[0]
    imap.inbox.add(*mails(1, start=3))
    with fetching():
        all_are_stored(4)
        wait_until(
            lambda: FetchedFolder.objects.get().last_uid == 1004 and is_settled(), why="all is seen"
        )

    assert stored()[:3] == bodies
    assert Raw.objects.count() == 4


def test_f04_numbers_that_change_while_we_are_connected_are_noticed(
    cast: Cast, imap: ScriptedImap
) -> None:
    imap.inbox.add(*mails(2))
    fetches(cast.channel, imap.port)

    with fetching():
        all_are_stored(2)
        renumber(imap)
        imap.inbox.add(*mails(1, start=2))
        all_are_stored(3)

    assert FetchedFolder.objects.get().uidvalidity == 2


def test_what_was_deleted_here_never_comes_back(cast: Cast, imap: ScriptedImap) -> None:
    imap.inbox.add(*mails(2))
    fetches(cast.channel, imap.port, afterwards="leave")
    with fetching():
        all_are_stored(2)

    PendingRaw.objects.all().delete()
    Raw.objects.all().delete()
    renumber(imap)
    stop_fetching(cast.channel)  # not even when it is set up again
    fetches(cast.channel, imap.port, afterwards="leave")
    with fetching():
        wait_until(lambda: FetchedUid.objects.count() == 2, why="both are seen again")

    assert not Raw.objects.exists()
    assert KnownMail.objects.count() == 2


def test_f04_a_mail_at_which_the_server_breaks_off_stops_no_other(
    cast: Cast, imap: ScriptedImap
) -> None:
    bodies = mails(5)
    imap.inbox.add(*bodies)

    def breaks_at_two(session: Session, tag: str, rest: str) -> bool:
        if "SIZE" in rest or 2 not in _named(rest):
            return False
        session.say("* 2 FETCH (UID 2 BODY[] {900}\r\nhalf a ma")
        return session.hang_up()

    imap.faults["FETCH"] = breaks_at_two
    fetches(cast.channel, imap.port)

    with fetching():
        all_are_stored(4)
        wait_until(FetchedUid.objects.filter(problem="not_given").exists, why="it is told")

    assert sorted(stored()) == sorted(body for n, body in enumerate(bodies) if n != 1)


def test_a_mail_that_is_too_large_is_told_and_stops_no_other(
    cast: Cast, imap: ScriptedImap, settings: Settings
) -> None:
    settings.MAIL_SIZE_LIMIT_BYTES = 10_000
    imap.inbox.add(letter("aiko@example.jp", text="x" * 20_000), *mails(2))
    fetches(cast.channel, imap.port, afterwards="delete")

    with fetching():
        all_are_stored(2)

    assert FetchedUid.objects.get(uid=1).problem == "too_large"
    assert list(imap.inbox.mails) == [1]  # what we do not have is not deleted


def test_a_server_that_announces_gigabytes_stops_no_other_mail(
    cast: Cast, imap: ScriptedImap
) -> None:
    imap.inbox.add(*mails(3))

    def announces(session: Session, tag: str, rest: str) -> bool:
        if "SIZE" in rest or 1 not in _named(rest):
            return False
        session.say("* 1 FETCH (UID 1 BODY[] {20000000000}\r\n")
        return True

    imap.faults["FETCH"] = announces
    fetches(cast.channel, imap.port)

    with fetching():
        all_are_stored(2)
        wait_until(FetchedUid.objects.filter(problem="not_given").exists, why="it is told")

    assert stored() == list(imap.inbox.mails.values())[1:]


def test_a_server_that_says_no_is_told_with_its_words_and_asked_again(
    cast: Cast, imap: ScriptedImap
) -> None:
    imap.inbox.add(*mails(1))
    imap.faults["LOGIN"] = says("NO [UNAVAILABLE] Out of order until ten", times=2)
    server = fetches(cast.channel, imap.port)

    with fetching():
        wait_until(lambda: state(server).failure == "busy", why="it is told")
        told = state(server)
        all_are_stored(1)
        wait_until(lambda: not state(server).failure, why="it is over")

    assert "Out of order until ten" in told.failure_words
    assert told.failing_since is not None


def test_f04_a_connection_that_died_unseen_is_noticed(
    cast: Cast, imap: ScriptedImap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hospes.channels.email.imap.DONE_SECONDS", 1)
    dead = threading.Event()

    def goes_dead(session: Session, tag: str, rest: str) -> bool:
        if dead.is_set():
            return False
        session.say("+ idling\r\n")
        dead.set()
        return bool(session.lines.readline())  # DONE, and not a word more

    imap.faults["IDLE"] = goes_dead
    fetches(cast.channel, imap.port)

    with fetching():
        wait_until(dead.is_set, why="the connection is dead")
        imap.inbox.add(*mails(1))
        all_are_stored(1)

    assert imap.sessions == 2


def test_without_idle_it_is_looked_all_the_same(cast: Cast, imap: ScriptedImap) -> None:
    imap.capabilities = "IMAP4rev1"
    server = fetches(cast.channel, imap.port)

    with fetching():
        wait_until(lambda: state(server).looked_at, why="it was looked once")
        imap.inbox.add(*mails(1))
        all_are_stored(1)

    assert state(server).has_idle is False


def test_f04_a_folder_that_is_gone_is_told_and_the_others_go_on(
    cast: Cast, imap: ScriptedImap
) -> None:
    imap.folders["Shop"] = Folder()
    imap.folders["Shop"].add(*mails(1))
    imap.inbox.add(*mails(1, start=1))
    server = fetches(cast.channel, imap.port, folders=["INBOX", "Gone", "Shop"])

    with fetching():
        all_are_stored(2)
        wait_until(lambda: state(server).failure == "folder", why="it is told")


def test_f04_a_number_that_was_passed_over_is_found_within_a_day(
    cast: Cast, imap: ScriptedImap
) -> None:
    imap.inbox.add(*mails(2))
    renumber(imap)
    fetches(cast.channel, imap.port)
    with fetching():
        all_are_stored(2)

    late = mails(1, start=2)[0]  # a server that sorts anew gives it a number below the others
    imap.inbox.mails[7], imap.inbox.days[7] = late, timezone.now()
    FetchedFolder.objects.update(reconciled_at=timezone.now() - timedelta(days=2))
    with fetching():
        all_are_stored(3)

    assert stored()[-1] == late


def test_f04_a_server_that_answers_in_an_order_of_its_own_mixes_nothing_up(
    cast: Cast, imap: ScriptedImap
) -> None:
    bodies = mails(6)
    imap.inbox.add(*bodies)

    def backwards(session: Session, tag: str, rest: str) -> bool:
        for uid in sorted(_named(rest), reverse=True):
            session.do_fetch(tag, f"{uid} {rest.partition(' ')[2]}")
            session.say(f"* {uid} EXISTS\r\n* OK still here\r\n")
        session.say(f"{tag} OK done\r\n")
        return True

    imap.faults["FETCH"] = backwards
    fetches(cast.channel, imap.port, afterwards="delete")
    with fetching():
        all_are_stored(6)

    assert sorted(stored()) == sorted(bodies)
    assert not imap.inbox.mails


def test_f04_a_huge_mailbox_makes_no_other_wait(cast: Cast, imap: ScriptedImap) -> None:
    other = Channel.objects.create(brand=cast.brand, name="Small", address="small@kaldera.example")
    imap.inbox.add(*mails(3_000))
    with scripted() as small:
        fetches(cast.channel, imap.port, afterwards="leave")
        fetches(other, small.port)

        with fetching():
            wait_until(lambda: Raw.objects.count() > 100, why="the huge one is under way")
            small.inbox.add(*mails(1))
            wait_until(
                Raw.objects.filter(channel=other).exists, why="the small one's mail is there"
            )
            waited = Raw.objects.filter(channel=cast.channel).count()

    # Nobody understands mail in this test: more than is worth waiting for is not even fetched.
    assert 100 < waited <= 600


def test_two_fetchers_at_once_store_everything_once(cast: Cast, imap: ScriptedImap) -> None:
    bodies = mails(20)
    imap.inbox.add(*bodies)
    fetches(cast.channel, imap.port)

    with fetching(2):
        all_are_stored(20)

    assert stored() == bodies


def followed() -> list[str]:
    return [one.name for one in threading.enumerate() if one.name.startswith("mailbox ")]


def test_a_change_begins_anew_and_an_end_is_heeded(cast: Cast, imap: ScriptedImap) -> None:
    with scripted() as second, fetching():
        fetches(cast.channel, imap.port)
        wait_until(lambda: imap.said("IDLE"), why="the first is followed")
        fetches(cast.channel, second.port)
        wait_until(lambda: second.said("IDLE"), why="the second is followed")
        stop_fetching(cast.channel)
        wait_until(lambda: not followed(), why="it is left")


def test_a_restored_desk_fetches_nothing(cast: Cast, imap: ScriptedImap) -> None:
    from hospes.intake.fetching.store import wanted_servers

    fetches(cast.channel, imap.port)
    assert len(wanted_servers()) == 1

    cast.brand.site.sending_held_since = timezone.now()
    cast.brand.site.save()

    assert not wanted_servers()


def test_a_disk_without_room_is_told_and_nothing_is_fetched(
    cast: Cast, imap: ScriptedImap, settings: Settings
) -> None:
    settings.DISK_RESERVE_PERCENT = 101
    imap.inbox.add(*mails(1))
    server = fetches(cast.channel, imap.port)

    with fetching():
        wait_until(lambda: state(server).failure == "disk", why="it is told")
        settings.DISK_RESERVE_PERCENT = 0
        all_are_stored(1)


def test_what_could_not_be_had_is_tried_again_after_a_day(
    cast: Cast, imap: ScriptedImap, settings: Settings
) -> None:
    settings.MAIL_SIZE_LIMIT_BYTES = 1_000
    imap.inbox.add(letter("aiko@example.jp", text="x" * 2_000))
    fetches(cast.channel, imap.port)
    with fetching():
        wait_until(FetchedUid.objects.filter(problem="too_large").exists, why="it is told")

    settings.MAIL_SIZE_LIMIT_BYTES = 10_000
    FetchedFolder.objects.update(reconciled_at=timezone.now() - timedelta(days=2))
    with fetching():
        all_are_stored(1)

    assert not FetchedUid.objects.exclude(problem="").exists()


def test_c23_fifty_good_mails_behind_a_poisonous_one_are_shown(
    cast: Cast, imap: ScriptedImap
) -> None:
    deep = b"".join(
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (n, n)
        for n in range(3_000)
    )
    imap.inbox.add(b"From: eve@evil.example\r\nMessage-ID: <>\r\n" + deep, *mails(50))
    fetches(cast.channel, imap.port)

    with fetching():
        all_are_stored(51)
    while understand():
        pass

    assert (Message.objects.count(), QuarantinedRaw.objects.count()) == (50, 1)


def test_a_mail_that_cannot_be_stored_stops_no_other(cast: Cast, imap: ScriptedImap) -> None:
    bodies = mails(4)
    imap.inbox.add(*bodies)
    fetches(cast.channel, imap.port)
    with connection.cursor() as cursor:  # a database that does not like one of them
        cursor.execute(
            "ALTER TABLE intake_raw ADD CONSTRAINT dislikes CHECK (position(%s::bytea in body) = 0)",
            [b"Subject: 2"],
        )
    try:
        with fetching():
            all_are_stored(3)
            wait_until(FetchedUid.objects.filter(problem="not_given").exists, why="it is told")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE intake_raw DROP CONSTRAINT dislikes")

    assert stored() == [body for n, body in enumerate(bodies) if n != 2]


def _named(rest: str) -> set[int]:
    from tests.scripted_imap import numbers

    return set(numbers(rest.partition(" ")[0]))
