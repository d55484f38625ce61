"""History of cells, rows and tables with its filters, and rows that go back to what they held."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from qdm.access import Action
from qdm.errors import Conflict, Forbidden, InvalidReference, RequisiteNotFound
from qdm.query.changes import Asked
from qdm.record import Link
from qdm.selectors import history, reverts
from qdm.selectors import records as reading
from qdm.services import records, row_history
from qdm.services.writes import Update
from rbac import grants
from rbac.models import Lock, User
from tests.db.projections import differences
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def update(staff: Staff, row: int, by: User | None = None, **values: object) -> int:
    names = {staff.candidates if name == "val" else staff.columns[name]: value for name, value in values.items()}
    version = records.update(row, names, access=staff.access(by)).version
    assert version
    return version


def cells(staff: Staff, row: int) -> dict[str, Any]:
    record = reading.get(row, access=staff.access())
    names = {number: name for name, number in staff.columns.items()}
    return {"val": record.val} | {names[i]: value for i, value in record.cells.items()}


def test_a_row_goes_back_to_each_state_it_was_in(staff: Staff) -> None:
    (row,) = staff.add(1)
    states = []
    for values in (
        {"Зарплата": 5, "Город": "Омск"},
        {"Зарплата": None, "Телефон": "12", "val": "Иначе"},
        {"Город": None, "Переезд": False},
        {"Родился": "2001-02-03", "Город": "Уфа"},
    ):
        states.append((update(staff, row, **values), cells(staff, row)))
    for version, state in [*states, *reversed(states)]:
        row_history.restore(row, version, access=staff.access())
        assert cells(staff, row) == state
    assert differences(SLUG) == []


def test_one_cell_goes_back_and_the_others_stay(staff: Staff) -> None:
    (row,) = staff.add(1)
    first = update(staff, row, Зарплата=5, Телефон="1")
    update(staff, row, User.objects.create_superuser("boss"), Зарплата=6, Телефон="2")
    salary = str(staff.columns["Зарплата"])
    record, (back,) = reverts.of_row(row, first, salary, access=staff.access())
    assert (back.now, back.returns, back.who) == ("6", ["5"], "boss")
    row_history.restore(row, first, salary, access=staff.access(), version=record.version)
    assert (cells(staff, row)["Зарплата"], cells(staff, row)["Телефон"]) == ("5", "2")
    newest = history.of_record(row, access=staff.access())[0]
    assert (newest.note, newest.before, newest.after) == ("restore", {salary: ["6"]}, {salary: ["5"]})


def test_what_changed_after_the_look_is_not_written_over(staff: Staff) -> None:
    (row,) = staff.add(1)
    first = update(staff, row, Зарплата=5)
    seen = update(staff, row, Зарплата=6)
    update(staff, row, Зарплата=7)
    with pytest.raises(Conflict), transaction.atomic():
        row_history.restore(row, first, access=staff.access(), version=seen)
    assert cells(staff, row)["Зарплата"] == "7"


def test_a_link_to_a_row_that_is_gone_is_refused_and_nothing_is_written(staff: Staff) -> None:
    (row,) = staff.add(1)
    town = records.create(staff.cities, 1, {staff.cities: "Тула"}, access=staff.access()).id
    first = update(staff, row, Город=town, Зарплата=1)
    update(staff, row, Город="Уфа", Зарплата=2)
    assert town
    records.delete(town, access=staff.access())
    with pytest.raises(InvalidReference), transaction.atomic():
        row_history.restore(row, first, access=staff.access())
    assert cells(staff, row)["Зарплата"] == "2"


def clerk_of(staff: Staff, *actions: Action) -> User:
    clerk = User.objects.create_user("clerk")
    grants.grant(clerk, actions, grants.on_table(staff.candidates, access=staff.access()), access=staff.access())
    return clerk


def test_a_hidden_column_neither_shows_in_the_look_back_nor_goes_back(staff: Staff) -> None:
    (row,) = staff.add(1)
    first = update(staff, row, Зарплата=5, Телефон="1")
    update(staff, row, Зарплата=6, Телефон="2")
    clerk = clerk_of(staff, Action.VIEW, Action.CHANGE)
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=staff.access()), Lock.VIEW, access=staff.access())
    _record, back = reverts.of_row(row, first, access=staff.access(clerk))
    assert [one.key for one in back] == [str(staff.columns["Телефон"])]
    row_history.restore(row, first, access=staff.access(clerk))
    assert (cells(staff, row)["Зарплата"], cells(staff, row)["Телефон"]) == ("6", "1")


def test_who_may_only_read_takes_nothing_back(staff: Staff) -> None:
    (row,) = staff.add(1)
    first = update(staff, row, Зарплата=5)
    update(staff, row, Зарплата=6)
    with pytest.raises(Forbidden):
        row_history.restore(row, first, access=staff.access(clerk_of(staff, Action.VIEW)))


def test_the_history_of_a_table_is_asked_by_person_time_column_door_and_act(staff: Staff) -> None:
    one, two = staff.add(2)
    boss = User.objects.create_superuser("Boss")
    update(staff, one, Зарплата=5)
    update(staff, two, boss, Город="Омск")
    records.delete(one, access=staff.access())

    def told(**asked: Any) -> list[tuple[int, str]]:
        found = history.of_table(staff.candidates, access=staff.access(), asked=Asked(**asked))
        return [(entry.record_id, entry.kind) for entry in found]

    assert told() == [(one, "d"), (two, "u"), (one, "u"), (two, "c"), (one, "c")]
    assert told(who="bos") == told(column=str(staff.columns["Город"])) == [(two, "u")]
    assert told(column=str(staff.columns["Зарплата"])) == [(one, "u")]
    assert told(via="grid") == told() == told(since=timezone.now() - timedelta(days=1))
    assert told(via="api") == told(until=timezone.now() - timedelta(days=1)) == []
    act = history.batches(access=staff.access(boss))[1].id
    assert told(batch=act) == [(two, "u")]
    (entry,) = history.of_table(staff.candidates, access=staff.access(), asked=Asked(batch=act))
    assert entry.label == "Кандидат 00002"
    assert [link.label for link in entry.after[str(staff.columns["Город"])] if isinstance(link, Link)] == ["Омск"]  # type: ignore[attr-defined]
    with pytest.raises(RequisiteNotFound):
        told(column="999999")


def test_pages_by_key_give_every_change_once_in_the_same_number_of_queries(staff: Staff) -> None:
    ids = staff.add(7)
    for at in range(3):
        records.write(
            staff.candidates, [Update(i, {staff.columns["Зарплата"]: at}) for i in ids], access=staff.access()
        )
    whole = history.of_table(staff.candidates, access=staff.access(), limit=1000)
    assert len(whole) == 28
    found: list[history.Entry] = []
    asked, queries = Asked(), set()
    while True:
        with CaptureQueriesContext(connection) as captured:
            page = history.of_table(staff.candidates, access=staff.access(), asked=asked, limit=4)
        if not page:
            break
        queries.add(len(captured))
        found += page
        asked = Asked(before=(page[-1].version, page[-1].record_id))
    assert found == whole
    assert len(queries) == 1


def test_a_column_read_in_some_rows_only_is_told_of_in_those(staff: Staff) -> None:
    one, two = staff.add(2)
    clerk = clerk_of(staff, Action.VIEW)
    salary = staff.columns["Зарплата"]
    place = grants.on_field(salary, access=staff.access())
    grants.lock(place, Lock.VIEW, access=staff.access())
    some = grants.on_field(salary, "Город = Уфа", access=staff.access())
    grants.grant(clerk, [Action.VIEW], some, access=staff.access())
    update(staff, one, Зарплата=5)
    update(staff, two, Зарплата=6)
    found = history.of_table(staff.candidates, access=staff.access(clerk), asked=Asked(column=str(salary)))
    assert [(entry.record_id, entry.after) for entry in found] == [(two, {str(salary): ["6"]})]


def test_the_history_is_the_same_with_a_hidden_column_and_a_hidden_row_and_without(staff: Staff) -> None:
    one, two, hidden = staff.add(3)
    clerk = clerk_of(staff, Action.VIEW)
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=staff.access()), Lock.VIEW, access=staff.access())
    grants.lock(grants.on_record(hidden, access=staff.access()), Lock.VIEW, access=staff.access())
    update(staff, one, Телефон="1")
    before = history.of_table(staff.candidates, access=staff.access(clerk))
    assert {entry.record_id for entry in before} == {one, two}
    update(staff, two, Зарплата=9)
    update(staff, hidden, Телефон="2", Зарплата=3)
    records.delete(hidden, access=staff.access())
    assert history.of_table(staff.candidates, access=staff.access(clerk)) == before
    update(staff, one, Зарплата=5, Телефон="3")
    newest = history.of_table(staff.candidates, access=staff.access(clerk))[0]
    assert newest.before.keys() == newest.after.keys() == {str(staff.columns["Телефон"])}
    asked = Asked(column=str(staff.columns["Зарплата"]))
    with pytest.raises(RequisiteNotFound):
        history.of_table(staff.candidates, access=staff.access(clerk), asked=asked)
