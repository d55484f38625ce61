"""Every page works as a plain page: without JavaScript, over links and forms."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qdm.models import Workspace
from qdm.query.ast import Query
from qdm.selectors import records, structure
from qdm.services import requisites
from rbac.models import User
from tests.grid.staff import SLUG, Staff


def get(client: Client, name: str, *args: Any, status: int = 200, **address: Any) -> str:
    response = client.get(reverse(f"grid:{name}", args=[SLUG, *args]), address)
    assert response.status_code == status
    return response.content.decode()


def test_a_person_who_is_not_signed_in_is_asked_to_and_comes_back(db: None) -> None:
    response = Client().get("/w/staff/")
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/w/staff/"


def test_signing_in_and_changing_the_password(db: None) -> None:
    User.objects.create_user("anna", password="first-password-7")
    client = Client()
    assert client.post("/accounts/login/", {"username": "anna", "password": "wrong"}).status_code == 200
    response = client.post("/accounts/login/", {"username": "anna", "password": "first-password-7"})
    assert response["Location"] == "/"
    response = client.post(
        "/accounts/password/",
        {"old_password": "first-password-7", "new_password1": "second-word-88", "new_password2": "second-word-88"},
    )
    assert response.status_code == 302
    client.post("/accounts/logout/")
    assert Client().login(username="anna", password="second-word-88")


def test_the_theme_is_remembered_and_a_foreign_address_is_not_followed(db: None) -> None:
    client = Client()
    response = client.post("/accounts/theme/", {"theme": "dark", "next": "https://elsewhere.example/"})
    assert response["Location"] == "/"
    assert client.cookies["theme"].value == "dark"
    assert 'data-theme="dark"' in client.get("/accounts/login/").content.decode()


def test_the_first_page_lists_what_one_may_see_and_nothing_else(owner: Client, stranger: Client) -> None:
    assert "Кадры" in owner.get("/").content.decode()
    assert "Кадры" not in stranger.get("/").content.decode()


def test_a_sheet_is_readable_and_pageable_by_links(staff: Staff, owner: Client) -> None:
    staff.add(120)
    first = get(owner, "sheet", staff.candidates)
    assert first.count("<tr><td") == 50
    assert "Кандидат 00001" in first
    assert "Кандидат 00051" not in first
    second = owner.get(f"/w/{SLUG}/t/{staff.candidates}/{_link(first, 'next')}").content.decode()
    assert "Кандидат 00051" in second
    assert "Кандидат 00050" not in second.split("sheet-config")[0]
    back = owner.get(f"/w/{SLUG}/t/{staff.candidates}/{_link(second, 'prev')}").content.decode()
    assert "Кандидат 00050" in back
    assert "Кандидат 00051" not in back


def _link(html: str, relation: str) -> str:
    found = re.search(rf'href="([^"]+)" rel="{relation}"', html)
    assert found
    return found[1].replace("&amp;", "&")


def test_headings_sort_up_then_down_then_not(staff: Staff, owner: Client) -> None:
    staff.add(3)
    salary = staff.columns["Зарплата"]
    assert f'href="?sort={salary}"' in get(owner, "sheet", staff.candidates)
    up = get(owner, "sheet", staff.candidates, sort=str(salary))
    assert f'href="?sort=-{salary}"' in up
    assert 'aria-sort="ascending"' in up
    down = get(owner, "sheet", staff.candidates, sort=f"-{salary}")
    assert down.index("Кандидат 00003") < down.index("Кандидат 00001")
    assert f'data-column="{salary}" aria-sort="descending"' in down


def test_the_quick_filter_finds_names_and_labels_of_links(staff: Staff, owner: Client) -> None:
    staff.add(6)
    assert get(owner, "sheet", staff.candidates, q="00004").count("<tr><td") == 1
    assert get(owner, "sheet", staff.candidates, q="казань").count("<tr><td") == 3
    assert "<tr><td class" not in get(owner, "sheet", staff.candidates, q="нет такого")


def test_a_bad_address_is_explained_and_does_not_give_another_answer(staff: Staff, owner: Client) -> None:
    for address in ({"sort": "x"}, {"sort": "99999999"}, {"offset": "-1"}, {"after": "rubbish"}):
        get(owner, "sheet", staff.candidates, status=400, **address)


def test_the_configuration_of_the_live_grid_is_data_and_not_script(staff: Staff, owner: Client) -> None:
    from qdm.services import records as writing
    from qdm.services.writes import Create

    hostile = "</script><script>alert(1)</script>"
    writing.write(staff.candidates, [Create({staff.candidates: hostile})], access=staff.access())
    html = get(owner, "sheet", staff.candidates)
    assert hostile not in html
    config = json.loads(re.search(r'<script id="sheet-config"[^>]*>(.*?)</script>', html, re.S)[1])  # type: ignore[index]
    assert config["window"]["rows"][0][2][0] == hostile


def test_a_workspace_is_made_renamed_and_dropped(owner: Client, staff: Staff) -> None:
    assert owner.post("/w/", {"title": "Склад", "slug": "store"}).status_code == 403
    staff.owner.is_staff = True
    staff.owner.save()
    assert owner.post("/w/", {"title": "Склад", "slug": "admin"}).status_code == 422
    assert owner.post("/w/", {"title": "Склад", "slug": "store"})["Location"] == "/w/store/"
    owner.post("/w/store/rename/", {"title": "Большой склад", "history_days": "365"})
    assert Workspace.objects.get(slug="store").history_days == 365
    assert Workspace.objects.get(slug="store").title == "Большой склад"
    assert owner.post("/w/store/delete/", {"confirm": "shop"}).status_code == 422
    assert owner.post("/w/store/delete/", {"confirm": "store"})["Location"] == "/"
    assert not Workspace.objects.filter(slug="store").exists()


def test_a_table_is_made_renamed_and_deleted(owner: Client, staff: Staff) -> None:
    response = owner.post(f"/w/{SLUG}/tables/", {"name": "Вакансии", "base": "3"})
    address = response["Location"]
    assert "Вакансии" in owner.get(address).content.decode()
    assert owner.post(f"/w/{SLUG}/tables/", {"name": "Вакансии", "base": "3"}).status_code == 422
    owner.post(f"{address}rename/", {"name": "Открытые вакансии"})
    assert "Открытые вакансии" in owner.get(f"/w/{SLUG}/").content.decode()
    owner.post(f"{address}delete/")
    assert "вакансии" not in owner.get(f"/w/{SLUG}/").content.decode()
    assert owner.get(address).status_code == 404


def test_a_column_is_added_changed_and_deleted(owner: Client, staff: Staff) -> None:
    table = f"/w/{SLUG}/t/{staff.candidates}/"
    owner.post(f"{table}columns/", {"name": "Оценка", "type": "13", "required": "on"})
    column = next(r for r in staff.access().term(staff.candidates).cells if r.name == "Оценка")
    assert column.required
    response = owner.post(f"{table}columns/{column.id}/", {"name": "Балл", "unique": "on"})
    assert response.status_code == 302
    column = staff.access().requisite(column.id)
    assert (column.name, int(column.base), column.required, column.unique) == ("Балл", 13, False, True)
    assert owner.post(f"{table}columns/", {"name": "балл", "type": "3"}).status_code == 422
    owner.post(f"{table}columns/{column.id}/delete/")
    assert f'data-column="{column.id}"' not in get(owner, "sheet", staff.candidates)


def test_a_column_may_link_to_a_table(owner: Client, staff: Staff) -> None:
    owner.post(f"/w/{SLUG}/t/{staff.candidates}/columns/", {"name": "Родом из", "type": f"link:{staff.cities}"})
    column = next(r for r in staff.access().term(staff.candidates).cells if r.name == "Родом из")
    assert column.target == staff.cities


def test_a_row_is_read_and_changed_on_its_own_page(owner: Client, staff: Staff) -> None:
    (row,) = staff.add(1)
    page = f"/w/{SLUG}/t/{staff.candidates}/r/{row}/"
    html = owner.get(page).content.decode()
    assert 'value="17.05.1990"' in html
    salary, city = staff.columns["Зарплата"], staff.columns["Город"]
    owner.post(page, {f"c{salary}": "1 234,50", f"c{city}": "Уфа"})
    record = records.get(row, access=staff.access())
    assert record.cells[salary] == "1234.50"
    assert record.cells[city].label == "Уфа"  # type: ignore[union-attr]


def test_a_refused_cell_keeps_what_was_typed_and_says_why(owner: Client, staff: Staff) -> None:
    (row,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    response = owner.post(f"/w/{SLUG}/t/{staff.candidates}/r/{row}/", {f"c{salary}": "много"})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'value="много" autocomplete="off" aria-invalid="true"' in html
    assert records.get(row, access=staff.access()).cells[salary] == "1000"


def test_a_stale_form_does_not_overwrite_what_somebody_else_changed(owner: Client, staff: Staff) -> None:
    from qdm.services import records as writing

    (row,) = staff.add(1)
    salary = staff.columns["Зарплата"]
    version = records.get(row, access=staff.access()).version
    writing.update(row, {salary: 7}, access=staff.access())
    page = f"/w/{SLUG}/t/{staff.candidates}/r/{row}/"
    assert owner.post(page, {"version": version, f"c{salary}": "8"}).status_code == 422
    assert records.get(row, access=staff.access()).cells[salary] == "7"


def test_sub_rows_stand_under_their_row_and_nowhere_else(owner: Client, staff: Staff) -> None:
    from qdm.services import records as writing
    from qdm.services.writes import Create

    one, two = staff.add(2)
    writing.write(staff.skills, [Create({staff.skills: "Python"}, up=one)], access=staff.access())
    assert "Python" in owner.get(f"/w/{SLUG}/t/{staff.candidates}/r/{one}/?tab={staff.skills_tab}").content.decode()
    assert "Python" not in owner.get(f"/w/{SLUG}/t/{staff.candidates}/r/{two}/").content.decode()


def test_a_row_is_deleted_from_its_page(owner: Client, staff: Staff) -> None:
    (row,) = staff.add(1)
    page = f"/w/{SLUG}/t/{staff.candidates}/r/{row}/"
    assert owner.post(f"{page}delete/").status_code == 302
    assert owner.get(page).status_code == 404
    assert records.page(staff.candidates, Query(), access=staff.access()).records == ()


@pytest.mark.parametrize("language", ["ru", "en"])
def test_every_page_has_its_language(owner: Client, staff: Staff, language: str) -> None:
    owner.cookies["django_language"] = language
    assert f'<html lang="{language}"' in owner.get("/").content.decode()


def test_tables_made_by_people_are_listed_and_types_of_columns_are_not(staff: Staff) -> None:
    assert [t.title for t in structure.tables(access=staff.access())] == ["Города", "Кандидаты", "Навыки"]


def test_a_deleted_or_retyped_column_leaves_nothing_that_looks_like_a_table(owner: Client, staff: Staff) -> None:
    table = f"/w/{SLUG}/t/{staff.candidates}/"
    for name in ("Рост", "Вес"):
        owner.post(f"{table}columns/", {"name": name, "type": "13"})
    columns = {r.name: r.id for r in staff.access().term(staff.candidates).cells}
    owner.post(f"{table}columns/{columns['Рост']}/delete/")
    owner.post(f"{table}columns/{columns['Вес']}/type/", {"type": "3", "seen": "3"})
    assert int(staff.access().requisite(columns["Вес"]).base) == 3
    assert [t.title for t in structure.tables(access=staff.access())] == ["Города", "Кандидаты", "Навыки"]
    requisites.restore(columns["Рост"], staff.candidates, access=staff.access())
    back = staff.access().requisite(columns["Рост"])
    assert (back.name, int(back.base)) == ("Рост", 13)
