"""Sheets whose rows belong to rows of another sheet: imported as sub-tables."""

from pathlib import Path

import openpyxl
import pytest

from qdm.access import Access
from qdm.errors import InvalidValue
from qdm.query.ast import MAIN, Query, Sort
from qdm.selectors import records, structure
from qdm.services import workspaces
from qdm.sheets.at_once import import_file
from qdm.sheets.errors import BadMapping
from qdm.sheets.load import Report
from qdm.sheets.proposal import ROW_NUMBER, Proposal

pytestmark = pytest.mark.django_db

ITEMS = [("Заказ", "Товар", "Штук"), ("A-1", "Чай", 2), ("A-2", "Чай", 1), ("A-1", "Кофе", 2)]
ORDERS = [("Номер", "Город"), ("A-1", "Пермь"), ("A-2", "Уфа"), ("A-3", "Тула")]


@pytest.fixture
def access() -> Access:
    workspaces.create("orders", "Заказы")
    return _renewed()


def _renewed() -> Access:
    return Access.system(structure.schema("orders"), "test")


def _workbook(folder: Path, *, items: list[tuple[object, ...]] = ITEMS) -> Path:
    """The items stand before the orders: the order of the sheets does not matter."""
    book = openpyxl.Workbook()
    for name, rows in (("Позиции", items), ("Заказы", ORDERS)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(folder / "orders.xlsx")
    return folder / "orders.xlsx"


def _import(path: Path, access: Access, parent: int = 0, **table: object) -> Report:
    def revise(plan: Proposal) -> Proposal:
        orders = next(t for t in plan.tables if t.sheet == "Заказы")
        edits = {"parent": parent, "columns": {parent: {"target": orders.key}}, **table}
        return plan.with_edits({"tables": {"sheet:0": edits}})

    report = import_file(path, access=access, accept=revise)[1]
    assert report is not None
    return report


def test_rows_lie_under_the_rows_they_name(access: Access, tmp_path: Path) -> None:
    report = _import(_workbook(tmp_path), access)
    access = _renewed()
    orders, items = access.schema.by_name["заказы"], access.schema.by_name["позиции"]
    (subtable,) = (r for r in orders.requisites if r.is_subtable)
    assert subtable.type_id == items.id
    assert [r.name for r in items.requisites] == ["Товар", "Штук"], "the owner is no column"

    by_name = {r.val: r for r in records.page(orders.id, Query(), access=access).records}
    found = {
        name: [
            (item.val, item.cells[items.by_name["штук"].id])
            for item in records.page(items.id, Query(up=order.id, sorts=(Sort(MAIN),)), access=access).records
        ]
        for name, order in by_name.items()
    }
    assert found == {"A-1": [("1", "2"), ("3", "2")], "A-2": [("2", "1")], "A-3": []}
    counts = records.subtable_counts(orders.id, [by_name["A-1"].id], access=access)
    assert counts == {by_name["A-1"].id: {subtable.id: 2}}
    (told,) = (t for t in report.tables if t.name == "Позиции")
    assert told.cells == told.stored + told.blanks + told.unstored == 9


def test_the_next_file_adds_to_the_subtable(access: Access, tmp_path: Path) -> None:
    _import(_workbook(tmp_path), access)
    access = _renewed()
    orders, items = access.schema.by_name["заказы"], access.schema.by_name["позиции"]

    def revise(plan: Proposal) -> Proposal:
        owner = {"main": ROW_NUMBER, "parent": 0, "columns": {0: {"target": f"term:{orders.id}", "skip": False}}}
        return plan.with_edits({"tables": {"sheet:0": owner}})

    more = _workbook(tmp_path, items=[ITEMS[0], ("A-3", "Сахар", 5), ("A-1", "Мёд", 1)])
    report = import_file(more, access=access, accept=revise, sheet="Позиции", into=items.id)[1]
    assert report is not None
    order = next(r for r in records.page(orders.id, Query(), access=access).records if r.val == "A-3")
    assert len(records.page(items.id, Query(up=order.id), access=access).records) == 1
    assert records.count(items.id, Query(), access=access).value == 5


@pytest.mark.parametrize(
    ("items", "parent"),
    [
        pytest.param([*ITEMS, (None, "Сахар", 1)], 0, id="a row belongs to nothing"),
        pytest.param([("Заказ",), ("A-1",), ("A-1",)], 0, id="nothing is left of the sheet"),
    ],
)
def test_what_cannot_be_a_subtable_is_refused(
    access: Access, tmp_path: Path, items: list[tuple[object, ...]], parent: int
) -> None:
    with pytest.raises(BadMapping):
        _import(_workbook(tmp_path, items=items), access, parent)
    assert "позиции" not in _renewed().schema.by_name


def test_rows_do_not_belong_to_themselves(access: Access, tmp_path: Path) -> None:
    def revise(plan: Proposal) -> Proposal:
        one, other = plan.tables
        around = {
            one.key: {"parent": 0, "main": 1, "columns": {0: {"target": other.key}}},
            other.key: {"parent": 1, "columns": {1: {"target": one.key}}},
        }
        return plan.with_edits({"tables": around})

    items: list[tuple[object, ...]] = [("Заказ", "Товар", "Штук"), ("A-1", "Пермь", 2), ("A-2", "Уфа", 1)]
    with pytest.raises(BadMapping):
        import_file(_workbook(tmp_path, items=items), access=access, accept=revise)


def test_an_ambiguous_owner_stops_the_import(access: Access, tmp_path: Path) -> None:
    book = _workbook(tmp_path)
    _import(book, access)
    access = _renewed()
    orders, items = access.schema.by_name["заказы"], access.schema.by_name["позиции"]
    import_file(book, access=access, sheet="Заказы", into=orders.id)

    def revise(plan: Proposal) -> Proposal:
        owner = {"main": ROW_NUMBER, "parent": 0, "columns": {0: {"target": f"term:{orders.id}", "skip": False}}}
        return plan.with_edits({"tables": {"sheet:0": owner}})

    with pytest.raises(InvalidValue, match="Позиции"):
        import_file(book, access=_renewed(), accept=revise, sheet="Позиции", into=items.id)
    assert records.count(items.id, Query(), access=_renewed()).value == 3


def test_a_column_called_like_a_sheet_stays_a_column(access: Access, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for name, rows in (
        ("План", [("Месяц", "Сумма"), ("май", 5), ("май", 7), ("июнь", 5)]),
        ("Выпуск", [("Цех", "План"), ("Первый", 5), ("Первый", 7), ("Второй", 5)]),
    ):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    del book["Sheet"]
    book.save(tmp_path / "plan.xlsx")
    import_file(tmp_path / "plan.xlsx", access=access)
    access = _renewed()
    output = access.schema.by_name["выпуск"]
    plan = output.by_name["план"]
    assert not plan.is_subtable
    found = records.page(output.id, Query(sorts=(Sort(MAIN),)), access=access).records
    assert [r.cells[plan.id] for r in found] == ["5", "7", "5"]
