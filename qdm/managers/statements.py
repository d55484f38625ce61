"""Run one statement on Django's connection: rows in, rows out, driver errors as domain errors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import connection, transaction
from psycopg.sql import Composable

from qdm.managers import running
from qdm.managers.errors import domain_errors
from qdm.sql import statement as static

Parameters = Mapping[str, object] | Sequence[object] | None
Row = tuple[Any, ...]

#: Connection of the driver -> milliseconds its statements may take.
_patience: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def rows(statement: Composable, parameters: Parameters = None) -> list[Row]:
    """All rows of the answer. Raises domain errors (``qdm.managers.errors``)."""
    with domain_errors(), connection.cursor() as cursor, running.statement(connection.connection):
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return cast(list[Row], cursor.fetchall())


def row(statement: Composable, parameters: Parameters = None) -> Row | None:
    """The first row of the answer, None for an empty one."""
    with domain_errors(), connection.cursor() as cursor, running.statement(connection.connection):
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return cast("Row | None", cursor.fetchone())


def run(statement: Composable, parameters: Parameters = None) -> int:
    """Number of rows affected."""
    with domain_errors(), connection.cursor() as cursor, running.statement(connection.connection):
        cursor.execute(cast(Any, statement), cast(Any, parameters))
        return int(cursor.rowcount)


def be_patient(milliseconds: int) -> None:
    """Stop statements of this thread's connection after so long (QueryTimeout). Costs nothing where it is so already.

    A connection keeps it, in the pool too: all requests of a process wait equally long.
    """
    connection.ensure_connection()
    if _patience.get(connection.connection) != milliseconds:
        row(static("statement_timeout"), {"ms": str(milliseconds)})
        _patience[connection.connection] = milliseconds


@contextmanager
def one_state() -> Iterator[None]:
    """A transaction whose statements all read the same state of the database, for whoever reads in many steps.

    Inside another transaction it is that one, as it is.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            run(static("one_state"))
        yield


def document(value: object) -> Any:
    """A jsonb value of a row, decoded: Django leaves that to its own fields and hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value
