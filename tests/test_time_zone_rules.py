"""The rules of time zones change: what is stored is counted anew, and what moved is listed."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from hospes.config.cli import main
from hospes.config.reactions import REACTIONS
from hospes.conversations.actions.replying import reply
from hospes.conversations.actions.snoozing import awaken, snooze
from hospes.conversations.actions.unsending import unsend
from hospes.conversations.models import Conversation, InboxRow, OutboxEntry, WallClockTime
from hospes.events.consuming import consume_batch
from hospes.events.models import Event, PendingEvent
from hospes.markets import calendars, working_time
from hospes.markets.actions.calendars import Plan, let_count, make_calendar
from hospes.markets.actions.zone_rules import go_by_rules
from hospes.markets.models import ZoneRules
from hospes.markets.time_zones import installed_rules
from hospes.servicelevels.actions.moving import move_times_and_list
from hospes.servicelevels.jobs import recount_by_other_rules
from hospes.servicelevels.models import Clock, MovedDue, ServiceLevel
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)
OFFICE = [*[[(540, 1020)]] * 5, [], []]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Path]:
    """A time zone database of our own, as the package has it; its files may be exchanged."""
    with resources.as_file(resources.files("tzdata").joinpath("zoneinfo")) as folder:
        shutil.copytree(folder, tmp_path / "zones")
    before = zoneinfo.TZPATH
    use(tmp_path / "zones")
    yield tmp_path / "zones"
    use(*map(Path, before))


def use(*folders: Path) -> None:
    """Do what a new process would: read the rules from these folders."""
    zoneinfo.reset_tzpath(to=[str(folder) for folder in folders])
    zoneinfo.ZoneInfo.clear_cache()
    working_time._zone.cache_clear()
    calendars._known.clear()


def stop_the_clocks_of_madrid(world: Path) -> None:
    """Let Spain be two hours ahead of Greenwich all year round."""
    shutil.copy(world / "Etc" / "GMT-2", world / "Europe" / "Madrid")
    (world / "tzdata.zi").write_text("# version 2099z\n")
    use(world)


@pytest.fixture
def parcel(cast: Cast, world: Path) -> Conversation:
    ServiceLevel.objects.create(
        name="Standard", first_reply_minutes=8 * 60, next_reply_minutes=60, resolution_minutes=10 * 60,
        changed_at=NOON,
    )  # fmt: skip
    office = make_calendar(Plan("Office", "Europe/Madrid", OFFICE), by_id=None, at=NOON)
    let_count(cast.care.team, office, by_id=None, at=NOON)
    let_count(cast.care.market, office, by_id=None, at=NOON)
    message = shown(cast, letter("madrid@example.es", text="Where is it?"))
    react()
    return message.conversation


def react() -> None:
    while consume_batch(REACTIONS, at=NOON):
        pass
    assert not PendingEvent.objects.exclude(error="").values_list("error", flat=True)


def test_what_moved_with_the_rules_of_time_zones_is_counted_anew_and_listed(
    cast: Cast, world: Path, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not go_by_rules(installed_rules(), at=NOON)
    before = Clock.objects.get(pk=parcel.pk)
    # Noon in Greenwich is one o'clock there: four hours today, four tomorrow.
    assert before.first_reply_due == datetime(2026, 11, 20, 12, tzinfo=UTC)

    stop_the_clocks_of_madrid(world)
    assert go_by_rules(installed_rules(), at=NOON)
    assert not go_by_rules(installed_rules(), at=NOON)
    react()
    recount_by_other_rules(rules="2026b → 2099z")

    after = Clock.objects.get(pk=parcel.pk)
    assert (
        after.first_reply_due == before.first_reply_due
    )  # an hour less today, an hour earlier tomorrow
    assert after.resolution_due == before.resolution_due
    assert not MovedDue.objects.exists()
    job = ProcrastinateJob.objects.get(task_name__endswith="recount_by_other_rules")
    assert job.args["rules"].endswith(" → 2099z")
    changed = Event.objects.get(kind="ZoneRulesChanged")
    assert changed.data["now"] == "2099z"
    assert ZoneRules.objects.get().version == "2099z"


def test_a_due_that_ends_on_another_hour_is_listed_once(
    cast: Cast, world: Path, parcel: Conversation, capsys: pytest.CaptureFixture[str]
) -> None:
    ServiceLevel.objects.update(first_reply_minutes=4 * 60)
    recount_by_other_rules(rules="")
    MovedDue.objects.all().delete()
    before = Clock.objects.get(pk=parcel.pk).first_reply_due
    assert before == datetime(2026, 11, 19, 16, tzinfo=UTC)  # the end of their day

    stop_the_clocks_of_madrid(world)
    recount_by_other_rules(rules="2026b → 2099z")
    recount_by_other_rules(rules="2026b → 2099z")

    moved = MovedDue.objects.get()
    tomorrow = datetime(2026, 11, 20, 8, tzinfo=UTC)
    assert (moved.what, moved.before, moved.now) == ("first_reply", before, tomorrow)
    assert Conversation.objects.get(pk=parcel.pk).next_due_at == tomorrow

    assert main(["servicelevels", "moved"]) == 0
    line = capsys.readouterr().out
    assert parcel.reference in line
    assert "2026-11-19T16:00:00Z → 2026-11-20T08:00:00Z" in line
    client = Client()
    client.force_login(cast.ana)
    page = client.get("/settings/calendars/moved/").content.decode()
    assert parcel.reference in page
    assert "2026b → 2099z" in page


def test_what_was_meant_by_the_clocks_of_a_place_moves_with_their_rules(
    cast: Cast, world: Path, parcel: Conversation
) -> None:
    other = shown(cast, letter("other@example.es")).conversation
    third = shown(cast, letter("third@example.es")).conversation
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)  # nine o'clock there, by the rules of today
    snooze(parcel, until=nine, zone="Europe/Madrid", by=cast.mina, at=NOON)
    snooze(other, until=nine, by=cast.mina, at=NOON)
    snooze(third, until=nine, zone="Europe/Madrid", by=cast.mina, at=NOON)
    snooze(third, until=nine + HOUR, by=cast.mina, at=NOON)  # thought better of it: a moment
    said = reply(other, text="Good morning.", send_at=nine, send_zone="Europe/Madrid", by=cast.mina, at=NOON)  # fmt: skip
    assert move_times_and_list(rules="", at=NOON) == []

    stop_the_clocks_of_madrid(world)
    moved = move_times_and_list(rules="2026b → 2099z", at=NOON)

    earlier = nine - HOUR
    assert [(one.conversation_id, one.what, one.before, one.now) for one in moved] == [
        (parcel.pk, "snooze", nine, earlier),
        (other.pk, "reply", nine, earlier),
    ]
    parcel.refresh_from_db()
    entry = OutboxEntry.objects.get(message=said)
    assert (parcel.snoozed_until, entry.due_at, entry.undo_until) == (earlier, earlier, earlier)
    assert InboxRow.objects.get(pk=parcel.pk).snoozed_until == earlier
    third.refresh_from_db()
    assert third.snoozed_until == nine + HOUR
    assert move_times_and_list(rules="", at=NOON) == []


def test_what_has_ended_meanwhile_moves_nothing(
    cast: Cast, world: Path, parcel: Conversation
) -> None:
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)
    snooze(parcel, until=nine, zone="Europe/Madrid", by=cast.mina, at=NOON)
    awaken(parcel, by=cast.mina, at=NOON)
    said = reply(parcel, text="Good morning.", send_at=nine, send_zone="Europe/Madrid", by=cast.mina, at=NOON)  # fmt: skip
    OutboxEntry.objects.filter(message=said).update(state="sent")

    stop_the_clocks_of_madrid(world)

    assert move_times_and_list(rules="", at=NOON) == []
    parcel.refresh_from_db()
    assert parcel.snoozed_until is None
    assert OutboxEntry.objects.get(message=said).due_at == nine


def test_a_reply_that_is_taken_back_takes_its_time_along(cast: Cast, parcel: Conversation) -> None:
    nine = datetime(2026, 11, 23, 8, tzinfo=UTC)
    said = reply(parcel, text="Good morning.", send_at=nine, send_zone="Europe/Madrid", by=cast.mina, at=NOON)  # fmt: skip
    assert WallClockTime.objects.get().shows == "2026-11-23T09:00:00"

    unsend(said, by=cast.mina, at=NOON)

    assert not WallClockTime.objects.exists()
