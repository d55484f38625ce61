"""Run one statement on Django's connection: rows in, rows out, driver errors as domain errors."""

import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from django.db import connection
from psycopg.sql import Composable

from qdm.managers.errors import domain_errors

Parameters = Mapping[str, object] | Sequence[object] | None
Row = tuple[Any, ...]


def rows(statement: Composable, parameters: Parameters = None) -> list[Row]:
    """All rows of the answer. Raises domain errors (``qdm.managers.errors``)."""
    with domain_errors(), connection.cursor() as cursor:
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return cast(list[Row], cursor.fetchall())


def row(statement: Composable, parameters: Parameters = None) -> Row | None:
    """The first row of the answer, None for an empty one."""
    with domain_errors(), connection.cursor() as cursor:
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return cast("Row | None", cursor.fetchone())


def run(statement: Composable, parameters: Parameters = None) -> int:
    """Number of rows affected."""
    with domain_errors(), connection.cursor() as cursor:
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return int(cursor.rowcount)


def document(value: object) -> Any:
    """A jsonb value of a row, decoded: Django leaves that to its own fields and hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value
