"""What taking a batch back would do is said before anything is written, each conflict by name."""

import random
import tracemalloc

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from qdm.access import Action
from qdm.errors import Conflict, NotFound
from qdm.record import Link
from qdm.selectors import history, reverts
from qdm.selectors import records as reading
from qdm.services import batches, records
from qdm.services.transaction import batch
from qdm.services.writes import Create, Delete, Update
from rbac import grants
from rbac.models import User
from tests.db.projections import differences
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def boss() -> User:
    return User.objects.create_superuser("boss")


def write(staff: Staff, *writes: object, by: User | None = None) -> int:
    done = records.write(staff.candidates, writes, access=staff.access(by)).batch  # type: ignore[arg-type]
    assert done
    return done


def test_each_conflict_says_who_changed_the_cell_when_what_it_holds_and_what_would_return(staff: Staff) -> None:
    one, two = staff.add(2)
    salary, city = staff.columns["Зарплата"], staff.columns["Город"]
    edit = write(staff, Update(one, {salary: 5, city: "Омск"}), Update(two, {salary: 6}))
    write(staff, Update(one, {city: None}), by=boss())
    found = reverts.of_batch(edit, access=staff.access())
    assert (found.changed, found.total, found.removed, found.restored) == (3, 1, 0, 0)
    (conflict,) = found.conflicts
    assert (conflict.who, conflict.record_id, conflict.key, conflict.now) == ("boss", one, str(city), None)
    assert [link.label for link in conflict.returns or () if isinstance(link, Link)] == ["Казань"]
    assert conflict.label == "Кандидат 00001"
    assert found.seen == reading.get(one, access=staff.access()).version


def test_a_row_made_and_changed_since_is_a_conflict_and_what_was_changed_back_is_none(staff: Staff) -> None:
    made = write(staff, *(Create({staff.candidates: name}) for name in "АБ"))
    ids = [r[0] for r in _records_of(made)]
    salary = staff.columns["Зарплата"]
    write(staff, Update(ids[0], {salary: 5}), Update(ids[1], {salary: 5}), by=boss())
    assert reverts.of_batch(made, access=staff.access()).total == 2
    write(staff, Update(ids[1], {salary: None}))
    found = reverts.of_batch(made, access=staff.access())
    assert (found.removed, found.total, found.conflicts[0].now, found.conflicts[0].returns) == (2, 1, "5", None)


def _records_of(batch_id: int) -> list[tuple[int]]:
    with connection.cursor() as cursor:
        cursor.execute(f"select distinct record from ws_{SLUG}.change where batch = %s order by 1", [batch_id])
        return list(cursor.fetchall())


def test_deleted_rows_are_counted_and_what_stands_in_their_way_is_said(staff: Staff) -> None:
    one, two = staff.add(2)
    sub = records.create(staff.skills, one, {staff.skills: "Python"}, access=staff.access()).id
    assert sub
    with batch(staff.access(), "first") as first:
        records.delete(sub, access=staff.access())
    edit = write(staff, Update(two, {staff.candidates: "Иначе"}))
    records.delete(one, access=staff.access())
    found = reverts.of_batch(first, access=staff.access())
    assert found.restored == 1
    assert [o for o in found.obstacles if "trash" in o or "корзин" in o]
    write(staff, Delete(two))
    gone = reverts.of_batch(edit, access=staff.access())
    assert [(c.record_id, c.key, c.label) for c in gone.conflicts] == [(two, None, "Иначе")]


def test_what_is_confirmed_is_what_was_seen(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    edit = write(staff, Update(one, {salary: 5}))
    records.update(one, {salary: 6}, access=staff.access())
    seen = reverts.of_batch(edit, access=staff.access()).seen
    records.update(one, {salary: 7}, access=staff.access())
    with pytest.raises(Conflict), transaction.atomic():
        batches.undo(edit, access=staff.access(), force=True, seen=seen)
    assert reading.get(one, access=staff.access()).cells[salary] == "7"
    seen = reverts.of_batch(edit, access=staff.access()).seen
    batches.undo(edit, access=staff.access(), force=True, seen=seen)
    assert reading.get(one, access=staff.access()).cells[salary] == "1000"


def test_an_emptied_cell_filled_since_is_a_conflict_and_holds_one_value_after(staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    edit = write(staff, Update(one, {salary: None}))
    records.update(one, {salary: 6}, access=staff.access())
    with pytest.raises(Conflict), transaction.atomic():
        batches.undo(edit, access=staff.access())
    batches.undo(edit, access=staff.access(), force=True)
    assert reading.get(one, access=staff.access()).cells[salary] == "1000"
    assert differences(SLUG) == []


@pytest.mark.parametrize("seed", range(6))
def test_a_preview_without_conflicts_is_undone_and_counts_what_comes_of_it(staff: Staff, seed: int) -> None:
    """Random edits, deletions and new rows of two people: the preview and the undoing agree."""
    chance = random.Random(seed)
    ids = staff.add(6)
    other = boss()
    columns = [staff.columns[name] for name in ("Зарплата", "Телефон", "Город")]

    def value(column: int) -> object:
        if column == staff.columns["Город"]:
            return chance.choice(["Казань", "Уфа", None])
        return chance.choice([1, 2, None])

    def act(by: User | None, count: int) -> int:
        with batch(staff.access(by), "act") as own:
            for row in chance.sample(ids, count):
                values = {c: value(c) for c in chance.sample(columns, chance.randint(1, 3))}
                if chance.random() < 0.3:
                    values[staff.candidates] = chance.choice("АБВ")
                records.update(row, values, access=staff.access(by))
            if chance.random() < 0.5:
                records.create(staff.candidates, 1, {staff.candidates: "Новый"}, access=staff.access(by))
        return own

    first = act(None, 4)
    for _ in range(chance.randint(0, 2)):
        act(other, chance.randint(1, 2))
    found = reverts.of_batch(first, access=staff.access())
    try:
        with transaction.atomic():
            done = batches.undo(first, access=staff.access())
    except Conflict:
        assert found.total > 0
        done = batches.undo(first, access=staff.access(), force=True, seen=found.seen)
    else:
        assert found.total == 0
    assert (done.changed, done.removed) == (found.changed, found.removed)
    assert differences(SLUG) == []


def test_the_preview_of_another_is_not_found(staff: Staff) -> None:
    made = write(staff, Create({staff.candidates: "А"}))
    stranger = User.objects.create_user("stranger")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(stranger, [Action.VIEW, Action.CHANGE], place, access=staff.access())
    for batch_id in (made, 10**12):
        with pytest.raises(NotFound):
            reverts.batch(batch_id, access=staff.access(stranger))


def big(staff: Staff, count: int) -> int:
    """A paste over so many rows, half of which somebody changes again."""
    with batch(staff.access(), "rows"), connection.cursor() as cursor:
        cursor.execute(
            f"insert into ws_{SLUG}.node (up, t, val) select 1, %s, 'р' || n from generate_series(1, %s) n",
            [staff.candidates, count],
        )
    column = staff.columns["Телефон"]
    with batch(staff.access(), "paste") as own, connection.cursor() as cursor:
        cursor.execute(
            f"insert into ws_{SLUG}.node (up, t, val) select id, %s, '1' from ws_{SLUG}.t_{staff.candidates}", [column]
        )
    with batch(staff.access(), "later"), connection.cursor() as cursor:
        cursor.execute(f"update ws_{SLUG}.node set val = '2' where t = %s and id %% 2 = 0", [column])
    return own


def test_neither_queries_nor_memory_grow_with_the_batch(staff: Staff) -> None:
    """Ten thousand cells ask for no more than three hundred (a hundred thousand, by hand: 0.3 MB, 2 s)."""

    def asked(count: int) -> tuple[int, int, int]:
        own = big(staff, count)
        access = staff.access()
        tracemalloc.start()
        with CaptureQueriesContext(connection) as queries:
            found = reverts.of_batch(own, access=access)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert len(found.conflicts) == min(found.total, reverts.NAMED)
        return len(queries), peak, found.total

    few, little, some = asked(300)
    many, much, most = asked(10_000)
    assert many == few
    assert most > 20 * some
    assert much < little + 1_000_000


def test_a_big_batch_is_put_back_in_pieces(staff: Staff) -> None:
    own = big(staff, 4_500)
    done = batches.undo(own, access=staff.access(), force=True)
    assert done.changed == 4_500
    assert history.batches(access=staff.access())[0].id == done.batch
    assert differences(SLUG) == []
