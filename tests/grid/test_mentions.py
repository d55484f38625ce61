"""Where a row is mentioned: counted, by pages, and only where the reader may see it."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from qdm.access import Action
from qdm.record import CountKind
from qdm.selectors import back_references, labels
from qdm.services import records as writing
from qdm.services.writes import Create
from rbac import grants
from rbac.models import User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def city(staff: Staff, name: str) -> int:
    return labels.ids_of(staff.access().term(staff.cities), [name], access=staff.access())[name.casefold()][0]


def page_of(client: Client, staff: Staff, row: int, **address: str) -> str:
    response = client.get(f"/w/{SLUG}/t/{staff.cities}/r/{row}/", address)
    assert response.status_code == 200
    return response.content.decode()


def test_a_row_says_by_which_columns_it_is_mentioned_and_by_how_many_rows(owner: Client, staff: Staff) -> None:
    staff.add(5)
    html = page_of(owner, staff, city(staff, "Казань"))
    assert 'class="mentions"' in html
    assert re.search(r'Кандидаты · Город <span class="badge">3<', html)
    assert html.count('class="mention-list"') == 1
    assert [name for name in ("00001", "00003", "00005") if f"Кандидат {name}" in html] == ["00001", "00003", "00005"]
    assert "Кандидат 00002" not in html
    assert 'class="mentions"' not in page_of(owner, staff, city(staff, "Омск"))


def test_mentions_are_read_by_pages_there_and_back(owner: Client, staff: Staff) -> None:
    staff.add(50)
    row = city(staff, "Казань")
    first = page_of(owner, staff, row)
    assert "Кандидат 00039" in first
    assert "Кандидат 00041" not in first
    (after,) = re.findall(r'mentioned_after=([^"&]+)"', first)
    second = page_of(owner, staff, row, mentioned=str(staff.columns["Город"]), mentioned_after=after)
    assert "Кандидат 00041" in second
    assert "Кандидат 00039" not in second
    assert 'rel="prev"' in second
    assert 'rel="next"' not in second


def test_mentions_lead_to_the_table_with_those_rows_alone(owner: Client, staff: Staff) -> None:
    staff.add(4)
    html = page_of(owner, staff, city(staff, "Уфа"))
    (address,) = re.findall(rf'href="(/w/{SLUG}/t/{staff.candidates}/\?filter=[^"]+)"', html)
    shown = owner.get(address.replace("&amp;", "&")).content.decode().split("sheet-config")[0]
    assert "Кандидат 00002" in shown
    assert "Кандидат 00001" not in shown


def test_who_may_not_see_the_referring_rows_or_the_column_is_told_of_none(staff: Staff) -> None:
    staff.add(6)
    row, access = city(staff, "Казань"), staff.access()
    reader = User.objects.create_user("reader")
    client = Client()
    client.force_login(reader)
    grants.grant(reader, [Action.VIEW], grants.on_table(staff.cities, access=access), access=access)
    assert 'class="mentions"' not in page_of(client, staff, row)
    rich = grants.on_table(staff.candidates, "Зарплата >= 3000", access=access)
    grants.grant(reader, [Action.VIEW], rich, access=access)
    html = page_of(client, staff, row)
    assert re.search(r'Город <span class="badge">2<', html)
    assert "Кандидат 00001" not in html
    assert "Кандидат 00005" in html


def test_mentions_are_counted_in_one_statement_and_no_further_than_said(
    staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.add(20)
    access, row = staff.access(), city(staff, "Казань")
    monkeypatch.setattr(back_references, "CAP", 4)
    with CaptureQueriesContext(connection) as asked:
        (found,) = back_references.of_record(staff.cities, row, access=access)
    assert len(asked) == 1
    assert (found.count.value, found.count.kind) == (4, CountKind.CAPPED)


def test_several_values_in_one_cell_mention_each(staff: Staff, owner: Client) -> None:
    owner.post(
        f"/w/{SLUG}/t/{staff.candidates}/columns/",
        {"name": "Куда поедет", "type": f"link:{staff.cities}", "multiple": "on"},
    )
    column = next(r.id for r in staff.access().term(staff.candidates).cells if r.name == "Куда поедет")
    both = [city(staff, "Казань"), city(staff, "Омск")]
    writing.write(staff.candidates, [Create({staff.candidates: "Ян", column: both})], access=staff.access())
    for row in both:
        (found,) = back_references.of_record(staff.cities, row, access=staff.access())
        assert (found.requisite.id, found.count.value) == (column, 1)
