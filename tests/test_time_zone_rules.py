"""The rules of time zones change: what is stored is counted anew, and what moved is listed."""

from __future__ import annotations

import shutil
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib import resources
from pathlib import Path

import pytest
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from hospes.config.cli import main
from hospes.config.reactions import REACTIONS
from hospes.conversations.models import Conversation
from hospes.events.consuming import consume_batch
from hospes.events.models import Event, PendingEvent
from hospes.markets import calendars, working_time
from hospes.markets.actions.calendars import Plan, let_count, make_calendar
from hospes.markets.actions.zone_rules import go_by_rules
from hospes.markets.models import ZoneRules
from hospes.markets.time_zones import installed_rules
from hospes.servicelevels.jobs import recount_by_other_rules
from hospes.servicelevels.models import Clock, MovedDue, ServiceLevel
from tests.arriving import shown
from tests.cast import NOON, Cast
from tests.mail import letter

pytestmark = pytest.mark.django_db
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
