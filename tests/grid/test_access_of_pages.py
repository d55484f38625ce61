"""No access looks like missing, on every address; the number of queries does not depend on rows and columns."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integram.grid.urls import pages
from qdm.access import Action
from qdm.services import columns
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from rbac import grants
from rbac.models import User
from tests.grid.staff import SLUG, Staff

WRITE = json.dumps({"writes": [{"op": "delete", "id": 1}]})
MISSING_TERM, MISSING_ROW = 999_998, 999_999


def addresses(slug: str, term: int, row: int, column: int) -> dict[str, str]:
    """Every address of the pages below a workspace, filled in."""
    filled = {}
    for pattern in pages:
        route = str(pattern.pattern)
        if "<slug:slug>" in route and "job_id" not in route:
            for part, value in (("slug:slug", slug), ("int:term_id", term), ("int:record_id", row)):
                route = route.replace(f"<{part}>", str(value))
            route = route.replace("<int:column_id>", str(column)).replace("<slug:key>", "abc")
            filled[str(pattern.name)] = "/" + re.sub(r"<int:\w+>", "1", route)
    return filled


def answers(client: Client, path: str) -> list[tuple[int, Any]]:
    """Status and error of the address, as a page and as JSON, read and written."""
    json_client = {"headers": {"accept": "application/json"}}
    responses = [
        client.get(path, **json_client),
        client.post(
            path, json.dumps({"writes": [{"op": "delete", "id": 1}]}), content_type="application/json", **json_client
        ),
    ]
    return [(r.status_code, r.content) for r in responses]


def test_a_hidden_workspace_answers_as_a_missing_one(staff: Staff, stranger: Client) -> None:
    (row,) = staff.add(1)
    there = addresses(SLUG, staff.candidates, row, staff.columns["Зарплата"])
    missing = addresses("nowhere", staff.candidates, row, staff.columns["Зарплата"])
    for name in there:
        assert answers(stranger, there[name]) == answers(stranger, missing[name]), name


def test_a_hidden_table_answers_as_a_missing_one(staff: Staff) -> None:
    (row,) = staff.add(1)
    user = User.objects.create_user("reader")
    grants.grant(user, [Action.VIEW], grants.on_table(staff.cities, access=staff.access()), access=staff.access())
    client = Client()
    client.force_login(user)
    there = addresses(SLUG, staff.candidates, row, staff.columns["Зарплата"])
    missing = addresses(SLUG, MISSING_TERM, MISSING_ROW, staff.columns["Зарплата"])
    for name in there:
        if "/t/" in there[name]:
            assert answers(client, there[name]) == answers(client, missing[name]), name
    listed = client.get(f"/w/{SLUG}/").content.decode()
    assert "Города" in listed
    assert "Кандидаты" not in listed


def test_who_may_only_read_gets_no_buttons_and_no_writes(staff: Staff) -> None:
    (row,) = staff.add(1)
    user = User.objects.create_user("reader")
    grants.grant(user, [Action.VIEW], grants.on_table(staff.candidates, access=staff.access()), access=staff.access())
    client = Client()
    client.force_login(user)
    table = f"/w/{SLUG}/t/{staff.candidates}/"
    html = client.get(table).content.decode()
    for button in ("data-add", "data-delete", "columns/"):
        assert button not in html
    for path in ("rename/", "delete/", "columns/", f"columns/{staff.columns['Зарплата']}/"):
        assert client.get(table + path).status_code == 403
    write = {"op": "update", "id": row, "values": {str(staff.columns["Зарплата"]): "5"}}
    answer = client.post(f"{table}batch", json.dumps({"writes": [write]}), content_type="application/json")
    assert answer.status_code == 403 or answer.json()["results"][0]["status"] == "refused"


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert client.get(path).status_code == 200
    return len(captured)


@pytest.mark.parametrize("path", ["", "rows?count=1", "r/{row}/"])
def test_queries_do_not_grow_with_rows_and_columns(staff: Staff, owner: Client, path: str) -> None:
    row, *_rest = staff.add(3)
    table = f"/w/{SLUG}/t/{staff.candidates}/"
    path = table + path.format(row=row)
    queries(owner, path)
    few = queries(owner, path)
    staff.add(60, first=10)
    columns.create_many(
        staff.candidates,
        [Spec(f"Ещё {n}", BaseType.NUMBER) for n in range(20)] + [Spec("Второй город", target=staff.cities)],
        access=staff.access(),
    )
    queries(owner, path)
    assert queries(owner, path) == few
