"""Filters of a sheet: in its address, as a sentence, as a tree; values and groups counted by the database."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.utils import timezone

from qdm.access import Action
from qdm.services import columns, records
from qdm.services.column_types import Spec
from qdm.services.writes import Create
from qdm.types.base import BaseType
from rbac import grants
from rbac.models import Lock, User
from tests.grid.staff import SLUG, Staff
from tests.grid.test_live_protocol import Live
from tests.grid.test_views import address, sheet, shown_names

pytestmark = pytest.mark.django_db


@pytest.fixture
def live(owner: Client, staff: Staff) -> Live:
    return Live(owner, staff)


def names(live: Live, text: str) -> list[str]:
    answer = live.get("rows", filter=text)
    assert answer["status"] == 200, answer
    return [row[2][0][-2:] for row in answer["rows"]]


def test_a_filter_in_the_address_works_without_javascript(staff: Staff, owner: Client) -> None:
    staff.add(10)
    html = sheet(owner, staff, "?filter=" + quote("Город = Казань и Зарплата > 6 000"))
    assert shown_names(html) == ["Кандидат 00007", "Кандидат 00009"]
    page = owner.get(address("filter", staff) + "?filter=" + quote("Город = Казань")).content.decode()
    assert "Город = Казань</textarea>" in page


def test_values_are_read_as_the_user_writes_and_kept_in_canonical_text(live: Live, staff: Staff) -> None:
    salary, born = staff.columns["Зарплата"], staff.columns["Родился"]
    tree = {
        "join": "and",
        "items": [
            {"field": salary, "op": ">", "values": ["1 234,5"]},
            {"join": "or", "items": [{"field": born, "op": "<", "values": ["1.2.1999"]}]},
        ],
    }
    answer = live.post("asked", {"tree": tree})
    assert answer["filter"] == f"#{salary} > 1234.5 and #{born} < 1999-02-01"


@pytest.mark.parametrize(
    "tree",
    [
        {"field": "salary", "op": ">", "values": ["много"]},
        {"field": 1, "op": "=", "values": ["x"]},
        {"field": "salary", "op": "~", "values": ["1"]},
        {"field": "salary", "op": "=", "values": [""]},
        {"field": "salary", "op": "=", "values": [{"variable": "someone"}]},
        {"join": "xor", "items": []},
        {"field": "salary", "op": "between", "values": ["1"]},
    ],
)
def test_a_tree_that_cannot_be_asked_is_refused_with_a_reason(live: Live, staff: Staff, tree: Any) -> None:
    if tree.get("field") == "salary":
        tree = tree | {"field": staff.columns["Зарплата"]}
    answer = live.post("asked", {"tree": {"join": "and", "items": [tree]}})
    assert answer["status"] == 400
    assert answer["error"]["message"]


def test_relative_dates_mean_the_day_one_asks(live: Live, staff: Staff) -> None:
    rows = staff.add(4)
    born, today = staff.columns["Родился"], timezone.localdate()
    for row, day in zip(rows, (0, -1, -29, -30), strict=True):
        records.update(row, {born: (today + timedelta(day)).isoformat()}, access=staff.access())
    assert names(live, f"#{born} = @today") == ["01"]
    assert names(live, f"#{born} = @yesterday") == ["02"]
    assert names(live, f"#{born} = @last_30_days") == ["01", "02", "03"]
    assert names(live, f"#{born} < @last_30_days") == ["04"]
    assert names(live, f"not (#{born} = @last_30_days)") == ["04"]


def test_the_sentence_says_what_is_shown(live: Live, staff: Staff) -> None:
    staff.add(30)
    live.client.cookies["django_language"] = "en"
    city, salary, born = (staff.columns[name] for name in ("Город", "Зарплата", "Родился"))
    text = f"#{city} = Казань and (#{salary} > 20000 or #{born} = @this_month)"
    told = live.get("asked", filter=text, sort=f"-{salary}", group=city)["sentence"]
    assert told == (
        "Shown 5 of 30: Город = Казань and (Зарплата > 20,000 or Родился: this month);"
        " grouped by: Город; sorted by: Зарплата ↓"
    )
    assert live.get("asked")["sentence"] == ""


def test_a_hidden_column_cannot_be_asked_about_and_looks_like_a_typo(staff: Staff) -> None:
    staff.add(2)
    salary = staff.columns["Зарплата"]
    grants.lock(grants.on_field(salary, access=staff.access()), Lock.VIEW, access=staff.access())
    user = User.objects.create_user("reader")
    grants.grant(user, [Action.VIEW], grants.on_table(staff.candidates, access=staff.access()), access=staff.access())
    client = Client()
    client.force_login(user)
    reading = Live(client, staff)

    def answers(column: object) -> list[Any]:
        asked = [
            reading.get("rows", filter=f"#{column} > 1"),
            reading.get("asked", filter=f"#{column} > 1"),
            reading.get("rows", group=column),
            reading.get("groups", group=column),
            reading.get(f"values/{column}"),
            reading.post("asked", {"tree": {"field": column, "op": ">", "values": ["1"]}}),
        ]
        return [(one["status"], one["error"]["code"], one["error"]["message"]) for one in asked]

    assert answers(salary) == answers(999_999)
    assert {status for status, _code, _message in answers(salary)} == {400}


def test_values_of_a_column_are_counted_in_the_rows_asked_for(live: Live, staff: Staff) -> None:
    staff.add(9)
    city, salary = staff.columns["Город"], staff.columns["Зарплата"]
    found = live.get(f"values/{city}")["values"]
    assert [(one["value"]["label"], one["count"]) for one in found] == [("Казань", 5), ("Уфа", 4)]
    found = live.get(f"values/{city}", filter=f"#{salary} > 7000")["values"]
    assert sorted((one["value"]["label"], one["count"]) for one in found) == [("Казань", 1), ("Уфа", 1)]
    assert [one["value"]["label"] for one in live.get(f"values/{city}", find="уф")["values"]] == ["Уфа"]


def test_groups_are_counted_and_summed_and_each_is_a_filter(live: Live, staff: Staff) -> None:
    staff.add(9)
    city, salary, moves = staff.columns["Город"], staff.columns["Зарплата"], staff.columns["Переезд"]
    records.write(staff.candidates, [Create({staff.candidates: "Без города"})], access=staff.access())
    found = live.get("groups", group=f"{city},{moves}")["groups"]
    told = [(one["value"] and one["value"]["label"], one["count"], one["totals"].get(str(salary))) for one in found]
    assert told == [("Казань", 5, "25000"), ("Уфа", 4, "20000"), (None, 1, None)]
    inside = live.get("groups", group=moves, filter=found[0]["filter"])["groups"]
    assert [(one["value"], one["count"]) for one in inside] == [("1", 5)]
    assert names(live, inside[0]["filter"]) == ["01", "03", "05", "07", "09"]
    assert names(live, found[2]["filter"]) == ["да"]


def test_links_with_one_name_are_groups_apart(live: Live, staff: Staff) -> None:
    city = staff.columns["Город"]
    staff.add(2)
    twin = records.create(staff.cities, 1, {staff.cities: "Казань"}, access=staff.access()).id
    records.write(staff.candidates, [Create({staff.candidates: "Тёзка 77", city: twin})], access=staff.access())
    found = [one for one in live.get("groups", group=city)["groups"] if one["value"]["label"] == "Казань"]
    assert [one["count"] for one in found] == [1, 1]
    assert [names(live, one["filter"]) for one in found] == [["01"], ["77"]] or [
        names(live, one["filter"]) for one in found
    ] == [["77"], ["01"]]


def test_passwords_are_no_values_and_no_groups(live: Live, staff: Staff) -> None:
    secret = columns.create(staff.candidates, Spec("Пароль входа", BaseType.PWD), access=staff.access())
    assert live.get("groups", group=secret)["status"] == 400
    assert live.get(f"values/{secret}")["status"] == 400


def test_columns_are_chosen_and_frozen_by_a_plain_form(staff: Staff, owner: Client) -> None:
    staff.add(1)
    city, salary = staff.columns["Город"], staff.columns["Зарплата"]
    response = owner.post(address("columns-shown", staff), {"shown": [staff.candidates, city], "frozen": "1"})
    assert response.status_code == 302
    html = sheet(owner, staff)
    assert "Зарплата" not in html.split("<thead>")[1].split("</thead>")[0]
    assert owner.post(address("columns-shown", staff), {"frozen": "1"}).status_code == 422
    owner.post(address("view-reset", staff, 0))
    assert "Зарплата" in sheet(owner, staff).split("<thead>")[1]
    assert str(salary) in sheet(owner, staff)


def test_rows_are_grouped_by_a_plain_form(staff: Staff, owner: Client) -> None:
    city, moves = staff.columns["Город"], staff.columns["Переезд"]
    response = owner.post(address("grouping", staff), {"first": city, "second": moves, "third": city})
    assert response["Location"] == f"/w/{SLUG}/t/{staff.candidates}/?group={city}%2C{moves}"
