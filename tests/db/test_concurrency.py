"""Many at once on real connections: constraints hold, nothing deadlocks, no edit is lost."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from qdm.access import Access
from qdm.errors import NotUnique
from qdm.query.ast import Query
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import records, tables, terms, workspaces
from qdm.services.column_types import Spec
from qdm.services.records import Create, Update
from qdm.types.base import BaseType
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sheet() -> Iterator[tuple[int, list[int]]]:
    """A table with a UNIQUE main value and columns А, Б, В."""
    workspaces.create("crowd", "Толпа")
    specs = [Spec(name, BaseType.NUMBER) for name in "АБВ"]
    term_id = tables.create("Лист", specs, unique=True, access=access())
    yield term_id, [r.id for r in structure.schema("crowd").terms[term_id].requisites]
    workspaces.drop("crowd", "crowd")


def access() -> Access:
    return Access.system(structure.schema("crowd"), "test")


def at_once(count: int, act: Callable[[int], object]) -> list[object]:
    """Run ``act`` in so many threads that start together; what each returned or raised."""
    gate = threading.Barrier(count)
    found: list[object] = [None] * count

    def run(at: int) -> None:
        try:
            gate.wait(30)
            found[at] = act(at)
        except Exception as error:
            found[at] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(at,)) for at in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    return found


def test_fifty_creates_of_one_unique_value_store_it_once(sheet: tuple[int, list[int]]) -> None:
    term_id, _columns = sheet
    assert Counter(at_once(50, lambda _at: _try(term_id))) == {"stored": 1, "refused": 49}
    assert reading.count(term_id, Query(), access=access()).value == 1
    assert_whole("crowd")


def _try(term_id: int) -> str:
    try:
        records.create(term_id, 1, {term_id: "единственный"}, access=access())
    except NotUnique:
        return "refused"
    return "stored"


def test_twenty_batches_over_the_same_rows_end_without_a_deadlock(sheet: tuple[int, list[int]]) -> None:
    term_id, columns = sheet
    made = records.write(term_id, [Create({term_id: f"r{n}"}) for n in range(30)], access=access())
    ids = [r.id for r in made if r.id]

    def act(at: int) -> str:
        order = ids[at % 7 :] + ids[: at % 7]
        if at % 2:
            order.reverse()
        records.write(term_id, [Update(i, {columns[at % 3]: at}) for i in order], access=access())
        return "done"

    assert at_once(20, act) == ["done"] * 20
    assert_whole("crowd")
    for record in reading.page(term_id, Query(limit=100), access=access()).records:
        assert set(record.cells) == set(columns)


def test_edits_of_different_cells_of_one_row_are_all_kept(sheet: tuple[int, list[int]]) -> None:
    term_id, columns = sheet
    row = records.create(term_id, 1, {term_id: "один"}, access=access()).id
    assert row
    for turn in range(5):
        found = at_once(3, lambda at, turn=turn: records.update(row, {columns[at]: turn}, access=access()).ok)
        assert found == [True] * 3
        assert reading.get(row, access=access()).cells == {c: str(turn) for c in columns}
    assert_whole("crowd")


def test_terms_of_one_name_made_at_once_are_one(sheet: tuple[int, list[int]]) -> None:
    found = at_once(10, lambda _at: terms.create("Новая", 3, access=access()).id)
    assert len(set(found)) == 1
    assert isinstance(found[0], int)


def test_first_rows_of_a_table_made_at_once_are_all_there(sheet: tuple[int, list[int]]) -> None:
    term_id = tables.create("Пустая", access=access())
    assert not structure.schema("crowd").terms[term_id].projected
    found = at_once(8, lambda at: records.create(term_id, 1, {term_id: f"r{at}"}, access=access()).ok)
    assert found == [True] * 8
    assert reading.count(term_id, Query(), access=access()).value == 8
    assert_whole("crowd")


def test_columns_added_while_rows_are_written_lose_nothing(sheet: tuple[int, list[int]]) -> None:
    from qdm.managers.errors import StructureChanged
    from qdm.services import columns as column_service

    term_id, _columns = sheet

    def act(at: int) -> str:
        for n in range(6):
            if at == 0:
                column_service.create(term_id, Spec(f"Новая {n}", BaseType.CHARS), access=access())
                continue
            while True:
                try:
                    records.create(term_id, 1, {term_id: f"{at}/{n}"}, access=access())
                    break
                except StructureChanged:
                    continue
        return "done"

    assert at_once(5, act) == ["done"] * 5
    assert reading.count(term_id, Query(), access=access()).value == 24
    assert len(structure.schema("crowd").terms[term_id].requisites) == 9
    assert_whole("crowd")
