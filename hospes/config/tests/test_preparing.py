"""What a start makes when it is missing, and leaves alone when it is there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from hospes.config import preparing
from hospes.config.env import WrongSetting
from tests.cast import Cast

pytestmark = [pytest.mark.django_db, pytest.mark.database]


def test_a_migrated_database_is_left_alone() -> None:
    assert preparing.missing_migrations() == set()
    assert preparing.has_cache_table()
    assert not preparing.needs_migration()


def test_a_migration_that_did_not_run_yet_is_found_by_its_name() -> None:
    MigrationRecorder(connection).record_unapplied("conversations", "0001_initial")
    assert preparing.missing_migrations() == {("conversations", "0001_initial")}
    assert preparing.needs_migration()


def test_models_and_migrations_say_the_same() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_a_server_that_is_too_old_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "pg_version", 140_012)
    with pytest.raises(WrongSetting, match="this is PostgreSQL 14; Hospes needs 15 or newer"):
        preparing.prepare_database()


def test_the_demo_is_loaded_only_into_an_empty_desk(cast: Cast) -> None:
    assert preparing.load_demo() is False


def test_files_are_built_again_only_when_one_of_them_changed(settings: Any, tmp_path: Path) -> None:
    settings.STATIC_ROOT = tmp_path / "built"
    settings.LOCALE_PATHS = [tmp_path / "locale"]
    catalog = tmp_path / "locale" / "django.po"
    catalog.parent.mkdir()
    catalog.write_text("", encoding="utf-8")

    preparing.build_files()
    stamp = tmp_path / "built" / preparing.FINGERPRINT
    first, made_at = stamp.read_text(encoding="ascii"), stamp.stat().st_mtime_ns
    assert list((tmp_path / "built").rglob("*.css"))
    preparing.build_files()
    assert stamp.stat().st_mtime_ns == made_at

    os.utime(catalog, (1, 1))
    preparing.build_files()
    assert stamp.read_text(encoding="ascii") != first


def test_an_outgoing_server_without_sense_is_refused_before_the_first_reply(
    settings: Any,
) -> None:
    settings.SMTP_URL = "smtp://mail.example.com:587"
    preparing.check_outgoing()
    settings.SMTP_URL = "smtp://mail.example.com?security=perhaps"
    with pytest.raises(WrongSetting, match="HOSPES_SMTP_URL: security is one of"):
        preparing.check_outgoing()
