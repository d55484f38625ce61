"""One thing done with many rows: one batch, whole, and what stays as it was is told by name."""

import pytest

from qdm.access import Access
from qdm.errors import Conflict, InvalidRequest, InvalidValue, UnknownField, ValueRequired
from qdm.query.ast import Compare, Op, Query, Sort
from qdm.record import Link
from qdm.selectors import chosen as choosing
from qdm.selectors import history, structure
from qdm.selectors import records as reading
from qdm.selectors.chosen import Chosen
from qdm.services import batches, bulk, columns, records, requisites, tables, workspaces
from qdm.services.bulk import Deleting, Duplicating, Outcome, Setting
from qdm.services.column_types import Spec
from qdm.services.records import Create
from qdm.types.base import BaseType, Locale
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db
ALL = Chosen(Query())


class Shop:
    """Заказы(Сумма, Номер UNIQUE, Клиент, Дата, Прошлый -> Заказы), each with Строки(Цена)."""

    def __init__(self) -> None:
        workspaces.create("shop", "Магазин")
        specs = [Spec("Сумма", BaseType.NUMBER), Spec("Номер", BaseType.CHARS), Spec("Дата", BaseType.DATE)]
        self.orders = tables.create("Заказы", specs, access=self.access)
        columns.create(self.orders, Spec("Прошлый", target=self.orders), access=self.access)
        self.lines = tables.create("Строки", [Spec("Цена", BaseType.NUMBER)], parent=self.orders, access=self.access)
        term = self.access.term(self.orders)
        self.sum, self.number, self.date, self.last = (r.id for r in term.cells)
        self.price = self.access.term(self.lines).cells[0].id

    @property
    def access(self) -> Access:
        return Access.system(structure.schema("shop"), "test")

    def add(self, count: int) -> list[int]:
        writes = [Create({self.orders: f"Заказ {n:03}", self.sum: n}) for n in range(count)]
        return [r.id for r in records.write(self.orders, writes, access=self.access) if r.id]

    def do(self, chosen: Chosen, change: bulk.Change, **more: object) -> Outcome:
        return bulk.carry_out(self.orders, chosen, change, access=self.access, locale=Locale(), **more)  # type: ignore[arg-type]

    def sums(self) -> list[object]:
        found = reading.page(self.orders, Query(limit=1000), access=self.access)
        return [r.cells.get(self.sum) for r in found.records]


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Shop:
    """Three rows are a run, so that a few of them show what many do."""
    monkeypatch.setattr(bulk, "AT_ONCE", 3)
    monkeypatch.setattr(bulk, "DELETED_AT_ONCE", 3)
    monkeypatch.setattr(choosing, "RUN", 3)
    return Shop()


def test_a_value_is_set_in_all_rows_of_the_filter_and_taken_back_as_one_act(shop: Shop) -> None:
    shop.add(10)
    before = shop.sums()
    told: list[int] = []
    over_four = Chosen(Query(filter=Compare(shop.sum, Op.GT, 4)))
    outcome = shop.do(over_four, Setting(shop.sum, "1 000,5"), tell=told.append)
    assert (outcome.written, outcome.refused, sum(told)) == (5, 0, 5)
    assert shop.sums() == ["0", "1", "2", "3", "4", *["1000.5"] * 5]
    assert next(b.note for b in history.batches(access=shop.access)) == "bulk"
    assert outcome.batch is not None
    assert batches.undo(outcome.batch, access=shop.access).changed == 5
    assert shop.sums() == before
    assert_whole("shop")


def test_rows_between_two_of_them_are_those_between_whatever_is_added_before(shop: Shop) -> None:
    ids = shop.add(10)
    down = Query(sorts=(Sort(shop.sum, True),))
    chosen = Chosen(down, first=ids[7], last=ids[2])
    assert choosing.count(shop.orders, chosen, access=shop.access) == 6
    records.write(shop.orders, [Create({shop.orders: "Ещё", shop.sum: 99})], access=shop.access)
    assert list(choosing.ids(shop.orders, chosen, access=shop.access)) == ids[7:1:-1]
    assert list(choosing.ids(shop.orders, Chosen(down, ids[3], ids[3]), access=shop.access)) == [ids[3]]
    records.delete(ids[7], access=shop.access)
    with pytest.raises(Conflict):
        choosing.ids(shop.orders, chosen, access=shop.access)


def test_named_rows_are_those_that_are_there(shop: Shop) -> None:
    ids = shop.add(3)
    chosen = Chosen(Query(filter=Compare(shop.sum, Op.GT, 100)), ids=(ids[2], ids[0], 10**9))
    assert choosing.count(shop.orders, chosen, access=shop.access) == 2
    assert shop.do(chosen, Setting(shop.sum, None)).written == 2
    assert shop.sums() == [None, "1", None]
    assert Chosen.from_plain(chosen.as_plain()) == chosen


def test_what_fits_no_row_is_said_before_any_is_written(shop: Shop) -> None:
    shop.add(4)
    for value, error in (("много", InvalidValue), ("", ValueRequired)):
        column = shop.sum if value else shop.orders
        with pytest.raises(error):
            shop.do(ALL, Setting(column, value))
    with pytest.raises(UnknownField):
        shop.do(ALL, Setting(10**9, 1))
    with pytest.raises(InvalidRequest):
        shop.do(ALL, Setting(shop.sum, 1), expected=3)
    assert shop.sums() == ["0", "1", "2", "3"]


def test_rows_the_value_does_not_fit_are_told_and_the_others_written(shop: Shop) -> None:
    ids = shop.add(7)
    requisites.set_modifiers(shop.number, {"UNIQUE": "1"}, access=shop.access)
    outcome = shop.do(ALL, Setting(shop.number, "А-1"))
    assert (outcome.written, outcome.refused) == (1, 6)
    first = outcome.problems[0]
    assert (first.row, first.label) == (ids[1], "Заказ 001")
    assert first.problem
    assert_whole("shop")


def test_where_nothing_can_be_written_there_is_no_act_in_the_history(shop: Shop) -> None:
    ids = shop.add(2)
    requisites.set_modifiers(shop.number, {"UNIQUE": "1"}, access=shop.access)
    records.update(ids[0], {shop.number: "А-1"}, access=shop.access)
    acts = len(history.batches(access=shop.access))
    outcome = shop.do(Chosen(Query(), ids=(ids[1],)), Setting(shop.number, "А-1"))
    assert (outcome.batch, outcome.written, outcome.refused) == (None, 0, 1)
    assert len(history.batches(access=shop.access)) == acts


def test_rows_that_link_to_each_other_go_together_in_whatever_order(shop: Shop) -> None:
    ids = shop.add(10)
    for row, last in zip(ids[1:], ids, strict=False):  # each but the first to the one before, over the runs
        records.update(row, {shop.last: last}, access=shop.access)
    line = records.create(shop.lines, ids[0], {shop.lines: "Болт"}, access=shop.access)
    outcome = shop.do(ALL, Deleting())
    assert (outcome.written, outcome.refused, shop.sums()) == (10, 0, [])
    assert_whole("shop")
    assert outcome.batch is not None
    batches.undo(outcome.batch, access=shop.access)
    assert len(shop.sums()) == 10
    assert line.id is not None
    assert reading.get(line.id, access=shop.access).up == ids[0]
    assert reading.get(ids[9], access=shop.access).cells[shop.last] == Link(ids[8], "Заказ 008")


def test_a_row_another_refers_to_stays_and_so_does_what_it_refers_to(shop: Shop) -> None:
    ids = shop.add(4)
    records.update(ids[3], {shop.last: ids[1]}, access=shop.access)  # stays, being not chosen
    records.update(ids[1], {shop.last: ids[0]}, access=shop.access)
    outcome = shop.do(Chosen(Query(), ids=tuple(ids[:3])), Deleting())
    assert (outcome.written, {p.row for p in outcome.problems}) == (1, {ids[0], ids[1]})
    assert_whole("shop")


def test_a_copy_has_its_cells_and_its_sub_rows_but_not_what_is_unique(shop: Shop) -> None:
    ids = shop.add(5)
    requisites.set_modifiers(shop.number, {"UNIQUE": "1"}, access=shop.access)
    values = {shop.number: "А-1", shop.date: "2026-05-09", shop.last: ids[0], shop.sum: "1234,5"}
    records.update(ids[1], values, access=shop.access)
    for n in range(4):
        records.create(shop.lines, ids[1], {shop.lines: f"Болт {n}", shop.price: n}, access=shop.access)
    outcome = shop.do(Chosen(Query(), ids=tuple(ids)), Duplicating())
    assert (outcome.written, outcome.refused) == (9, 0)
    found = reading.page(shop.orders, Query(filter=Compare(shop.orders, Op.EQ, "Заказ 001")), access=shop.access)
    copy = next(r for r in found.records if r.id != ids[1])
    assert copy.cells == {shop.date: "2026-05-09", shop.last: Link(ids[0], "Заказ 000"), shop.sum: "1234.5"}
    lines = choosing.below(shop.lines, [copy.id], access=shop.access)
    assert [(line.val, line.cells[shop.price]) for line in lines] == [(f"Болт {n}", str(n)) for n in range(4)]
    assert shop.do(Chosen(Query(), ids=(ids[1],)), Duplicating(below=False)).written == 1
    assert_whole("shop")
    assert outcome.batch is not None
    assert batches.undo(outcome.batch, access=shop.access).removed == 9
