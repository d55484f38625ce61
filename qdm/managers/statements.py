"""Run one statement on Django's connection: rows in, rows out, driver errors as domain errors."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from operator import attrgetter
from typing import Any, cast
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, NotSupportedError, connection, connections, transaction
from psycopg import Cursor
from psycopg.sql import Composable

from qdm.managers import running
from qdm.managers.errors import domain_errors
from qdm.query.statement import Statement
from qdm.sql import statement as static

Parameters = Mapping[str, object] | Sequence[object] | None
Row = tuple[Any, ...]

#: Connection of the driver -> milliseconds its statements may take.
_patience: WeakKeyDictionary[Any, int] = WeakKeyDictionary()


def rows(statement: Composable | str, parameters: Parameters = None) -> list[Row]:
    """All rows of the answer. Raises domain errors (``qdm.managers.errors``)."""
    return cast(list[Row], _run(statement, parameters, Cursor.fetchall))


def row(statement: Composable | str, parameters: Parameters = None) -> Row | None:
    """The first row of the answer, None for an empty one."""
    return cast("Row | None", _run(statement, parameters, Cursor.fetchone))


def expected_rows(explained: Statement) -> int:
    """Rows the planner expects, of a statement of EXPLAIN (FORMAT JSON)."""
    match row(*explained):
        case ([{"Plan": {"Plan Rows": int() as rows}}],):
            return rows
        case _:
            return 0


def estimated_rows(table: str) -> int:
    """About how many the table has, whose name is in full; 0 where there is none."""
    found = row(static("estimated_rows"), {"table": table})
    return int(found[0]) if found and found[0] is not None else 0


def run(statement: Composable | str, parameters: Parameters = None) -> int:
    """Number of rows affected."""
    return cast(int, _run(statement, parameters, attrgetter("rowcount")))


def _run(statement: Any, parameters: Parameters, take: Callable[[Any], Any]) -> Any:
    """What is taken of the cursor of a statement that has run, or can be stopped while it runs."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.connection is None:
        database.ensure_connection()
    driver = database.connection
    stoppable = running.current.get()
    if stoppable is not None:
        stoppable.begin(driver)
    try:
        with domain_errors():
            try:
                return take(_executed(database, driver, statement, parameters))
            except NotSupportedError:
                # Prepared before a column changed its type. A transaction forgets what is prepared when it is rolled
                # back.
                if database.in_atomic_block:
                    raise
                _executed(database, driver, "deallocate all", None)
                return take(_executed(database, driver, statement, parameters))
    finally:
        if stoppable is not None:
            stoppable.end()


def _executed(database: Any, driver: Any, statement: Any, parameters: Any) -> Any:
    """The driver's cursor, its statement run as a cursor of Django runs it: with its wrappers, its errors, and none
    where the transaction is broken.

    Values are bound by the server, which keeps what a connection asks for again and again prepared. Django's cursors
    write them into the text, as one wants to read it in a log, and take longer than many a statement does: there is
    one only where somebody reads that log.
    """
    if database.queries_logged:
        logged = database.cursor()
        logged.execute(statement, parameters)
        return logged.cursor
    cursor = Cursor(driver)

    def execute(text: Any, values: Any, _many: bool, _context: Any) -> None:
        database.validate_no_broken_transaction()
        with database.wrap_database_errors:
            cursor.execute(text, values)

    for wrapper in reversed(database.execute_wrappers):
        execute = partial(wrapper, execute)
    execute(statement, parameters, False, {"connection": database, "cursor": cursor})
    return cursor


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
def one_state(*, writing: bool = False) -> Iterator[None]:
    """A transaction whose statements all read the same state of the database, for whoever reads in many steps.

    Inside another transaction it is that one, as it is. ``writing``: it may write, too.
    """
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            run(static("one_state_written" if writing else "one_state"))
        yield


def document(value: object) -> Any:
    """A jsonb value of a row, decoded: Django leaves that to its own fields and hands it over as text."""
    return json.loads(value) if isinstance(value, str) else value
