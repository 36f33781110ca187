from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hospes.conversations.models import Message
from hospes.lib.prepared import Prepared, columns, insert, read, read_if_any, update
from hospes.team.models import Agent, Hub
from tests.arriving import shown
from tests.cast import Cast
from tests.mail import letter

ADD = Prepared("SELECT %(one)s::int + %(other)s::int")
WITH_HUB = Prepared(
    f"""SELECT {columns(Agent, "a")}, {columns(Hub, "h")}
    FROM team_agent a LEFT JOIN team_hub h ON h.id = a.hub_id WHERE a.id = %(agent)s"""
)


@pytest.mark.django_db
def test_a_statement_is_planned_once_and_asked_with_ever_new_values() -> None:
    for n in range(4):
        assert ADD.row(one=n, other=2) == (n + 2,)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_prepared_statements WHERE statement = %s",
            ["SELECT $1::int + $2::int"],
        )
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
def test_it_is_counted_as_every_statement_is() -> None:
    with CaptureQueriesContext(connection) as asked:
        ADD.rows(one=1, other=1)

    assert len(asked) == 1


@pytest.mark.django_db
def test_rows_are_read_as_the_models_they_come_from(cast: Cast) -> None:
    hub = Hub.objects.create(name="Ljubljana", zone="Europe/Ljubljana")
    Agent.objects.filter(pk=cast.mina.pk).update(hub=hub)
    Agent.objects.filter(pk=cast.jonas.pk).update(hub=None)

    row = WITH_HUB.row(agent=cast.mina.pk)
    assert row is not None
    agent, rest = read(Agent, row)
    assert (agent, agent.name) == (cast.mina, cast.mina.name)
    assert read_if_any(Hub, rest) == (hub, ())

    row = WITH_HUB.row(agent=cast.jonas.pk)
    assert row is not None
    assert read_if_any(Hub, read(Agent, row)[1]) == (None, ())
    assert WITH_HUB.row(agent=0) is None


@pytest.mark.django_db
def test_a_row_is_written_and_changed_as_django_would(cast: Cast) -> None:
    message = shown(cast, letter("aiko@example.jp"))
    written = Message.objects.get(pk=message.pk)
    written.pk, written.raw_id = None, None
    written.to, written.extras = [["愛子", "a@b.example"]], {"reply_to": [["", "c@d.example"]]}

    insert(written)

    found = Message.objects.get(pk=written.pk)
    assert found.pk != message.pk
    for field in Message._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(written, field.attname), field.name

    found.subject, found.text, found.is_automatic = "Another", "left alone", True
    update(found, ("subject", "is_automatic"))

    found.refresh_from_db()
    assert (found.subject, found.is_automatic) == ("Another", True)
    assert found.text == message.text
