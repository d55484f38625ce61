"""One act is one batch, and is taken back whole or not at all."""

import pytest
from django.db import connection

from qdm.access import Access, Actor
from qdm.errors import Conflict, HasDependents, NotFound, RecordNotFound
from qdm.query.ast import Query
from qdm.record import Bad, Link
from qdm.selectors import history, structure
from qdm.selectors import records as reading
from qdm.services import batches, columns, records, requisites, tables, workspaces
from qdm.services.column_types import Spec
from qdm.services.records import Create, Delete, Update
from qdm.services.transaction import batch
from qdm.types.base import BaseType
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def workspace() -> None:
    workspaces.create("firm", "Фирма")


def access() -> Access:
    return Access.system(structure.schema("firm"), "test")


def shops() -> tuple[int, int]:
    term_id = tables.create("Магазины", [Spec("Оборот", BaseType.NUMBER)], access=access())
    return term_id, structure.schema("firm").terms[term_id].requisites[0].id


def names(term_id: int) -> list[str]:
    return [r.val for r in reading.page(term_id, Query(), access=access()).records]


def add(term_id: int, *rows: str) -> tuple[int, list[int]]:
    results = records.write(term_id, [Create({term_id: row}) for row in rows], access=access())
    assert results.batch
    return results.batch, [r.id for r in results if r.id]


def test_created_rows_go_and_come_back_as_they_were() -> None:
    term_id, turnover = shops()
    add(term_id, "Старый")
    made, ids = add(term_id, "А", "Б")
    records.update(ids[0], {turnover: 5}, access=access())
    with pytest.raises(Conflict):
        batches.undo(made, access=access())
    undone = batches.undo(made, access=access(), force=True)
    assert (undone.removed, names(term_id)) == (2, ["Старый"])
    assert_whole("firm")
    again = batches.undo(undone.batch, access=access())
    assert (again.restored, names(term_id)) == (2, ["А", "Б", "Старый"])
    assert reading.get(ids[0], access=access()).cells == {turnover: "5"}
    with pytest.raises(Conflict):
        batches.undo(undone.batch, access=access())
    assert_whole("firm")


def test_edited_cells_hold_what_they_held() -> None:
    term_id, turnover = shops()
    _made, (one, two) = add(term_id, "А", "Б")
    records.update(one, {turnover: 1}, access=access())
    edit = records.write(
        term_id, [Update(one, {turnover: 2, term_id: "А2"}), Update(two, {turnover: 3})], access=access()
    )
    assert edit.batch
    assert batches.undo(edit.batch, access=access()).changed == 3
    assert names(term_id) == ["А", "Б"]
    assert [reading.get(i, access=access()).cells for i in (one, two)] == [{turnover: "1"}, {}]
    assert_whole("firm")


def test_a_later_edit_of_the_same_cell_is_a_conflict_and_nothing_is_undone() -> None:
    term_id, turnover = shops()
    _made, (one, two) = add(term_id, "А", "Б")
    edit = records.write(term_id, [Update(one, {turnover: 2}), Update(two, {turnover: 3})], access=access())
    assert edit.batch
    records.update(two, {turnover: 4}, access=access())
    with pytest.raises(Conflict):
        batches.undo(edit.batch, access=access())
    assert [reading.get(i, access=access()).cells for i in (one, two)] == [{turnover: "2"}, {turnover: "4"}]


def test_a_deleted_row_comes_back_with_its_sub_rows_and_links() -> None:
    term_id, _turnover = shops()
    line = tables.create("Смены", [Spec("Часы", BaseType.NUMBER)], parent=term_id, access=access())
    _made, (one,) = add(term_id, "А")
    shift = records.create(line, one, {line: "ночь"}, access=access()).id
    assert shift
    gone = records.write(term_id, [records.Delete(one)], access=access())
    assert gone.batch
    with pytest.raises(RecordNotFound):
        reading.get(shift, access=access())
    assert batches.undo(gone.batch, access=access()).restored == 2
    assert reading.get(shift, access=access()).up == one
    assert_whole("firm")


def test_rows_that_others_link_to_stay() -> None:
    term_id, _turnover = shops()
    made, (one,) = add(term_id, "А")
    order = tables.create("Заказы", [Spec("Магазин", target=term_id)], access=access())
    link = structure.schema("firm").terms[order].requisites[0].id
    row = records.create(order, 1, {order: "1", link: one}, access=access()).id
    assert row
    with pytest.raises(HasDependents):
        batches.undo(made, access=access())
    assert reading.get(row, access=access()).cells == {link: Link(one, "А")}


def test_a_whole_table_made_in_one_act_goes_with_its_columns_and_rows() -> None:
    with batch(access(), "import") as made:
        term_id, _turnover = shops()
        add(term_id, "А", "Б")
        order = tables.create("Заказы", [Spec("Магазин", target=term_id)], access=access())
    before = set(structure.schema("firm").terms)
    batches.undo(made, access=access())
    after = set(structure.schema("firm").terms)
    assert {term_id, order} <= before - after
    assert structure.tables(access=access()) == []
    assert structure.schema("firm").by_name.get("оборот") is None
    assert_whole("firm")
    assert shops()[0] != term_id  # the name is free again


def test_a_type_change_is_taken_back() -> None:
    term_id = tables.create("Лист", [Spec("Сумма", BaseType.CHARS)], access=access())
    column = structure.schema("firm").terms[term_id].requisites[0].id
    row = records.create(term_id, 1, {term_id: "a", column: "много"}, access=access()).id
    assert row
    columns.change_type(column, base=BaseType.NUMBER, access=access())
    assert reading.get(row, access=access()).cells == {column: Bad("много")}
    batches.undo(history.batches(access=access())[0].id, access=access())
    assert reading.get(row, access=access()).cells == {column: "много"}
    requisites.delete(column, access=access())
    batches.undo(history.batches(access=access())[0].id, access=access())
    assert reading.get(row, access=access()).cells == {column: "много"}
    assert_whole("firm")


def test_somebody_elses_batch_is_not_found() -> None:
    term_id, _turnover = shops()
    made, _ids = add(term_id, "А")
    other = Access(Actor(77, "other"), structure.schema("firm"))
    with pytest.raises(NotFound):
        batches.undo(made, access=other)
    with pytest.raises(NotFound):
        batches.undo(10**12, access=other)
    assert history.batches(access=other) == []


def test_history_tells_who_by_which_door_what_before_and_after() -> None:
    term_id, turnover = shops()
    owner = Access(Actor(5, "anna"), structure.schema("firm"), frozenset(access().everywhere), via="grid")
    one = records.create(term_id, 1, {term_id: "А", turnover: 1}, access=owner).id
    assert one
    records.update(one, {turnover: "2"}, access=owner)
    update, create = history.of_record(one, access=owner)
    assert (update.kind, update.actor_name, update.via) == ("u", "anna", "grid")
    assert (update.before, update.after) == ({str(turnover): ["1"]}, {str(turnover): ["2"]})
    assert create.kind == "c"


def test_plain_sql_leaves_its_trace() -> None:
    term_id, turnover = shops()
    _made, (one,) = add(term_id, "А")
    with connection.cursor() as cursor:
        cursor.execute("insert into ws_firm.node (up, t, val) values (%s, %s, '9')", [one, turnover])
    entry = history.of_record(one, access=access())[0]
    assert (entry.via, entry.after) == ("sql", {str(turnover): ["9"]})


def test_rows_that_an_undo_brought_back_go_again_unless_somebody_has_changed_them() -> None:
    term_id, turnover = shops()
    _made, ids = add(term_id, "А", "Б")
    deleted = records.write(term_id, [Delete(i) for i in ids], access=access()).batch
    assert deleted
    back = batches.undo(deleted, access=access())
    again = batches.undo(back.batch, access=access())
    assert (again.removed, names(term_id)) == (2, [])
    assert_whole("firm")
    third = batches.undo(again.batch, access=access())
    records.update(ids[0], {turnover: 5}, access=access())
    with pytest.raises(Conflict):
        batches.undo(third.batch, access=access())
    assert names(term_id) == ["А", "Б"]
