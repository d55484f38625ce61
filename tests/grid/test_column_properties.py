"""Description, default, format and alignment of a column: set in its form, filled in by every door, shown in the
reader's language by page and workbook, kept out of REST."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.test import Client
from django.utils import timezone

from qdm.access import Action
from qdm.query.ast import Compare, Op, Query
from qdm.record import Link, Record
from qdm.selectors import history, records
from qdm.services import batches, requisites, upserts
from qdm.services import records as writing
from qdm.services.writes import Create, Upsert
from qdm.sheets.at_once import import_file
from qdm.sheets.export.writing import write as export
from qdm.sheets.pulse import NoPulse
from rbac import grants, tokens
from rbac.models import Lock, User
from tests.db.projections import assert_whole
from tests.grid.staff import SLUG, Staff
from tests.unit.sheets import files

pytestmark = pytest.mark.django_db


def page(staff: Staff, column: str) -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/columns/{staff.columns[column]}/"


def save(client: Client, staff: Staff, column: str, **values: Any) -> int:
    return client.post(page(staff, column), {"name": column, **values}).status_code


def set_of(staff: Staff, column: str) -> dict[str, str]:
    return {m.name: m.value for m in staff.access().requisite(staff.columns[column]).modifiers}


def named(staff: Staff, name: str) -> Record:
    question = Query(filter=Compare("val", Op.EQ, name))
    (found,) = records.page(staff.candidates, question, access=staff.access()).records
    return found


def sheet(client: Client, staff: Staff) -> str:
    return client.get(f"/w/{SLUG}/t/{staff.candidates}/").content.decode()


def test_the_form_holds_properties_against_the_type_and_all_of_it_is_one_batch(owner: Client, staff: Staff) -> None:
    good = {"description": "До вычета налога", "default": "1 000,50", "format": "#,##0.00 ₽", "align": "center"}
    assert save(owner, staff, "Зарплата", **good) == 302
    stored = {"DESCRIPTION": "До вычета налога", "DEFAULT": "1000.50", "FORMAT": "#,##0.00 ₽", "ALIGN": "center"}
    assert set_of(staff, "Зарплата") == stored
    html = owner.get(page(staff, "Зарплата")).content.decode()
    assert "До вычета налога" in html
    assert 'value="1000,50"' in html
    assert "1\u00a0234,57\u00a0₽" in html  # formats are offered as they look
    assert save(owner, staff, "Зарплата", **good | {"default": "много"}) == 422
    assert save(owner, staff, "Зарплата", **good | {"format": "yyyy"}) == 422
    assert save(owner, staff, "Город", default="Воронеж") == 422
    assert set_of(staff, "Зарплата") == stored
    batches.undo(history.batches(access=staff.access())[0].id, access=staff.access())
    assert set_of(staff, "Зарплата") == {}
    assert save(owner, staff, "Зарплата", default="0", format="0") == 302
    assert set_of(staff, "Зарплата") == {"DEFAULT": "0", "FORMAT": "0"}


def test_a_new_row_has_the_defaults_by_every_door(owner: Client, staff: Staff, tmp_path: Path) -> None:
    save(owner, staff, "Зарплата", default="500", required="on")
    save(owner, staff, "Город", default="казань")
    save(owner, staff, "Родился", default="@today")
    city, salary, born = (staff.columns[name] for name in ("Город", "Зарплата", "Родился"))

    body = {"writes": [{"op": "create", "up": None, "values": {str(staff.candidates): "Грид"}}]}
    batch = f"/w/{SLUG}/t/{staff.candidates}/batch"
    answer = owner.post(batch, json.dumps(body), content_type="application/json").json()
    assert answer["results"][0]["status"] == "ok"

    token = {"HTTP_AUTHORIZATION": f"Bearer {tokens.create(staff.owner)}"}
    given = {"id": staff.candidates, "up": 1, "attrs": {f"t{staff.candidates}": "Рест"}}
    made = Client().post(f"/{SLUG}/objects", json.dumps(given), content_type="application/json", **token)
    assert made.status_code < 300, made.content

    upserts.write(
        staff.candidates, [Upsert(staff.candidates, {staff.candidates: "Апсерт"})], access=staff.access(), note="test"
    )
    import_file(
        files.xlsx(tmp_path / "a.xlsx", Новые=[["Кандидаты", "Телефон"], ["Импорт", "1"], ["Второй", "2"]]),
        access=staff.access(),
        into=staff.candidates,
    )
    today = timezone.localdate().isoformat()
    for name in ("Грид", "Рест", "Апсерт", "Импорт", "Второй"):
        cells = named(staff, name).cells
        assert cells[salary] == "500", name
        assert cells[born] == today, name
        assert isinstance(link := cells[city], Link), name
        assert link.label == "Казань", name
    assert_whole(SLUG)


def test_what_is_said_stands_against_the_default_and_empty_is_said_too(owner: Client, staff: Staff) -> None:
    save(owner, staff, "Зарплата", default="500")
    salary = staff.columns["Зарплата"]
    for name, value in (("Один", 7), ("Два", None), ("Три", "")):
        writing.create(staff.candidates, 1, {staff.candidates: name, salary: value}, access=staff.access())
    assert [named(staff, name).cells.get(salary) for name in ("Один", "Два", "Три")] == ["7", None, None]
    requisites.set_modifiers(salary, {"NOT NULL": True}, access=staff.access())
    with pytest.raises(Exception, match="Зарплата"):
        writing.create(staff.candidates, 1, {staff.candidates: "Четыре", salary: None}, access=staff.access())


def test_the_default_of_a_column_one_may_not_see_is_filled_in_all_the_same(owner: Client, staff: Staff) -> None:
    save(owner, staff, "Зарплата", default="500", required="on")
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=staff.access()), Lock.VIEW, access=staff.access())
    clerk = User.objects.create_user("clerk")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(clerk, [Action.VIEW, Action.ADD, Action.CHANGE], place, access=staff.access())
    writing.create(staff.candidates, 1, {staff.candidates: "Новый"}, access=staff.access(clerk))
    assert named(staff, "Новый").cells == {staff.columns["Зарплата"]: "500"}


def test_a_constraint_is_held_against_the_rows_there_are(owner: Client, staff: Staff) -> None:
    salary, phone = staff.columns["Зарплата"], staff.columns["Телефон"]
    texts = [(5, "аб"), ("5.0", "АБ"), (None, "вг")]
    writing.write(
        staff.candidates,
        [Create({staff.candidates: f"Ряд {i}", salary: pay, phone: text}) for i, (pay, text) in enumerate(texts)],
        access=staff.access(),
    )

    def refused(column: str, **values: Any) -> str:
        answer = owner.post(page(staff, column), {"name": column, **values})
        assert (answer.status_code, set_of(staff, column)) == (422, {})
        return answer.content.decode()

    assert "«Ряд 2»" in refused("Зарплата", required="on", description="не остаётся")
    html = refused("Город", required="on", unique="on")
    assert all(f"«Ряд {i}»" in html for i in range(3))
    assert "«5»" in refused("Зарплата", unique="on")  # one number, however it is written
    assert save(owner, staff, "Телефон", required="on", unique="on") == 302  # texts differ by case
    assert set_of(staff, "Телефон") == {"NOT NULL": "", "UNIQUE": ""}
    writing.write(
        staff.candidates,
        [Create({staff.candidates: f"Ещё {i}", phone: str(i), staff.columns["Город"]: "Казань"}) for i in range(2)],
        access=staff.access(),
    )
    assert "«Казань»" in refused("Город", unique="on")
    assert save(owner, staff, "Город", unique="on", multiple="on") == 302  # several values are not held against others


def test_a_default_that_fits_no_more_is_none(owner: Client, staff: Staff) -> None:
    save(owner, staff, "Город", default="Омск")
    (omsk,) = records.page(staff.cities, Query(filter=Compare("val", Op.EQ, "Омск")), access=staff.access()).records
    writing.delete(omsk.id, access=staff.access())
    writing.create(staff.candidates, 1, {staff.candidates: "Новый"}, access=staff.access())
    assert named(staff, "Новый").cells == {}


def test_page_and_workbook_show_the_format_and_rest_does_not(owner: Client, staff: Staff, tmp_path: Path) -> None:
    (row,) = staff.add(1, first=1234)
    save(owner, staff, "Зарплата", format="#,##0.00 ₽", align="left", description="В месяц")
    save(owner, staff, "Родился", format="d mmmm yyyy")
    html = sheet(owner, staff)
    assert '<td class="t-number a-left">1\u00a0234\u00a0000,00\u00a0₽</td>' in html
    assert '<td class="t-date">17 мая 1990</td>' in html
    assert 'title="В месяц"' in html
    owner.cookies["django_language"] = "en"
    html = sheet(owner, staff)
    assert ">1,234,000.00\u00a0₽<" in html
    assert ">17 May 1990<" in html

    record = f"/w/{SLUG}/t/{staff.candidates}/r/{row}/"
    assert 'value="1,234,000"' in owner.get(record).content.decode()  # what is edited stands whole
    reader = User.objects.create_user("reader")
    grants.grant(reader, [Action.VIEW], grants.on_table(staff.candidates, access=staff.access()), access=staff.access())
    looking = Client()
    looking.force_login(reader)
    looking.cookies["django_language"] = "ru"
    assert "1\u00a0234\u00a0000,00\u00a0₽" in looking.get(record).content.decode()

    path = tmp_path / "out.xlsx"
    export(path, "xlsx", staff.candidates, Query(), access=staff.access(), pulse=NoPulse())
    book = openpyxl.load_workbook(path).active
    cells = {head.value: cell for head, cell in zip(book[1], book[2], strict=True)}
    assert (cells["Зарплата"].value, cells["Зарплата"].number_format) == (1_234_000, '#,##0.00" ₽"')
    assert cells["Родился"].number_format == "d mmmm yyyy"

    token = {"HTTP_AUTHORIZATION": f"Bearer {tokens.create(staff.owner)}"}
    answer = Client().get(f"/{SLUG}/object/{row}", **token).content.decode()
    assert '"1234000"' in answer
    assert "1990-05-17" in answer
