"""Few records are written by a function whose plan is kept, many by its statement: to the same rows."""

from collections.abc import Iterator

import pytest

from qdm.access import Access
from qdm.managers import statements
from qdm.selectors import structure
from qdm.services import columns, records, requisites, tables, terms, workspaces
from qdm.services.column_types import Spec
from qdm.services.writes import Create, Delete, Update
from qdm.sql import statement
from qdm.types.base import BaseType
from tests.db.projections import differences

pytestmark = pytest.mark.django_db(transaction=True)
SLUG = "pivots"


def access() -> Access:
    return Access.system(structure.schema(SLUG), "tests")


@pytest.fixture
def term() -> Iterator[int]:
    workspaces.create(SLUG, SLUG)
    spec = [Spec("Код", BaseType.CHARS), Spec("Цена", BaseType.NUMBER), Spec("Вид", BaseType.CHARS, multiple=True)]
    yield tables.create("Таблица", spec, access=access())
    workspaces.drop(SLUG, SLUG)


def functions() -> dict[str, str]:
    """Name and body of the functions of the workspace."""
    return dict(
        statements.rows(
            "select proname, prosrc from pg_proc where pronamespace = to_regnamespace(%(ws)s)", {"ws": f"ws_{SLUG}"}
        )
    )


def pivots() -> dict[str, str]:
    return {f"pivot_{r[0]}": r[1] for r in statements.rows(f"select id, pivot from ws_{SLUG}.term where projected")}


def row(term: int, n: int) -> dict[int, object]:
    names = [r.id for r in access().term(term).requisites]
    return {term: f"Строка {n}", names[0]: str(n), names[1]: n / 2, names[2]: [f"в{n % 3}", "г"]}


@pytest.mark.parametrize("number", [1, 100, 101, 150])
def test_few_and_many_records_are_written_alike(term: int, number: int) -> None:
    made = records.write(term, [Create(row(term, n)) for n in range(number)], access=access())
    records.write(term, [Update(r.id, {term: "Новая"}) for r in made if r.id], access=access())
    records.write(term, [Delete(r.id) for r in made[::2] if r.id], access=access())
    assert statements.row(f"select count(*) from ws_{SLUG}.t_{term}") == (number // 2,)
    assert differences(SLUG) == []


def test_records_and_cells_of_older_ones_come_in_one_statement(term: int) -> None:
    (old,) = records.write(term, [Create({term: "Старая"})], access=access())
    column = access().term(term).requisites[0].id
    insert = f"insert into ws_{SLUG}.node (id, up, t, val) values "
    statements.run(
        f"{insert} (900001, 1, {term}, 'Новая'), (900002, 900001, {column}, '1'), (900003, {old.id}, {column}, '2'),"
        " (900004, 0, 3, 'Тип')"
    )
    assert differences(SLUG) == []
    statements.run(f"{insert} (900011, 1, {term}, 'Новая'), (900012, 900011, {column}, '3')")
    assert differences(SLUG) == []
    assert statements.rows(f"select id, r{column} from ws_{SLUG}.t_{term} order by id") == [
        (old.id, "2"), (900001, "1"), (900011, "3"),
    ]  # fmt: skip


def test_the_function_follows_the_structure_and_goes_with_it(term: int) -> None:
    def bodies_are_those_of_the_statements() -> bool:
        kept, wanted = functions(), pivots()
        return kept.keys() == wanted.keys() and all(text in kept[name] for name, text in wanted.items())

    records.create(term, 1, row(term, 1), access=access())
    assert f"pivot_{term}" in functions()
    assert bodies_are_those_of_the_statements()
    added = columns.create(term, Spec("Вес", BaseType.FLOAT), access=access())
    records.create(term, 1, {**row(term, 2), added: 1.5}, access=access())
    assert bodies_are_those_of_the_statements()
    requisites.delete(added, access=access())
    records.create(term, 1, row(term, 3), access=access())
    statements.run(f"drop function ws_{SLUG}.pivot_{term}")
    statements.row(statement("redescribe"), {"ws": f"ws_{SLUG}"})
    assert bodies_are_those_of_the_statements()
    assert differences(SLUG) == []
    records.write(term, [Delete(r[0]) for r in statements.rows(f"select id from ws_{SLUG}.t_{term}")], access=access())
    terms.delete(term, access=access())
    assert f"pivot_{term}" not in functions()
