"""What a token may do, and that what it may not see looks exactly like what is not there."""

import json
from typing import Any

import pytest
from django.test import Client

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.selectors import structure
from rbac import grants, tokens
from rbac.models import Lock, User
from rbac.workspaces import create_workspace
from tests.api.conftest import Owner


class Program:
    """A client with a token; answers are (status, JSON)."""

    def __init__(self, token: str) -> None:
        self.headers = {"Authorization": f"Bearer {token}"}

    def __call__(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        data = "" if body is None else json.dumps(body)
        answer = Client().generic(method, f"/office/{path}", data, "application/json", headers=self.headers)
        return answer.status_code, answer.json()


@pytest.fixture
def boss(owner: Owner) -> Program:
    return Program(owner.token)


class Office:
    """Сотрудник(email, Оклад) and Склад; the clerk sees Сотрудник without Оклад."""

    def __init__(self, boss: Program) -> None:
        self.staff = boss("POST", "terms", {"val": "Сотрудник", "t": 3})[1]["id"]
        salary = boss("POST", "terms", {"val": "Оклад", "t": 13})[1]["id"]
        self.email = boss("POST", "requisites", {"id": self.staff, "t": 66})[1]["id"]
        self.salary = boss("POST", "requisites", {"id": self.staff, "t": salary})[1]["id"]
        self.store = boss("POST", "terms", {"val": "Склад", "t": 3})[1]["id"]
        self.anna = boss("POST", "objects", {"id": self.staff, "up": 1, "attrs": {"Сотрудник": "Анна", "Оклад": 100}})[
            1
        ]["id"]
        self.box = boss("POST", "objects", {"id": self.store, "up": 1, "attrs": {"Склад": "Ящик"}})[1]["id"]


@pytest.fixture
def office(boss: Program) -> Office:
    return Office(boss)


@pytest.fixture
def clerk(office: Office) -> Program:
    user = User.objects.create_user("clerk")
    access = Access.system(structure.schema("office"), "test")
    grants.grant(
        user, [Action.VIEW, Action.ADD, Action.CHANGE], grants.on_table(office.staff, access=access), access=access
    )
    grants.lock(grants.on_field(office.salary, access=access), Lock.VIEW, access=access)
    return Program(tokens.create(user))


def test_a_hidden_table_looks_missing(office: Office, clerk: Program) -> None:
    for method, path, body in (
        ("GET", "terms/{}", None),
        ("GET", "metadata/{}", None),
        ("GET", "requisites/{}", None),
        ("GET", "objects/{}", None),
        ("POST", "query/{}", {}),
        ("POST", "batch/{}", {"operations": []}),
        ("DELETE", "terms/{}", None),
        ("PATCH", "terms/{}", {"val": "x", "t": 3}),
        ("DELETE", "objects/{}", None),
    ):
        hidden = clerk(method, path.format(office.store), body)
        missing = clerk(method, path.format(999999), body)
        assert hidden[0] in (400, 404)
        assert (hidden[0], str(hidden[1]).replace(str(office.store), "N")) == (
            missing[0],
            str(missing[1]).replace("999999", "N"),
        ), path
    for body in ({"id": office.store, "up": 1, "attrs": {}}, {"id": 999999, "up": 1, "attrs": {}}):
        assert clerk("POST", "objects", body) == (400, {"detail": "Invalid type"})
    assert office.store not in [t["id"] for t in clerk("GET", "terms")[1]]
    assert office.store not in [t["id"] for t in clerk("GET", "metadata")[1]]


def test_a_hidden_object_looks_missing(office: Office, clerk: Program) -> None:
    assert clerk("GET", f"object/{office.box}") == (404, {"detail": f"Object {office.box} not found"})
    assert clerk("PATCH", f"objects/{office.box}", {"Склад": "x"}) == clerk("PATCH", "objects/999999", {"Склад": "x"})
    assert clerk("DELETE", f"objects/{office.box}") == clerk("DELETE", "objects/999999")


def test_a_hidden_column_looks_missing(office: Office, clerk: Program, boss: Program) -> None:
    assert [r["val"] for r in clerk("GET", f"requisites/{office.staff}")[1]] == ["email"]
    assert [h["name"] for h in clerk("GET", f"objects/{office.staff}")[1]["header"]] == ["email"]
    assert clerk("GET", f"object/{office.anna}")[1]["reqs"] == {}
    for hidden, missing in (("Оклад", "Премия"), (f"f{office.salary}", "f999999"), (f"t{office.salary}", "t999999")):
        for path in ("objects/{}?{}=1", "query/{}?sort={}", "query/{}?select={}", "query/{}?group={}"):
            one = clerk("GET", path.format(office.staff, hidden))
            other = clerk("GET", path.format(office.staff, missing))
            assert one[0] == 400
            assert str(one[1]).replace(hidden, "N") == str(other[1]).replace(missing, "N")
    assert clerk("GET", f"references/{office.salary}")[0] == clerk("GET", "references/999999")[0] == 404


def test_a_hidden_attribute_is_unknown_and_never_written(office: Office, clerk: Program, boss: Program) -> None:
    for name in ("Оклад", f"t{office.salary}", "Премия"):
        status, body = clerk("PATCH", f"objects/{office.anna}", {"email": "a@x", name: 5})
        assert (status, body["warning"]) == (200, f"Unknown attributes: {name}")
    assert boss("GET", f"object/{office.anna}")[1]["reqs"][str(office.salary)]["value"] == "100"
    status, body = clerk("POST", "objects", {"id": office.staff, "up": 1, "attrs": {"Сотрудник": "Б", "Оклад": 5}})
    assert (status, body["warning"]) == (200, "Unknown attributes: Оклад")
    assert str(office.salary) not in boss("GET", f"object/{body['id']}")[1]["reqs"]


def test_what_is_seen_but_not_allowed_is_forbidden(office: Office, clerk: Program) -> None:
    assert clerk("DELETE", f"objects/{office.anna}")[0] == 403
    assert clerk("POST", "terms", {"val": "Новая", "t": 3})[0] == 403
    assert clerk("POST", "requisites", {"id": office.staff, "t": 66})[0] in (403, 404)
    assert clerk("GET", f"object/{office.anna}")[0] == 200


def test_a_token_for_reading_writes_nothing(office: Office, owner: Owner, boss: Program) -> None:
    reader = Program(tokens.create(owner.user, read_only=True))
    assert reader("GET", f"object/{office.anna}")[0] == 200
    for method, path, body in (
        ("PATCH", f"objects/{office.anna}", {"email": "x"}),
        ("DELETE", f"objects/{office.anna}", None),
        ("POST", "objects", {"id": office.staff, "up": 1, "attrs": {"Сотрудник": "Б"}}),
        ("POST", "terms", {"val": "Новая", "t": 3}),
        ("PATCH", f"terms/{office.store}", {"val": "Новая", "t": 3}),
        ("DELETE", f"terms/{office.store}", None),
    ):
        assert reader(method, path, body)[0] == 403, path
    status, body = reader("POST", f"batch/{office.staff}", {"operations": [{"op": "delete", "id": office.anna}]})
    assert (status, body["errors"][0]["status"]) == (403, 403)


def test_a_token_of_another_workspace_finds_none(office: Office, owner: Owner) -> None:
    other: Workspace = create_workspace("shop", "Магазин", owner.user)
    program = Program(tokens.create(owner.user, workspace=other))
    assert program("GET", "terms") == (404, {"detail": "Table 'office' not found."})


def test_a_stranger_finds_no_workspace(office: Office) -> None:
    program = Program(tokens.create(User.objects.create_user("stranger")))
    assert program("GET", "terms") == (404, {"detail": "Table 'office' not found."})


def test_a_user_who_is_closed_out_is_out_at_the_next_call(office: Office, owner: Owner, boss: Program) -> None:
    assert boss("GET", "terms")[0] == 200
    User.objects.filter(pk=owner.user.pk).update(is_active=False)
    assert boss("GET", "terms") == (403, {"detail": "Invalid token"})
