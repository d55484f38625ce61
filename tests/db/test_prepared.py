"""Statements a connection keeps prepared do not outlive the type of a column."""

import pytest
from django.db import connection, transaction
from psycopg.sql import SQL

from qdm.errors import QdmError
from qdm.managers import statements
from qdm.managers.errors import StructureChanged

ASKED = SQL("select c from kept where c is not null")


@pytest.mark.django_db(transaction=True)
def test_a_column_of_another_type_is_read_all_the_same() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temp table kept (c bigint); insert into kept values (1)")
    for _ in range(5):
        assert statements.rows(ASKED) == [(1,)]
    kept = statements.rows(
        SQL("select count(*) from pg_prepared_statements where statement like 'select c from kept%'")
    )
    assert kept == [(1,)]
    # By another function than psycopg's own look at command tags would notice.
    alter = "do $$ begin alter table kept alter c type bigint[] using array[c]; end $$"
    with connection.cursor() as cursor:
        cursor.execute(alter)
    assert statements.rows(ASKED) == [([1],)]
    with connection.cursor() as cursor:
        cursor.execute("drop table kept")


@pytest.mark.django_db(transaction=True)
def test_in_a_transaction_it_is_a_conflict_once() -> None:
    with connection.cursor() as cursor:
        cursor.execute("create temp table kept (c bigint); insert into kept values (1)")
    for _ in range(5):
        statements.rows(ASKED)
    with connection.cursor() as cursor:
        cursor.execute("do $$ begin alter table kept alter c type text; end $$")
    with pytest.raises(QdmError) as caught, transaction.atomic():
        statements.rows(ASKED)
    assert isinstance(caught.value, StructureChanged)
    with transaction.atomic():
        assert statements.rows(ASKED) == [("1",)]
    with connection.cursor() as cursor:
        cursor.execute("drop table kept")
