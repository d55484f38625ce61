"""The number of statements of a call depends on what is asked, never on how many rows or columns there are."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from integram.api.webhooks import kick
from tests.api import sample
from tests.api.conftest import Owner

CALLS: dict[str, tuple[str, str, Any]] = {
    "terms": ("GET", "terms", None),
    "metadata": ("GET", "metadata", None),
    "metadata of one": ("GET", "metadata/113", None),
    "requisites": ("GET", "requisites/113", None),
    "references": ("GET", "references/116?limit=1000", None),
    "list": ("GET", "objects/113?limit=1000", None),
    "filtered list": ("GET", "objects/113?limit=1000&Должность=Инженер", None),
    "get": ("GET", "object/124", None),
    "graphql": ("POST", "objects/graphql", {"term_id": 113, "limit": 1000}),
    "nested": (
        "POST",
        "objects/graphql",
        {"term_id": 113, "limit": 1000, "select": ["*", {"Должность": ["*"]}, {"Собеседование": ["Дата"]}]},
    ),
    "question": ("POST", "query/113", {"limit": 1000, "depth": 2, "filter": {"search": "и"}}),
    "groups": ("POST", "query/113", {"group": ["Должность"], "aggregates": ["sum(Зарплата)"]}),
    "create": ("POST", "objects", {"id": 113, "up": 1, "attrs": {"t113": "Новый", "Зарплата": 1}}),
    "patch": ("PATCH", "objects/124", {"Зарплата": 1, "email": "x@y"}),
}


def statements(owner: Owner, method: str, path: str, body: Any) -> int:
    data = "" if body is None else json.dumps(body)
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = Client().generic(
            method, f"/{owner.ws}/{path}", data, "application/json", headers={"Authorization": f"Bearer {owner.token}"}
        )
    assert answer.status_code == 200, answer.content
    return len(captured)


def grow(owner: Owner) -> None:
    """Ten times the rows, interviews of each, and ten columns more."""
    headers = {"Authorization": f"Bearer {owner.token}"}

    def post(path: str, body: Any) -> Any:
        answer = Client().post(f"/{owner.ws}/{path}", json.dumps(body), "application/json", headers=headers)
        assert answer.status_code == 200, answer.content
        return answer.json()

    for n in range(10):
        term = post("terms", {"val": f"Поле {n}", "t": 13 if n % 2 else 3})["id"]
        post("requisites", {"id": 113, "t": term})
    people = post(
        "batch/113",
        {
            "operations": [
                {
                    "op": "create",
                    "attrs": {"Кандидат": f"Новый {n}", "Должность": 122 + n % 2, "Поле 1": n, "Поле 2": "x"},
                }
                for n in range(30)
            ]
        },
    )
    meetings = [{"op": "create", "up": r["id"], "attrs": {"Собеседование": f"{r['id']}"}} for r in people["results"]]
    post("batch/119", {"operations": meetings})


@pytest.fixture(autouse=True)
def known_webhooks(monkeypatch: pytest.MonkeyPatch) -> None:
    """A process looks for webhooks every few seconds: here once, however slow the machine is."""
    kick.forget()
    monkeypatch.setattr(kick, "BELIEVED", 10_000.0)


@pytest.mark.parametrize("name", CALLS)
def test_the_number_of_statements_is_the_same_for_many_rows_and_columns(name: str, owner: Owner) -> None:
    sample.fill(owner.ws)
    statements(owner, *CALLS[name])  # whatever is read once a process
    few = statements(owner, *CALLS[name])
    grow(owner)
    statements(owner, "GET", "terms", None)
    many = statements(owner, *CALLS[name])
    assert many <= few


#: Four of each are around it: patience and its end (none where a thread keeps its connection), who comes, his grants.
#: A write has three more: BEGIN, COMMIT and, only inside the transaction of a test, the end of the batch.
EXACT = {"list": 6, "get": 6, "count": 5, "create": 9, "patch": 12}
COUNT = ("POST", "query/113", {"limit": 0, "select": [], "total": "exact"})


@pytest.mark.parametrize("name", EXACT)
def test_a_call_takes_so_many_statements(name: str, owner: Owner) -> None:
    call = (CALLS | {"count": COUNT})[name]
    sample.fill(owner.ws)
    statements(owner, *call)  # whatever is read once a process
    assert statements(owner, *call) == EXACT[name]


def test_a_batch_takes_as_many_statements_for_one_row_as_for_hundreds(owner: Owner) -> None:
    sample.fill(owner.ws)

    def batch(number: int, name: str) -> int:
        create = [
            {"op": "create", "attrs": {"Кандидат": f"{name} {n}", "Должность": "Инженер", "Зарплата": n}}
            for n in range(number)
        ]
        upsert = [
            {"op": "upsert", "key": "email", "attrs": {"Кандидат": f"{name} {n}", "email": f"{name}{n}@x"}}
            for n in range(number)
        ]
        update = [{"op": "update", "id": i, "attrs": {"Зарплата": n}} for n, i in enumerate([124, 128, 132] * number)]
        return statements(owner, "POST", "batch/113", {"operations": create + upsert + update})

    batch(1, "раз")
    assert batch(200, "много") == batch(1, "два")
