"""Tables and columns as people know them, over nodes whose names are unique in a workspace."""

import pytest

from qdm.access import Access, Actor
from qdm.errors import Forbidden, InUse, InvalidType, InvalidValue, NameTaken, NotUnique, TermNotFound
from qdm.query.ast import Compare, Op, Query
from qdm.record import Bad
from qdm.schema import Term
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import columns, records, requisites, tables, workspaces
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db
NUMBER, CHARS, DATE = BaseType.NUMBER, BaseType.CHARS, BaseType.DATE


@pytest.fixture(autouse=True)
def workspace() -> None:
    workspaces.create("firm", "Фирма")


def access() -> Access:
    return Access.system(structure.schema("firm"), "test")


def table(term_id: int) -> Term:
    return structure.schema("firm").terms[term_id]


def test_a_table_with_columns_of_every_kind() -> None:
    shop = tables.create("Магазины", [Spec("Город", CHARS)], access=access())
    order = tables.create(
        "Заказы",
        [Spec("Сумма", NUMBER, required=True), Spec("Магазин", target=shop), Spec("Код", CHARS, unique=True)],
        access=access(),
    )
    term = table(order)
    assert [(r.name, r.base, r.target, r.required, r.unique) for r in term.requisites] == [
        ("Сумма", NUMBER, None, True, False),
        ("Магазин", CHARS, shop, False, False),
        ("Код", CHARS, None, False, True),
    ]
    assert [t.title for t in structure.tables(access=access())] == ["Заказы", "Магазины"]
    assert_whole("firm")


def test_columns_of_one_name_share_a_term_where_types_agree_and_only_there() -> None:
    one = tables.create("Один", [Spec("Сумма", NUMBER)], access=access())
    two = tables.create("Два", [Spec("Сумма", NUMBER)], access=access())
    three = tables.create("Три", [Spec("Сумма", CHARS), Spec("Один", CHARS)], access=access())
    first, second, third = (table(t).requisites[0] for t in (one, two, three))
    assert first.type_id == second.type_id != third.type_id
    assert [r.name for r in table(three).requisites] == ["Сумма", "Один"]
    assert not any(r.is_subtable or r.is_reference for r in table(three).requisites)


def test_renaming_one_column_leaves_those_that_share_its_term() -> None:
    one = tables.create("Один", [Spec("Сумма", NUMBER), Spec("Дата", DATE)], access=access())
    two = tables.create("Два", [Spec("Сумма", NUMBER)], access=access())
    columns.rename(table(one).requisites[0].id, "Итого", access=access())
    assert [r.name for r in table(one).requisites] == ["Итого", "Дата"]
    assert [r.name for r in table(two).requisites] == ["Сумма"]
    with pytest.raises(NameTaken):
        columns.rename(table(one).requisites[0].id, "дата", access=access())
    with pytest.raises(NameTaken):
        columns.create(one, Spec("ИТОГО", CHARS), access=access())


def test_a_type_change_keeps_every_text_and_marks_what_does_not_fit() -> None:
    term_id = tables.create("Лист", [Spec("Сумма", CHARS)], access=access())
    other = tables.create("Другой", [Spec("Сумма", CHARS)], access=access())
    column = table(term_id).requisites[0].id
    ids = [
        records.create(term_id, 1, {term_id: f"r{n}", column: text}, access=access()).id
        for n, text in enumerate(["10", "2", "много"])
    ]
    columns.change_type(column, base=NUMBER, access=access())
    assert table(term_id).requisites[0].base == NUMBER
    assert table(other).requisites[0].base == CHARS
    found = reading.by_ids(term_id, [i for i in ids if i], access=access())
    assert [r.cells[column] for r in found] == ["10", "2", Bad("много")]
    assert_whole("firm")
    columns.change_type(column, base=CHARS, access=access())
    found = reading.by_ids(term_id, [i for i in ids if i], access=access())
    assert [r.cells[column] for r in found] == ["10", "2", "много"]
    assert [r.name for r in table(term_id).requisites] == ["Сумма"]
    assert_whole("firm")


def test_links_do_not_become_values() -> None:
    shop = tables.create("Магазины", [Spec("Город", CHARS)], access=access())
    order = tables.create("Заказы", [Spec("Магазин", target=shop)], access=access())
    with pytest.raises(InvalidType):
        columns.change_type(table(order).requisites[0].id, base=CHARS, access=access())


def test_a_deleted_column_comes_back_with_its_cells() -> None:
    term_id = tables.create("Лист", [Spec("Сумма", NUMBER), Spec("Код", CHARS)], access=access())
    column = table(term_id).requisites[0].id
    row = records.create(term_id, 1, {term_id: "a", column: 5}, access=access()).id
    assert row
    requisites.delete(column, access=access())
    assert [r.name for r in table(term_id).requisites] == ["Код"]
    assert reading.get(row, access=access()).cells == {}
    assert_whole("firm")
    requisites.restore(column, term_id, access=access())
    assert reading.get(row, access=access()).cells == {column: "5"}
    assert [r.name for r in table(term_id).requisites] == ["Сумма", "Код"]
    assert_whole("firm")


def test_a_deleted_table_is_gone_unless_columns_link_to_it() -> None:
    shop = tables.create("Магазины", [Spec("Город", CHARS)], access=access())
    records.create(shop, 1, {shop: "Первый"}, access=access())
    order = tables.create("Заказы", [Spec("Магазин", target=shop)], access=access())
    with pytest.raises(InUse):
        tables.delete(shop, access=access())
    tables.delete(order, access=access())
    assert order not in structure.schema("firm").terms
    with pytest.raises(TermNotFound):
        reading.page(order, Query(), access=access())
    assert_whole("firm")


def test_a_table_may_take_the_name_of_a_columns_type() -> None:
    people = tables.create("Люди", [Spec("Город", CHARS)], access=access())
    city = tables.create("Город", [Spec("Страна", CHARS)], access=access())
    assert table(city).name == "Город"
    assert [(r.name, r.is_subtable) for r in table(people).requisites] == [("Город", False)]
    with pytest.raises(NameTaken):
        tables.create("город", access=access())
    tables.rename(city, "Города", access=access())
    assert table(city).title == "Города"


def test_sub_tables_hang_on_their_parent() -> None:
    order = tables.create("Заказы", [Spec("Сумма", NUMBER)], access=access())
    line = tables.create("Позиции", [Spec("Количество", NUMBER)], parent=order, access=access())
    assert [(r.name, r.is_subtable) for r in table(order).requisites] == [("Сумма", False), ("Позиции", True)]
    with pytest.raises(InvalidValue):
        tables.create("Пустая", parent=order, access=access())
    one = records.create(order, 1, {order: "1"}, access=access()).id
    assert one
    records.create(line, one, {line: "Товар"}, access=access())
    page = reading.page(line, Query(up=one), access=access())
    assert [r.val for r in page.records] == ["Товар"]


def test_columns_move() -> None:
    term_id = tables.create("Лист", [Spec(n, CHARS) for n in "абв"], access=access())
    requisites.move(table(term_id).requisites[2].id, 1, access=access())
    assert [r.name for r in table(term_id).requisites] == ["в", "а", "б"]


def test_structure_is_for_those_who_manage() -> None:
    term_id = tables.create("Лист", [Spec("Сумма", NUMBER)], access=access())
    reader = Access(Actor(7, "reader"), structure.schema("firm"))
    for act in (
        lambda: tables.create("x", access=reader),
        lambda: tables.delete(term_id, access=reader),
        lambda: tables.rename(term_id, "x", access=reader),
        lambda: columns.create(term_id, Spec("x", CHARS), access=reader),
        lambda: columns.rename(table(term_id).requisites[0].id, "x", access=reader),
        lambda: requisites.delete(table(term_id).requisites[0].id, access=reader),
    ):
        with pytest.raises(Forbidden):
            act()


def test_unique_over_existing_duplicates_is_refused_whole() -> None:
    term_id = tables.create("Лист", [Spec("Сумма", NUMBER)], access=access())
    column = table(term_id).requisites[0].id
    for name in "ab":
        records.create(term_id, 1, {term_id: name, column: 5}, access=access())
    with pytest.raises(NotUnique):
        requisites.set_modifiers(column, {"UNIQUE": 1, "SIZE": 9}, access=access())
    assert table(term_id).requisites[0].modifiers == ()


def test_the_main_column_may_have_a_name_of_its_own() -> None:
    term_id = tables.create("Кандидаты", [Spec("Город", CHARS)], heading="ФИО", access=access())
    assert (table(term_id).title, table(term_id).heading) == ("Кандидаты", "ФИО")
    records.create(term_id, 1, {term_id: "Иванов"}, access=access())
    found = reading.page(term_id, Query(filter=Compare("фио", Op.EQ, "иванов")), access=access())
    assert [r.val for r in found.records] == ["Иванов"]
    tables.call_main(term_id, "Имя", access=access())
    assert table(term_id).heading == "Имя"
    with pytest.raises(NameTaken):
        tables.call_main(term_id, "город", access=access())
    tables.call_main(term_id, "Кандидаты", access=access())
    assert table(term_id).modifiers == ()
