"""Run one statement on Django's connection: rows in, rows out, driver errors as domain errors."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import NotSupportedError, connection, transaction
from psycopg import Cursor
from psycopg.sql import Composable

from qdm.managers import running
from qdm.managers.errors import domain_errors
from qdm.sql import statement as static

Parameters = Mapping[str, object] | Sequence[object] | None
Row = tuple[Any, ...]

#: Connection of the driver -> milliseconds its statements may take.
_patience: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def rows(statement: Composable | str, parameters: Parameters = None) -> list[Row]:
    """All rows of the answer. Raises domain errors (``qdm.managers.errors``)."""
    with _executed(statement, parameters) as cursor:
        return cast(list[Row], cursor.fetchall())


def row(statement: Composable | str, parameters: Parameters = None) -> Row | None:
    """The first row of the answer, None for an empty one."""
    with _executed(statement, parameters) as cursor:
        return cast("Row | None", cursor.fetchone())


def run(statement: Composable | str, parameters: Parameters = None) -> int:
    """Number of rows affected."""
    with _executed(statement, parameters) as cursor:
        return int(cursor.rowcount)


@contextmanager
def _executed(statement: Composable | str, parameters: Parameters) -> Iterator[Any]:
    """The cursor of a statement that has run. Values are bound by the server, which keeps what a connection asks for
    again and again prepared; Django's own cursors write them into the text, as one wants to read it in a log."""
    connection.ensure_connection()
    driver = connection.connection
    opened = connection.cursor() if connection.queries_logged else connection.make_cursor(cast(Any, Cursor(driver)))
    with domain_errors(), opened as cursor, running.statement(driver):
        try:
            cursor.execute(cast(Any, statement), cast(Any, parameters))
        except NotSupportedError:
            # Prepared before a column changed its type. A transaction forgets what is prepared when it is rolled back.
            if connection.in_atomic_block:
                raise
            cursor.execute("deallocate all")
            cursor.execute(cast(Any, statement), cast(Any, parameters))
        yield cursor


@contextmanager
def patience(milliseconds: int) -> Iterator[None]:
    """Stop each statement inside after so long (QueryTimeout).

    A connection that stays with its thread keeps the setting, which then costs nothing; one that goes back to the pool,
    to somebody who has more time, does not.
    """
    connection.ensure_connection()
    driver = connection.connection
    if _patience.get(driver) != milliseconds:
        row(static("statement_timeout"), {"ms": str(milliseconds)})
        _patience[driver] = milliseconds
    try:
        yield
    finally:
        if connection.close_at is not None and connection.connection is driver and not driver.closed:
            # Not as a statement of the request, which may have been cancelled.
            with connection.cursor() as cursor:
                cursor.execute(static("no_statement_timeout"))
            del _patience[driver]


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
