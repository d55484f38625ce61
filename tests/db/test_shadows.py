"""A projection is made anew while others read and write; the shadow knows whatever they did meanwhile."""

import random
import threading
import time
from collections.abc import Iterator

import pytest
from django.db import connection, connections, transaction

from qdm.access import Access
from qdm.managers import shadows
from qdm.query.ast import Query
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import columns, projections, records, tables, workspaces
from qdm.services.column_types import Spec
from qdm.services.writes import Create, Delete, Update
from qdm.sql import statement
from qdm.types.base import BaseType

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "shadows"
WS = f"ws_{SLUG}"
ROWS = 300


def access() -> Access:
    return Access.system(structure.schema(SLUG), "tests")


def nobody(rows: int) -> None:
    """Nobody is told."""


@pytest.fixture
def term() -> Iterator[int]:
    workspaces.create(SLUG, SLUG)
    spec = [Spec("Код", BaseType.CHARS), Spec("Цена", BaseType.NUMBER), Spec("Вид", BaseType.CHARS, multiple=True)]
    term = tables.create("Таблица", spec, access=access())
    names = [r.id for r in access().term(term).requisites]
    writes = [
        Create({term: f"Строка {n}", names[0]: str(n), names[1]: str(n / 2), names[2]: [f"в{n % 3}", "г"]})
        for n in range(ROWS)
    ]
    records.write(term, writes, access=access())
    yield term
    workspaces.drop(SLUG, SLUG)


def column(term: int, name: str) -> int:
    return next(r.id for r in access().term(term).requisites if r.name == name)


def run(name: str, **values: object) -> tuple[object, ...]:
    found = statements_row(name, values)
    assert found is not None
    return found


def statements_row(name: str, values: dict[str, object]) -> tuple[object, ...] | None:
    with connection.cursor() as cursor:
        cursor.execute(statement(name), values)
        return cursor.fetchone()


def test_a_rebuild_puts_right_what_was_spoilt_and_changes_nothing_else(term: int) -> None:
    before = reading.page(term, Query(limit=ROWS), access=access()).records
    with connection.cursor() as cursor:
        cursor.execute(f"update {WS}.t_{term} set r{column(term, 'Код')} = 'порча' where id % 2 = 0")
        cursor.execute(f"delete from {WS}.t_{term} where id = %s", [before[5].id])
        cursor.execute(f"delete from {WS}.requisite where id = %s", [column(term, "Цена")])
    assert projections.check(SLUG)
    told: list[int] = []
    assert projections.rebuild(SLUG, lambda _term, rows: told.append(rows)) >= 1
    assert projections.check(SLUG) == []
    assert sum(told) >= ROWS
    after = reading.page(term, Query(limit=ROWS), access=access()).records
    assert [(r.id, r.val, r.cells) for r in after] == [(r.id, r.val, r.cells) for r in before]


def test_what_is_written_while_it_is_made_stands_in_it(term: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Writers change, make and delete rows between the pieces, on their own connection and in long transactions."""
    monkeypatch.setattr(shadows, "SPAN", 100)
    monkeypatch.setattr(shadows, "SECONDS", 0.0)
    ids = [r.id for r in reading.page(term, Query(limit=ROWS), access=access()).records]
    over, failed = threading.Event(), list[BaseException]()
    code = column(term, "Код")

    def write(standing: list[int], seed: int) -> None:
        chance, count = random.Random(seed), 0
        try:
            while not over.is_set():
                with transaction.atomic():
                    for _ in range(chance.randint(1, 4)):
                        count += 1
                        record = chance.choice(standing)
                        what = chance.random()
                        if what < 0.6:
                            records.write(term, [Update(record, {code: f"новый {count}"})], access=access())
                        elif what < 0.8:
                            made = records.create(term, 1, {term: f"Ещё {seed} {count}", code: "1"}, access=access())
                            standing.append(made.id)
                        else:
                            records.write(term, [Delete(record)], access=access())
                            standing.remove(record)
        except BaseException as error:
            failed.append(error)
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write, args=(ids[half::2], half)) for half in range(2)]
    for writer in writers:
        writer.start()
    try:
        for _ in range(4):
            projections.rebuild(SLUG)
    finally:
        over.set()
        for writer in writers:
            writer.join(30)
    assert not failed
    assert projections.check(SLUG) == []


def test_a_writer_from_before_is_waited_for(term: int) -> None:
    """He does not know of the shadow, so what he writes would be missing from it."""
    record = reading.page(term, Query(limit=1), access=access()).records[0].id
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"update {WS}.node set val = 'раньше' where id = %s", [record])
        run("begin_shadow", ws=WS, term=term, as_if="{}")
        assert run("is_shadow_known", ws=WS, term=term) == (False,)
        other.commit()
        for _ in range(600):  # transactions of other tests on this server are waited for too
            if run("is_shadow_known", ws=WS, term=term) == (True,):
                break
            time.sleep(0.1)
        else:
            pytest.fail("it is waited for somebody who is gone")
    finally:
        other.close()


def test_a_row_that_is_being_written_is_skipped_and_asked_for_again(term: int) -> None:
    record = reading.page(term, Query(limit=1), access=access()).records[0].id
    run("begin_shadow", ws=WS, term=term, as_if="{}")
    other = connection.copy()
    try:
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(f"update {WS}.node set val = 'сейчас' where id = %s", [record])
        assert run("fill_shadow", ws=WS, term=term, span=10**6) == (0, ROWS - 1, 1)
        other.commit()
    finally:
        other.close()
    filled, rows, skipped = run("fill_shadow", ws=WS, term=term, span=10**6)
    assert (rows, skipped) == (0, 0), "its writer has made its row himself"
    assert filled == 10**6
    with transaction.atomic():
        shadows.swap(WS, term, {})
    assert projections.check(SLUG) == []


def test_one_that_was_cut_short_goes_on(term: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shadows, "SPAN", 200)
    monkeypatch.setattr(shadows, "SECONDS", 0.0)
    done: list[int] = []

    def cut(rows: int) -> None:
        done.append(rows)
        if sum(done) > 40:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        shadows.make(WS, term, {}, cut)
    first = sum(done)
    done.clear()
    shadows.make(WS, term, {}, done.append)
    assert 0 < sum(done) <= ROWS - first
    with transaction.atomic():
        shadows.swap(WS, term, {})
    assert projections.check(SLUG) == []


def test_a_change_of_the_structure_ends_it_and_it_is_begun_again(term: int) -> None:
    code = column(term, "Код")
    run("begin_shadow", ws=WS, term=term, as_if=f'{{"{code}": {{"base": {int(BaseType.NUMBER)}}}}}')
    columns.create(term, Spec("Ещё", BaseType.DATE), access=access())
    assert statements_row("is_shadow_known", {"ws": WS, "term": term}) == (None,)
    with pytest.raises(shadows.ShadowGone), transaction.atomic():
        shadows.swap(WS, term, {})
    projections.rebuild(SLUG)
    assert projections.check(SLUG) == []


def test_that_of_another_shape_does_not_take_its_place(term: int) -> None:
    code = column(term, "Код")
    shadows.make(WS, term, {code: {"base": int(BaseType.NUMBER)}}, lambda rows: None)
    shadows.make(WS, term, {}, lambda rows: None)
    with pytest.raises(shadows.ShadowGone), transaction.atomic():
        shadows.swap(WS, term, {code: {"base": int(BaseType.NUMBER)}})
    shadows.drop(WS, term)
    assert projections.check(SLUG) == []


def test_it_gets_every_index_of_the_projection(term: int) -> None:
    def names() -> set[tuple[object, ...]]:
        with connection.cursor() as cursor:
            cursor.execute("select indexname, regexp_replace(indexdef, 'INDEX \\S+ ON', '') from pg_indexes "
                           "where schemaname = %s and tablename = %s", [WS, f"t_{term}"])  # fmt: skip
            return set(cursor.fetchall())

    with connection.cursor() as cursor:
        code = column(term, "Код")
        cursor.execute(f'create index t_{term}_s{code} on {WS}.t_{term} ((qdm.key(r{code}) collate "C"), id)')
    before = names()
    projections.rebuild(SLUG)
    assert names() == before
