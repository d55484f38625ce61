"""One shape, one table of codes, on every route."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from integram.api import door
from qdm.errors import QdmError
from tests.api import sample
from tests.api.conftest import Owner
from tests.api.test_openapi import routes

TABLE = Path(__file__).resolve().parents[2] / "docs" / "errors.md"
ROUTES = sorted(routes())
#: Calls that take JSON: not a ping, nor a workbook sent to an upload form or to be filled in.
WITH_BODY = [
    (path, method)
    for path, method in ROUTES
    if method in ("post", "patch") and "ping" not in path and not path.endswith(("/files", "/export"))
]
METHODS = ("get", "head", "post", "put", "patch", "delete", "options")
HUGE = 99999999999999999999


def documented() -> dict[str, set[int]]:
    found: dict[str, set[int]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 3 and cells[0][:1].isdigit():
            for code in re.findall(r"`(\w+)`", cells[1]):
                found.setdefault(code, set()).update(int(status) for status in cells[0].split(","))
    return found


def errors(base: type[QdmError] = QdmError) -> list[type[QdmError]]:
    return [base, *(error for child in base.__subclasses__() for error in errors(child))]


def test_the_table_has_every_error_with_its_status_and_no_other() -> None:
    ours = [
        e
        for e in errors()
        if e.__module__.split(".")[0] in ("qdm", "rbac")
        or ".api" in e.__module__
        or e.__module__ in ("integram.outbound", "integram.repeats.idempotency")
    ]
    met = [e for e in ours if ".sheets." not in e.__module__]  # those of imports are met on pages only
    wrong = [f"{e.__name__}: {e.code} {e.status}" for e in met if e.status not in documented().get(e.code, ())]
    assert wrong == []
    assert set(documented()) - {e.code for e in ours} == set()


class Program:
    def __init__(self, owner: Owner) -> None:
        self.ws = owner.ws
        self.headers = {"Authorization": f"Bearer {owner.token}"}

    def __call__(self, method: str, path: str, raw: str = "", **headers: str) -> Any:
        return Client().generic(method.upper(), path, raw, "application/json", headers={**self.headers, **headers})


@pytest.fixture
def program(owner: Owner) -> Program:
    sample.fill(owner.ws)
    return Program(owner)


def at(path: str, ws: str = "office", id: object = 113) -> str:
    return re.sub(r"\{\w+\}", str(id), path.replace("{db}", ws))


def has_shape(answer: Any, status: int, code: str) -> None:
    asked = answer.wsgi_request.method, answer.wsgi_request.path[:200]
    assert (answer.status_code, answer.headers.get("X-Integram-Error")) == (status, code), (asked, answer.content)
    assert answer.headers["Content-Type"] == "application/json"
    assert status in documented()[code]
    detail = answer.json()["detail"]
    if code == "validation_error":
        assert detail
        assert all(item.keys() == {"loc", "msg", "type"} and item["msg"] for item in detail)
    else:
        assert isinstance(detail, str)
        assert detail


def test_a_caller_without_a_right_token_gets_no_further(program: Program) -> None:
    for path, method in ROUTES:
        has_shape(Client().generic(method.upper(), at(path)), 401, "token_missing")
        has_shape(program(method, at(path), Authorization="bearer x"), 401, "token_malformed")
        has_shape(program(method, at(path), Authorization="Token x"), 401, "token_malformed")
        has_shape(program(method, at(path), Authorization="Bearer x"), 403, "token_invalid")


def test_an_unknown_workspace_is_not_found(program: Program) -> None:
    for path, method in ROUTES:
        for ws in ("nosuchdb", "OFFICE", "office'--", "of%20fice", "office%00"):
            has_shape(program(method, at(path, ws), "{}"), 404, "workspace_not_found")


def test_a_method_the_route_does_not_know_is_refused(program: Program) -> None:
    for path in sorted({path for path, _method in ROUTES}):
        known = {method for other, method in ROUTES if other == path}
        for method in set(METHODS) - known:
            answer = program(method, at(path))
            assert (answer.status_code, answer.headers["X-Integram-Error"]) == (405, "method_not_allowed"), path
            assert set(answer.headers["Allow"].lower().split(", ")) == known


def test_an_id_that_is_none_is_refused(program: Program) -> None:
    for path, method in [(p, m) for p, m in ROUTES if p.count("{") > 1]:
        for text in ("abc", "1.5", "1e3", "0x10", "²", "1'--", "%00", HUGE, f"-{HUGE}", "1" * 5000):
            has_shape(program(method, at(path, id=text), "{}"), 422, "validation_error")
        for number in (0, -1, 2**63 - 1, 999_999):
            answer = program(method, at(path, id=number), "{}")
            assert 400 <= answer.status_code < 500, (method, path, answer.content)


def test_a_body_that_is_no_object_is_refused(program: Program) -> None:
    for path, method in WITH_BODY:
        ids = 124 if path == "/{db}/objects/{id}" else 113
        for raw in (
            "",
            "not json",
            "{",
            "{'a': 1}",
            '{"a": NaN}',
            '{"a": Infinity}',
            '{"a": "\x00"}',
            "[]",
            "null",
            '"text"',
            "5",
            "[" * 100_000,
            '{"a":' * 50_000,
            '{"a": "\\u0000"}',
            '{"\\u0000": 1}',
            '{"a": ["\\ud800"]}',
            '{"a": 1' + "0" * 5000 + "}",
        ):
            answer = program(method, at(path, id=ids), raw)
            assert answer.status_code in (400, 422), (method, path, raw[:40], answer.content)
            assert answer.json()["detail"]
        answer = Client().generic(
            method.upper(), at(path, id=ids), b"\xff\xfe{}", "application/json", headers=program.headers
        )
        has_shape(answer, 422, "validation_error")


@pytest.mark.parametrize(
    "text", ["'", '"', "\\", "'; DROP SCHEMA ws_office CASCADE; --", "%s", "{}", "$1", "😀", "а" * 200]
)
def test_quotes_and_sql_are_only_text(text: str, program: Program) -> None:
    """In each place where a string can stand."""
    for method, path, body in (
        ("POST", "terms", {"val": text, "t": 3, "ALIAS": text}),
        ("PATCH", "terms/111", {"val": text, "t": 3, "mods": {"ALIAS": text}}),
        ("POST", "requisites", {"id": 113, "t": 67, "alias": text, text: text}),
        ("POST", "objects", {"id": 113, "up": 1, "attrs": {"t113": text, "email": text, text: text}}),
        ("POST", "objects", {"id": 113, "up": 1, "attrs": {"t113": text, "t116": text}}),
        ("PATCH", "objects/124", {"t113": text, "email": text, "Зарплата": text, text: text}),
        ("POST", "objects/graphql", {"term_id": 113, "filters": {text: text}}),
        ("POST", "objects/graphql", {"term_id": 113, "filters": {"email": text}, "select": [text]}),
        ("POST", "query/113", {"filter": text, "sort": [text], "select": [text], "group": [text], "search": text}),
        ("POST", "query/113", {"filter": {"field": "email", "op": "contains", "value": text}, "search": text}),
        ("POST", "query/113", {"filter": {"field": text, "op": text, "value": text}}),
        ("POST", "query/113", {"aggregates": [text], "after": text, "total": text}),
        ("POST", "batch/113", {"operations": [{"op": "upsert", "key": "t114", "attrs": {"email": text, "t113": ""}}]}),
        ("POST", "batch/113", {"operations": [{"op": text, "key": text, "attrs": {text: text}}]}),
    ):  # fmt: skip
        answer = program(method, f"/office/{path}", json.dumps(body))
        assert answer.status_code < 500, (path, answer.content)
    for path in (
        "objects/113?{0}={0}",
        "objects/113?f114={0}",
        "references/116?search={0}",
        "query/113?filter={0}&sort={0}",
    ):
        answer = Client().get(
            f"/office/{path}".format(text.replace("%", "%25").replace("&", "%26")), headers=program.headers
        )
        assert answer.status_code < 500, (path, answer.content)
    assert program("GET", "/office/object/128").json()["val"] == "Петров Пётр"


def test_a_mistake_of_ours_says_nothing_of_the_inside(
    program: Program, monkeypatch: pytest.MonkeyPatch, client: Client
) -> None:
    def broken(*_arguments: object, **_more: object) -> None:
        raise RuntimeError("secret")

    monkeypatch.setattr(door, "access_for", broken)
    answer = program("GET", "/office/terms")
    has_shape(answer, 500, "internal")
    assert answer.json() == {"detail": "Internal Server Error"}
    assert answer.headers["X-Request-ID"]


def test_an_address_that_does_not_exist_asks_for_the_token_first(program: Program, client: Client) -> None:
    has_shape(client.get("/office/nothing/here"), 401, "token_missing")
    has_shape(program("GET", "/office/nothing/here"), 404, "route_not_found")
    assert client.get("/favicon.ico").status_code == 404
