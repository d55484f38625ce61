"""What the live grid asks for: windows of rows, batches, options of a link, layout of columns."""

import json
from typing import Any

import pytest
from django.test import Client

from integram.grid import sheet_page
from qdm.selectors import records
from tests.grid.staff import SLUG, Staff


class Live:
    """The requests of the live grid of the candidates."""

    def __init__(self, client: Client, staff: Staff) -> None:
        self.client = client
        self.base = f"/w/{SLUG}/t/{staff.candidates}/"

    def get(self, path: str, **address: Any) -> Any:
        response = self.client.get(self.base + path, address, headers={"accept": "application/json"})
        return response.json() | {"status": response.status_code}

    def post(self, path: str, body: Any) -> Any:
        response = self.client.post(
            self.base + path, json.dumps(body), content_type="application/json", headers={"accept": "application/json"}
        )
        return (response.json() if response.content else {}) | {"status": response.status_code}

    def write(self, *writes: dict[str, Any]) -> Any:
        return self.post("batch", {"writes": list(writes)})


@pytest.fixture
def live(owner: Client, staff: Staff) -> Live:
    return Live(owner, staff)


def test_a_window_gives_rows_in_the_order_asked_for(live: Live, staff: Staff) -> None:
    staff.add(30)
    window = live.get("rows", offset=10, limit=5, sort=f"-{staff.columns['Зарплата']}", count=1)
    assert [row[2][0] for row in window["rows"]] == [f"Кандидат {n:05}" for n in (20, 19, 18, 17, 16)]
    assert (window["total"], window["kind"], window["offset"]) == (30, "exact", 10)


def test_many_rows_are_counted_quickly_first_and_exactly_when_asked(
    live: Live, staff: Staff, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff.add(30)
    assert live.get("rows", limit=1, count=1)["kind"] == "exact"
    monkeypatch.setattr(sheet_page, "COUNTED_AT_ONCE", 12)
    quick = live.get("rows", limit=1, count=1)
    assert quick["kind"] == "estimated"
    assert quick["total"] > 12
    exact = live.get("rows", count="exact", filter=f"#{staff.columns['Зарплата']} > 5000")
    assert (exact["total"], exact["kind"], "rows" in exact) == (25, "exact", False)
    page = live.client.get(live.base).content.decode()
    assert 'aria-rowcount="-1"' in page
    assert f"≈ {quick['total']}" in page


def test_cells_come_in_canonical_text_and_links_with_their_label(live: Live, staff: Staff) -> None:
    staff.add(1)
    (row,) = live.get("rows")["rows"]
    name, phone, salary, born, moves, note, city = row[2]
    assert (name, phone, salary, born, moves, note) == ("Кандидат 00001", None, "1000", "1990-05-17", "1", None)
    assert city["label"] == "Казань"


def test_a_batch_creates_updates_and_deletes_and_answers_each(live: Live, staff: Staff) -> None:
    one, two, three = staff.add(3)
    salary, city = staff.columns["Зарплата"], staff.columns["Город"]
    answer = live.write(
        {"op": "update", "id": one, "values": {str(salary): "2 500,5"}},
        {"op": "create", "values": {str(staff.candidates): "Новый", str(city): "Омск"}},
        {"op": "delete", "id": three},
        {"op": "update", "id": two, "values": {str(salary): "много"}},
    )
    assert [r["status"] for r in answer["results"]] == ["ok", "ok", "ok", "refused"]
    assert answer["results"][0]["row"][2][2] == "2500.5"
    assert answer["results"][1]["row"][2][6]["label"] == "Омск"
    assert "много" in answer["results"][3]["fields"][str(salary)]
    assert records.get(two, access=staff.access()).cells[salary] == "2000"


def test_a_change_over_another_one_is_a_conflict_and_shows_the_row_as_it_is(live: Live, staff: Staff) -> None:
    (one,) = staff.add(1)
    salary = str(staff.columns["Зарплата"])
    version = records.get(one, access=staff.access()).version
    live.write({"op": "update", "id": one, "version": version, "values": {salary: "1"}})
    (result,) = live.write({"op": "update", "id": one, "version": version, "values": {salary: "2"}})["results"]
    assert result["status"] == "conflict"
    assert result["row"][2][2] == "1"


@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        {"writes": []},
        {"writes": [{}]},
        {"writes": [{"op": "update", "id": "x", "values": {}}]},
        {"writes": [{"op": "update", "id": 1, "values": {"Зарплата": 1}}]},
        {"writes": [{"op": "update", "id": 2**70, "values": {}}]},
        {"writes": [{"op": "drop", "id": 1}]},
    ],
)
def test_a_batch_that_is_none_is_refused_as_a_whole(live: Live, body: Any) -> None:
    answer = live.post("batch", body)
    assert (answer["status"], answer["error"]["code"]) == (400, "invalid_request")


def test_a_batch_too_large_is_refused(live: Live) -> None:
    assert live.write(*({"op": "delete", "id": n} for n in range(1, 1002)))["status"] == 413


def test_options_of_a_link_are_searched_on_the_server(live: Live, staff: Staff) -> None:
    city = staff.columns["Город"]
    assert [o["label"] for o in live.get(f"options/{city}")["options"]] == ["Казань", "Омск", "Уфа"]
    assert [o["label"] for o in live.get(f"options/{city}", q="ка")["options"]] == ["Казань"]
    assert live.get(f"options/{staff.columns['Зарплата']}")["status"] == 400


def test_the_width_of_a_column_is_remembered(live: Live, staff: Staff) -> None:
    salary = staff.columns["Зарплата"]
    assert live.post("layout", {"layout": {"widths": {str(salary): 333, "1": 99999}}})["status"] == 204
    assert '<col width="333">' in live.client.get(live.base).content.decode()


def test_signed_out_in_the_middle_of_work_is_said_in_the_form_the_grid_reads(live: Live) -> None:
    live.client.logout()
    answer = live.get("rows")
    assert (answer["status"], answer["error"]["code"]) == (401, "signed_out")
