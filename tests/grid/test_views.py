"""Saved views: kept, opened by a link, within the rights of whoever opens it; without JavaScript."""

import json
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from qdm.access import Action
from qdm.models import SavedView
from qdm.services import requisites, tables
from qdm.services import trash as emptying
from rbac import grants
from rbac.models import Lock, User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def address(name: str, staff: Staff, *args: Any) -> str:
    return reverse(f"grid:{name}", args=[SLUG, staff.candidates, *args])


def sheet(client: Client, staff: Staff, query: str = "") -> str:
    response = client.get(address("sheet", staff) + query)
    assert response.status_code == 200, response.content.decode()
    return response.content.decode()


def config(html: str) -> Any:
    found = re.search(r'<script id="sheet-config" type="application/json">(.*?)</script>', html, re.DOTALL)
    assert found
    return json.loads(found[1])


def shown_names(html: str) -> list[str]:
    return re.findall(r"Кандидат \d{5}", html.split('id="sheet-config"')[0].split("<tbody>")[1])


def headings(html: str) -> list[str]:
    return re.findall(r'class="head-name"[^>]*>([^<]+)', html)


def keep(client: Client, staff: Staff, query: str, title: str, *, shared: bool = True) -> SavedView:
    response = client.post(
        f"{address('view-create', staff)}{query}", {"title": title} | ({"shared": "on"} if shared else {})
    )
    assert response.status_code == 302, response.content.decode()
    view = SavedView.objects.get(title=title)
    assert response["Location"].endswith(f"?view={view.pk}")
    return view


@pytest.fixture
def reader(staff: Staff) -> Client:
    """Sees the table and its rows and may change nothing."""
    user = User.objects.create_user("reader")
    place = grants.on_table(staff.candidates, access=staff.access())
    grants.grant(user, [Action.VIEW], place, access=staff.access())
    cities = grants.on_table(staff.cities, access=staff.access())
    grants.grant(user, [Action.VIEW], cities, access=staff.access())
    client = Client()
    client.force_login(user)
    return client


def test_a_link_to_a_view_opens_it_as_its_owner_sees_it(staff: Staff, owner: Client, reader: Client) -> None:
    staff.add(10)
    city, salary = staff.columns["Город"], staff.columns["Зарплата"]
    order = {"order": [salary, staff.candidates], "hidden": [staff.columns["Телефон"]], "widths": {str(salary): 222}}
    owner.post(address("layout", staff), json.dumps({"layout": order}), content_type="application/json")
    view = keep(owner, staff, f"?filter=%23{city} = Казань&sort=-{salary}", "Казанские")
    for client in (owner, reader):
        html = sheet(client, staff, f"?view={view.pk}")
        assert shown_names(html) == [f"Кандидат {n:05}" for n in (9, 7, 5, 3, 1)]
        assert headings(html)[0] == "Зарплата"
        assert "Телефон" not in headings(html)
        assert '<col width="222">' in html
        assert "Казанские" in html


def test_the_address_says_something_else_than_the_view_and_the_view_stays(staff: Staff, owner: Client) -> None:
    staff.add(4)
    view = keep(owner, staff, f"?sort=-{staff.columns['Зарплата']}&q=0000", "Обратно")
    assert shown_names(sheet(owner, staff, f"?view={view.pk}"))[0] == "Кандидат 00004"
    assert shown_names(sheet(owner, staff, f"?view={view.pk}&sort="))[0] == "Кандидат 00001"
    assert shown_names(sheet(owner, staff, f"?view={view.pk}&q=00002")) == ["Кандидат 00002"]
    changed = sheet(owner, staff, f"?view={view.pk}&q=00003")
    assert "data-view-save" in changed
    assert re.search(r"view-save/?[^>]*hidden", changed) is None
    response = owner.post(f"{address('view-save', staff, view.pk)}?view={view.pk}&q=00003")
    assert response.status_code == 302
    assert shown_names(sheet(owner, staff, f"?view={view.pk}")) == ["Кандидат 00003"]


def test_own_views_are_seen_by_their_owner_only(staff: Staff, owner: Client, reader: Client) -> None:
    view = keep(reader, staff, "?q=x", "Только моё", shared=False)
    assert "Только моё" in sheet(reader, staff)
    assert "Только моё" not in sheet(owner, staff)
    hidden = owner.get(address("sheet", staff) + f"?view={view.pk}")
    missing = owner.get(address("sheet", staff) + "?view=999999")
    assert (hidden.status_code, missing.status_code) == (404, 404)
    for name in ("view", "view-delete"):
        assert owner.post(address(name, staff, view.pk), {"title": "Другое"}).status_code == 404
    assert reader.post(address("view-delete", staff, view.pk)).status_code == 302


def test_a_shared_view_is_changed_by_who_manages_the_table_only(staff: Staff, owner: Client, reader: Client) -> None:
    view = keep(owner, staff, "?q=1", "Общий")
    assert reader.post(address("view", staff, view.pk), {"title": "Мой"}).status_code == 403
    assert reader.post(address("view-save", staff, view.pk) + f"?view={view.pk}&q=2").status_code == 403
    assert reader.post(address("view-delete", staff, view.pk)).status_code == 403
    assert reader.post(address("view-first", staff, view.pk)).status_code == 403
    made = reader.post(address("view-create", staff), {"title": "Всем", "shared": "on"})
    assert made.status_code == 302
    assert SavedView.objects.get(title="Всем").shared is False, "the box is not there for him"
    assert owner.post(address("view", staff, view.pk), {"title": "Новое", "shared": "on"}).status_code == 302
    assert SavedView.objects.get(pk=view.pk).title == "Новое"


def test_the_table_opens_with_the_view_shown_first_and_all_rows_are_one_click_away(
    staff: Staff, owner: Client, reader: Client
) -> None:
    staff.add(3)
    view = keep(owner, staff, "?q=00002", "Первый")
    own = keep(reader, staff, "?q=00003", "Свой первый", shared=False)
    owner.post(address("view-first", staff, view.pk))
    assert shown_names(sheet(owner, staff)) == ["Кандидат 00002"]
    assert shown_names(sheet(reader, staff)) == ["Кандидат 00002"]
    assert len(shown_names(sheet(reader, staff, "?view=0"))) == 3
    reader.post(address("view-first", staff, own.pk))
    assert shown_names(sheet(reader, staff)) == ["Кандидат 00003"]
    assert shown_names(sheet(owner, staff)) == ["Кандидат 00002"]
    owner.post(address("view-first", staff, 0))
    assert len(shown_names(sheet(owner, staff))) == 3


def test_a_deleted_view_goes_to_the_trash_and_comes_back(staff: Staff, owner: Client) -> None:
    view = keep(owner, staff, "?q=1", "Вернётся")
    owner.post(address("view-delete", staff, view.pk))
    assert "Вернётся" not in sheet(owner, staff)
    assert owner.get(address("sheet", staff) + f"?view={view.pk}").status_code == 404
    assert "Вернётся" in owner.get(address("views-trash", staff)).content.decode()
    keep(owner, staff, "", "вернётся")
    assert owner.post(address("views-trash", staff), {"view": view.pk}).status_code == 302
    assert SavedView.objects.get(pk=view.pk).title == "Вернётся (2)"


def test_views_share_the_fate_of_their_table(staff: Staff, owner: Client) -> None:
    view = keep(owner, staff, "?q=1", "Со мной")
    tables.delete(staff.candidates, access=staff.access())
    assert owner.get(address("sheet", staff) + f"?view={view.pk}").status_code == 404
    assert SavedView.objects.filter(pk=view.pk).exists()
    from django.utils import timezone

    emptying.empty(timezone.now(), access=staff.access())
    assert not SavedView.objects.filter(pk=view.pk).exists()


def test_what_a_reader_may_not_see_is_dropped_from_a_view_without_a_word(
    staff: Staff, owner: Client, reader: Client
) -> None:
    staff.add(10)
    salary, city = staff.columns["Зарплата"], staff.columns["Город"]
    view = keep(
        owner,
        staff,
        f"?filter=%23{salary} > 7777 and %23{city} = Казань&sort=-{salary}&group={salary}",
        "Дорогие",
    )
    layout = {"order": [salary], "widths": {str(salary): 321}}
    owner.post(
        address("layout", staff), json.dumps({"view": view.pk, "layout": layout}), content_type="application/json"
    )
    owner.post(address("view-save", staff, view.pk) + f"?view={view.pk}")
    grants.lock(grants.on_field(salary, access=staff.access()), Lock.VIEW, access=staff.access())
    seen = sheet(reader, staff, f"?view={view.pk}")
    assert shown_names(seen) == [f"Кандидат {n:05}" for n in (1, 3, 5, 7, 9)], "only what he may ask is asked"
    for trace in (str(salary), "7777", "Зарплата", "321"):
        assert trace not in re.sub(r'csrf\w+" (?:value|content)="\w+"|"seal": "[^"]*"', "", seen), trace
    assert "Зарплата: 9000" in sheet(owner, staff, f"?view={view.pk}")
    assert shown_names(sheet(owner, staff, f"?view={view.pk}&group=")) == ["Кандидат 00009"]
    requisites.delete(salary, access=staff.access())
    gone = sheet(reader, staff, f"?view={view.pk}")
    assert (shown_names(gone), headings(gone)) == (shown_names(seen), headings(seen)), "as if it had never been there"


def test_a_view_whose_column_is_gone_or_changed_its_type_still_opens(staff: Staff, owner: Client) -> None:
    staff.add(2)
    phone, salary = staff.columns["Телефон"], staff.columns["Зарплата"]
    view = keep(owner, staff, f"?filter=%23{phone} is empty and %23{salary} > 1500&sort={phone}", "Старый")
    requisites.delete(phone, access=staff.access())
    assert shown_names(sheet(owner, staff, f"?view={view.pk}")) == ["Кандидат 00002"]


def test_me_in_a_view_means_whoever_opens_it(staff: Staff, owner: Client, reader: Client) -> None:
    rows = staff.add(2)
    from qdm.services import records

    phone = staff.columns["Телефон"]
    records.update(rows[0], {phone: "owner"}, access=staff.access())
    records.update(rows[1], {phone: "reader"}, access=staff.access())
    view = keep(owner, staff, f"?filter=%23{phone} = @me", "Мои строки")
    assert shown_names(sheet(owner, staff, f"?view={view.pk}")) == ["Кандидат 00001"]
    assert shown_names(sheet(reader, staff, f"?view={view.pk}")) == ["Кандидат 00002"]


def test_titles_are_not_empty_and_do_not_repeat(staff: Staff, owner: Client) -> None:
    keep(owner, staff, "", "Один")
    for title in ("один", " ", "x" * 101):
        response = owner.post(address("view-create", staff), {"title": title, "shared": "on"})
        assert response.status_code == 422, title
