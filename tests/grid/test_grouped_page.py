"""Rows are grouped without JavaScript too: groups with counts and sums, links that open them, level by level."""

import re
from html import unescape

import pytest
from django.test import Client

from qdm.access import Action
from qdm.services import records, requisites
from qdm.services.writes import Create
from rbac import grants
from rbac.models import User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def page(client: Client, staff: Staff, query: str) -> str:
    return client.get(f"/w/{SLUG}/t/{staff.candidates}/{query}").content.decode().split('id="sheet-config"')[0]


def groups(html: str) -> list[tuple[str, str, str]]:
    """Name, count and address of each group."""
    found = re.findall(
        r'<a class="group-label" href="([^"]+)">.*?group-name">([^<]*)</span><span class="group-count">([^<]*)<', html
    )
    return [(name, count, unescape(url)) for url, name, count in found]


def names(html: str) -> list[str]:
    return re.findall(r"<td[^>]*>(Кандидат \d{5})", html)


def test_groups_stand_with_counts_and_sums_and_open_level_by_level(owner: Client, staff: Staff) -> None:
    staff.add(5)
    city, moves, salary = (staff.columns[name] for name in ("Город", "Переезд", "Зарплата"))
    requisites.set_modifiers(salary, {"FORMAT": "#,##0 ₽"}, access=staff.access())
    html = page(owner, staff, f"?group={city},{moves}")
    assert [group[:2] for group in groups(html)] == [("Город: Казань", "3"), ("Город: Уфа", "2")]
    assert names(html) == []
    assert ">9\u00a0000\u00a0₽</td>" in html  # 1000 + 3000 + 5000
    inner = page(owner, staff, groups(html)[0][2])
    assert [group[:2] for group in groups(inner)] == [("Переезд: да", "3")]
    rows = page(owner, staff, groups(inner)[0][2])
    assert groups(rows) == []
    assert names(rows) == [f"Кандидат {n:05}" for n in (1, 3, 5)]


def test_empty_values_are_a_group_and_the_filter_stays(owner: Client, staff: Staff) -> None:
    staff.add(4)
    records.write(staff.candidates, [Create({staff.candidates: "Кандидат 00009"})], access=staff.access())
    city, salary = staff.columns["Город"], staff.columns["Зарплата"]
    html = page(owner, staff, f"?group={city}&filter=%23{salary} > 2500 or %23{salary} is empty")
    found = groups(html)
    assert [(count, name.startswith("Город: (")) for name, count, _url in found] == [
        ("1", False),
        ("1", False),
        ("1", True),
    ]
    assert names(page(owner, staff, found[2][2])) == ["Кандидат 00009"]


def test_the_counts_are_of_rows_one_may_see(staff: Staff) -> None:
    staff.add(5)
    reader = User.objects.create_user("reader")
    place = grants.on_table(staff.candidates, "Зарплата > 3500", access=staff.access())
    grants.grant(reader, [Action.VIEW], place, access=staff.access())
    grants.grant(reader, [Action.VIEW], grants.on_table(staff.cities, access=staff.access()), access=staff.access())
    client = Client()
    client.force_login(reader)
    html = page(client, staff, f"?group={staff.columns['Город']}")
    assert [group[:2] for group in groups(html)] == [("Город: Казань", "1"), ("Город: Уфа", "1")]
