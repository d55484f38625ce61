"""Columns are made beside another and copied with their values; each such act is one batch, undone as a whole."""

import json
from dataclasses import replace

import pytest
from django.test import Client

from qdm.access import Action
from qdm.errors import Forbidden
from qdm.query.ast import Compare, Op, Query
from qdm.record import CellValue
from qdm.selectors import records
from qdm.services import column_copies, requisites
from qdm.services import records as writing
from tests.db.projections import assert_whole
from tests.grid.staff import SLUG, Staff
from tests.grid.test_views import config, headings

pytestmark = pytest.mark.django_db


def table(staff: Staff) -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/"


def order(staff: Staff) -> list[str]:
    return [r.name for r in staff.access().term(staff.candidates).cells]


def values(staff: Staff, column: str) -> list[CellValue | None]:
    ids = {r.name: r.id for r in staff.access().term(staff.candidates).cells}
    found = records.page(staff.candidates, Query(limit=100), access=staff.access()).records
    return [record.cells.get(ids[column]) for record in found]


def undo(client: Client, staff: Staff, batch: int) -> dict[str, object]:
    response = client.post(f"{table(staff)}undo", json.dumps({"batch": batch}), content_type="application/json")
    assert response.status_code == 200, response.content
    return dict(response.json())


def acts(client: Client, staff: Staff) -> list[int]:
    return [act["batch"] for act in config(client.get(table(staff)).content.decode())["acts"]]


@pytest.mark.parametrize(
    ("side", "beside", "expected"),
    [
        ("left", "Родился", ["Телефон", "Зарплата", "Новая", "Родился"]),
        ("right", "Родился", ["Телефон", "Зарплата", "Родился", "Новая"]),
        ("right", "Кандидаты", ["Новая", "Телефон", "Зарплата"]),
    ],
)
def test_a_column_is_inserted_beside_another_and_taken_back(
    owner: Client, staff: Staff, side: str, beside: str, expected: list[str]
) -> None:
    column = staff.columns.get(beside, staff.candidates)
    assert owner.post(f"{table(staff)}columns/?{side}={column}", {"name": "Новая", "type": "3"}).status_code == 302
    assert order(staff)[: len(expected)] == expected
    assert_whole(SLUG)
    (batch,) = acts(owner, staff)
    assert acts(owner, staff) == [batch]  # a page may be fetched and not shown
    answer = undo(owner, staff, batch)
    assert answer["structure"] is True
    assert "Новая" not in order(staff)
    undo(owner, staff, int(str(answer["batch"])))
    assert order(staff)[: len(expected)] == expected


def test_whoever_has_moved_columns_sees_the_new_one_where_he_asked_for_it(owner: Client, staff: Staff) -> None:
    moved = [staff.candidates, staff.columns["Город"], staff.columns["Телефон"]]
    body = json.dumps({"view": 0, "layout": {"order": moved}})
    owner.post(f"{table(staff)}layout", body, content_type="application/json")
    owner.post(f"{table(staff)}columns/?left={staff.columns['Телефон']}", {"name": "Новая", "type": "3"})
    shown = headings(owner.get(table(staff)).content.decode())
    assert shown.index("Новая") == shown.index("Телефон") - 1
    assert shown.index("Новая") > shown.index("Город")
    owner.post(f"{table(staff)}columns/?left={staff.candidates}", {"name": "Первая", "type": "3"})
    assert headings(owner.get(table(staff)).content.decode())[0] == "Первая"
    assert owner.get(f"{table(staff)}columns/?left=999999").status_code == 404


@pytest.mark.parametrize("column", ["Зарплата", "Город", "Родился", "Переезд"])
def test_a_copy_has_the_values_and_properties_and_is_taken_back(owner: Client, staff: Staff, column: str) -> None:
    staff.add(5)
    one = staff.columns[column]
    requisites.set_modifiers(one, {"DESCRIPTION": "Зачем", "ALIGN": "right"}, access=staff.access())
    page = f"{table(staff)}columns/{one}/duplicate/"
    assert f'value="{column} (' in owner.get(page).content.decode()
    assert owner.post(page, {"name": column}).status_code == 422
    assert owner.post(page, {"name": "Копия"}).status_code == 302
    assert order(staff).index("Копия") == order(staff).index(column) + 1
    assert values(staff, "Копия") == values(staff, column)
    assert None not in values(staff, "Копия")
    copy = next(r for r in staff.access().term(staff.candidates).cells if r.name == "Копия")
    assert (copy.modifier("DESCRIPTION"), copy.modifier("ALIGN")) == ("Зачем", "right")
    assert_whole(SLUG)
    (batch,) = acts(owner, staff)
    again = undo(owner, staff, batch)
    assert "Копия" not in order(staff)
    assert len(values(staff, column)) == 5
    assert_whole(SLUG)
    undo(owner, staff, int(str(again["batch"])))
    assert values(staff, "Копия") == values(staff, column)
    assert_whole(SLUG)


def test_links_of_several_are_copied_in_their_order(owner: Client, staff: Staff) -> None:
    owner.post(f"{table(staff)}columns/", {"name": "Готов", "type": f"link:{staff.cities}", "multiple": "on"})
    column = next(r for r in staff.access().term(staff.candidates).cells if r.name == "Готов")
    given = {staff.candidates: "А", column.id: ["Уфа", "Казань", "Омск"], staff.columns["Телефон"]: str(column.id)}
    writing.create(staff.candidates, 1, given, access=staff.access())
    owner.post(f"{table(staff)}columns/{column.id}/duplicate/", {"name": "Копия"})
    assert values(staff, "Копия") == values(staff, "Готов")
    assert_whole(SLUG)


def test_who_does_not_see_every_cell_makes_no_copy(staff: Staff) -> None:
    salary = staff.columns["Зарплата"]
    some = {Action.VIEW: Compare(salary, Op.GT, 1500)}
    with pytest.raises(Forbidden):
        column_copies.duplicate(salary, "Копия", access=replace(staff.access(), fields={salary: some}))
    assert "Копия" not in order(staff)
