"""Secrets of others: the database only ever sees them encrypted."""

from __future__ import annotations

import pytest
from django.db import connection
from pytest_django import Settings

from hospes.channels.models import OutgoingServer

SECRET = "pässword 水漏れ"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT password FROM channels_outgoingserver")
        return str(cursor.fetchone()[0])


@pytest.fixture
def server(db: None) -> OutgoingServer:
    return OutgoingServer.objects.create(host="smtp.example.com", password=SECRET)


def test_a_secret_reads_as_it_was_written_and_is_stored_as_nothing_like_it(
    server: OutgoingServer,
) -> None:
    assert OutgoingServer.objects.get().password == SECRET
    assert SECRET not in stored()
    assert "password" not in stored()


def test_the_same_secret_is_never_stored_the_same_way(server: OutgoingServer) -> None:
    before = stored()
    server.save()

    assert stored() != before
    assert OutgoingServer.objects.get().password == SECRET


def test_no_secret_is_stored_as_none(db: None) -> None:
    OutgoingServer.objects.create(host="smtp.example.com")

    assert stored() == OutgoingServer.objects.get().password == ""


def test_with_another_key_a_secret_is_gone_and_all_else_works(
    server: OutgoingServer, settings: Settings
) -> None:
    settings.SECRET_KEY = "another key"

    found = OutgoingServer.objects.get()

    assert (found.host, found.password) == ("smtp.example.com", "")


@pytest.mark.parametrize("damage", ["not encrypted", "gAAAAAB", "ключ"])
def test_a_damaged_secret_reads_as_none(server: OutgoingServer, damage: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE channels_outgoingserver SET password = %s", [damage])

    assert OutgoingServer.objects.get().password == ""
