"""What is told below the columns of a sheet: over all rows of the question, within the rights of who asks."""

import json

import pytest
from django.test import Client

from qdm.access import Action
from qdm.services import records
from qdm.services.writes import Update
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def totals(client: Client, staff: Staff, of: str, **address: str) -> dict[str, str | None]:
    answer = client.get(f"/w/{SLUG}/t/{staff.candidates}/totals", {"of": of, **address})
    assert answer.status_code == 200, answer.content
    found: dict[str, str | None] = answer.json()["totals"]
    return found


def test_totals_are_of_the_whole_filter_and_what_a_column_does_not_know_is_left_out(
    staff: Staff, owner: Client
) -> None:
    staff.add(120)  # more than a page
    salary, city, born, moves = (str(staff.columns[name]) for name in ("Зарплата", "Город", "Родился", "Переезд"))
    of = f"{salary}:sum,{city}:distinct,{born}:max,{moves}:count,{staff.candidates}:count"
    assert totals(owner, staff, of) == {
        salary: str(sum(range(1, 121)) * 1000),
        city: "2",
        born: "1990-05-17",
        moves: "120",
        str(staff.candidates): "120",
    }
    assert totals(owner, staff, f"{salary}:avg,{city}:distinct", filter=f"#{salary} <= 3000") == {
        salary: "2000.0000000000000000",
        city: "2",
    }
    assert totals(owner, staff, f"{city}:sum,{salary}:median,nothing,999999:sum,:") == {}


def test_a_hidden_column_tells_nothing_and_one_seen_in_part_of_the_rows_counts_those(staff: Staff) -> None:
    first, second, _third = staff.add(3)
    salary, phone = staff.columns["Зарплата"], staff.columns["Телефон"]
    writes = [Update(row, {phone: text}) for row, text in ((first, "1"), (second, "2"))]
    records.write(staff.candidates, writes, access=staff.access())
    user = User.objects.create_user("reader")
    access = staff.access()
    grants.grant(user, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    grants.grant(user, [Action.VIEW], grants.on_table(staff.cities, access=access), access=access)
    grants.lock(grants.on_field(phone, access=access), Lock.VIEW, access=access)
    client = Client()
    client.force_login(user)
    of = f"{phone}:count,{salary}:sum"
    assert totals(client, staff, of) == {str(salary): "6000"}
    assert totals(client, staff, f"{phone}:count") == {}
    config = client.get(f"/w/{SLUG}/t/{staff.candidates}/").content.decode()
    assert "Телефон" not in config
    rule = "Кандидаты = Кандидат 00002"
    grants.grant(user, [Action.VIEW], grants.on_field(phone, rule, access=access), access=access)
    assert totals(client, staff, of) == {str(phone): "1", str(salary): "6000"}
    assert totals(client, staff, f"{phone}:distinct") == {str(phone): "1"}


def test_a_layout_keeps_totals_and_refuses_what_is_none(staff: Staff, owner: Client) -> None:
    table = f"/w/{SLUG}/t/{staff.candidates}/"
    salary = staff.columns["Зарплата"]

    def keep(totals: object) -> int:
        body = json.dumps({"view": 0, "layout": {"totals": totals}})
        return owner.post(f"{table}layout", body, content_type="application/json").status_code

    assert keep({str(salary): "sum", "999999": "count"}) == 204
    page = owner.get(table).content.decode()
    assert f'"totals": {{"{salary}": "sum"}}' in page
    assert keep({str(salary): "median"}) == 400
    assert keep([salary]) == 400
