"""Statements that PostgreSQL keeps planned, for what every page asks.

Django writes values into the text of a statement, so each one is built, parsed and planned anew. What is asked a
hundred times a minute with other values stands as SQL whose text never changes: the first use on a connection plans
it, each further one only sends values.

After a few uses PostgreSQL may plan it for any values at once. So this is for statements that walk an index from a
value to a few rows, whatever the value; a list over many rows is better planned for the values at hand. A proxy
between here and PostgreSQL must keep a session together (`docs/operators/database.md`); listening for news needs
that already.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.models import Field, Model

Row = tuple[Any, ...]
AModel = TypeVar("AModel", bound=Model)


class Prepared:
    """One such statement, with named placeholders: `%(customer)s`."""

    def __init__(self, text: str) -> None:
        self.text = text

    def rows(self, **values: Any) -> list[Row]:
        """Run it and return what it found."""
        with _cursor() as cursor:
            cursor.execute(self.text, values)
            found: list[Row] = cursor.fetchall()
        return found

    def run(self, **values: Any) -> None:
        """Run it for what it does."""
        with _cursor() as cursor:
            cursor.execute(self.text, values)

    def row(self, **values: Any) -> Row | None:
        """Run it and return the first row it found."""
        found = self.rows(**values)
        return found[0] if found else None


class _Cursor(psycopg.Cursor[Any]):
    def execute(self, query: Any, params: Any = None, **_: Any) -> _Cursor:
        return super().execute(query, params, prepare=True)


def _cursor() -> Any:
    """Return a cursor of Django's connection, counted and guarded as its own, that prepares."""
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    return connection._prepare_cursor(_Cursor(connection.connection))  # type: ignore[attr-defined] # noqa: SLF001 # as its `cursor()` does


def columns(model: type[Model], alias: str) -> str:
    """Return all columns of a model's table, to be selected under an alias and read by `read`."""
    return ", ".join(f'{alias}."{field.column}"' for field in _fields(model))


def read(model: type[AModel], row: Row) -> tuple[AModel, Row]:
    """Return what `columns` selected, from the left of a row, as an instance, and the rest of the row.

    Not for fields that Django converts itself (JSON): they would stay as they came.
    """
    names = [field.attname for field in _fields(model)]
    return model.from_db("default", names, row[: len(names)]), row[len(names) :]


def read_if_any(model: type[AModel], row: Row) -> tuple[AModel | None, Row]:
    """Return the same from an outer join; None when it found nothing."""
    if row[0] is not None:  # the key
        return read(model, row)
    return None, row[len(_fields(model)) :]


def insert(row: Model) -> None:
    """Insert one row, which learns its key. What `pre_save` would set has to be set."""
    fields, statement = _inserting(type(row))
    found = statement.row(**_values(row, fields))
    assert found is not None
    row.pk = found[0]
    row._state.adding, row._state.db = False, "default"  # noqa: SLF001 # as `save` does


def update(row: Model, names: tuple[str, ...]) -> None:
    """Write these fields of a row that is there."""
    fields, statement = _updating(type(row), names)
    statement.run(**_values(row, fields), key=row.pk)


def _values(row: Model, fields: Sequence[Field[Any, Any]]) -> dict[str, Any]:
    return {
        field.attname: field.get_db_prep_save(getattr(row, field.attname), connection)
        for field in fields
    }


@lru_cache(maxsize=32)
def _inserting(model: type[Model]) -> tuple[Sequence[Field[Any, Any]], Prepared]:
    fields = [field for field in _fields(model) if not field.primary_key]
    names = ", ".join(f'"{field.column}"' for field in fields)
    values = ", ".join(f"%({field.attname})s" for field in fields)
    table, key = model._meta.db_table, model._meta.pk.column  # noqa: SLF001 # documented
    text = f'INSERT INTO "{table}" ({names}) VALUES ({values}) RETURNING "{key}"'  # noqa: S608 # names of ours alone
    return fields, Prepared(text)


@lru_cache(maxsize=32)
def _updating(
    model: type[Model], names: tuple[str, ...]
) -> tuple[Sequence[Field[Any, Any]], Prepared]:
    fields = [field for field in _fields(model) if field.name in names]
    news = ", ".join(f'"{field.column}" = %({field.attname})s' for field in fields)
    table, key = model._meta.db_table, model._meta.pk.column  # noqa: SLF001 # documented
    return fields, Prepared(f'UPDATE "{table}" SET {news} WHERE "{key}" = %(key)s')  # noqa: S608 # the same


def _fields(model: type[Model]) -> Sequence[Field[Any, Any]]:
    return model._meta.concrete_fields  # noqa: SLF001 # Django's public name for it
