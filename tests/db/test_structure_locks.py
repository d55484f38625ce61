"""A change of the structure that has to wait for a long reader keeps nobody else waiting with it."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from psycopg import sql

from qdm.access import Access
from qdm.query.ast import Query
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import columns, records, tables, workspaces
from qdm.services.column_types import Spec
from qdm.services.writes import Create
from qdm.types.base import BaseType

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "locks"
PATIENCE = 25  #: seconds; long before them the change has let others through


def access() -> Access:
    return Access.system(structure.schema(SLUG), "tests")


@pytest.fixture
def term() -> Iterator[int]:
    workspaces.create(SLUG, SLUG)
    term = tables.create("Таблица", [Spec("Колонка", BaseType.CHARS)], access=access())
    records.write(term, [Create({term: f"Строка {n}"}) for n in range(10)], access=access())
    yield term
    workspaces.drop(SLUG, SLUG)


def test_others_read_and_write_while_a_column_waits_for_a_long_reader(term: int) -> None:
    before = access()
    failed: list[BaseException] = []

    def add() -> None:
        try:
            columns.create(term, Spec("Новая", BaseType.NUMBER), access=access())
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    done = threading.Event()

    def work() -> None:
        try:
            page = reading.page(term, Query(limit=5), access=before)
            records.update(page.records[0].id, {term: "Другое"}, access=before)
            done.set()
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    long_reader = connection.copy()
    try:
        long_reader.set_autocommit(False)
        with long_reader.cursor() as cursor:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(f"ws_{SLUG}", f"t_{term}")))
        adding = threading.Thread(target=add)
        adding.start()
        _wait_until_it_waits()
        working = threading.Thread(target=work)
        working.start()
        assert done.wait(PATIENCE), "others were kept out by a change that waited"
        assert adding.is_alive(), "the long reader still reads, so the column is not there yet"
    finally:
        long_reader.rollback()
        long_reader.close()
    adding.join(PATIENCE)
    working.join(PATIENCE)
    assert not failed
    assert "Новая" in {r.name for r in access().term(term).requisites}


def _wait_until_it_waits() -> None:
    with connection.cursor() as cursor:
        for _ in range(2000):
            cursor.execute(
                "SELECT count(*), pg_sleep(0.01) FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'"
            )
            if cursor.fetchone()[0]:
                return
    raise AssertionError("the change does not wait")
