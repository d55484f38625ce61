"""What the driver says becomes a domain error, in one place."""

import pytest
from django.db import DatabaseError, connection, transaction
from psycopg.sql import SQL, Composable, Identifier, Literal

from qdm.errors import Conflict, InvalidRequest, NotUnique, QdmError, QueryTimeout, TooLarge
from qdm.managers import statements
from qdm.managers.errors import StructureChanged, domain_errors

pytestmark = pytest.mark.django_db


def failing(statement: Composable, parameters: tuple[object, ...] | None = None) -> QdmError:
    with pytest.raises(QdmError) as caught, transaction.atomic():
        statements.rows(statement, parameters)
    return caught.value


def test_a_statement_that_takes_too_long_is_a_timeout() -> None:
    with transaction.atomic():
        statements.run(SQL("SET LOCAL statement_timeout = 20"))
        assert type(failing(SQL("SELECT pg_sleep(5)"))) is QueryTimeout


@pytest.mark.parametrize("text", ["SELECT nothing", "SELECT * FROM nothing", "SELECT * FROM nothing.nothing"])
def test_a_structure_that_changed_meanwhile_is_a_conflict(text: str) -> None:
    error = failing(SQL(text))  # type: ignore[arg-type]
    assert isinstance(error, StructureChanged)
    assert isinstance(error, Conflict)


@pytest.mark.parametrize(
    ("text", "value"), [("SELECT %s::bigint", "x"), ("SELECT %s::date", "2025-02-30"), ("SELECT %s::text", "a\0b")]
)
def test_a_value_that_no_column_takes_is_an_invalid_request(text: str, value: str) -> None:
    assert type(failing(SQL(text), (value,))) is InvalidRequest  # type: ignore[arg-type]


@pytest.mark.parametrize(("index", "fields"), [("t_7_u12", "12"), ("t_7_u0", "7"), ("other", None)])
def test_a_taken_value_names_its_column_and_not_the_value(index: str, fields: str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE t_7 (r12 text)")
        cursor.execute(f"CREATE UNIQUE INDEX {index} ON t_7 (r12)")
        cursor.execute("INSERT INTO t_7 VALUES ('secret')")
    error = failing(SQL("INSERT INTO t_7 VALUES ('secret') RETURNING 1"))
    assert type(error) is NotUnique
    assert list(error.fields) == ([] if fields is None else [fields])
    assert "secret" not in str(error)


def test_a_value_too_long_for_an_index_is_too_large() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE long (v text)")
        cursor.execute("CREATE INDEX ON long (v)")
    # Random text, because a repeated one is compressed.
    text = SQL("INSERT INTO long SELECT string_agg(md5(random()::text), '') FROM generate_series(1, 500) RETURNING 1")
    assert type(failing(text)) is TooLarge


def test_a_row_too_wide_for_a_page_says_how_much_fits() -> None:
    columns = SQL(", ").join(SQL("{} text").format(Identifier(f"c{n}")) for n in range(500))
    statements.run(SQL("CREATE TABLE wide ({})").format(columns))
    row = SQL(", ").join([Literal("значение")] * 500)
    error = failing(SQL("INSERT INTO wide VALUES ({}) RETURNING 1").format(row))
    assert isinstance(error, TooLarge)
    assert "450" in str(error)


def test_a_defect_of_our_own_stays_what_it_is() -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), domain_errors():
        statements.rows(SQL("SELEKT 1"))
