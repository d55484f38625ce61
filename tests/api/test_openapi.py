"""The OpenAPI document tells the truth: it has every call, and its examples are what really happens."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.urls import URLPattern

from integram.api import urls
from integram.api.openapi import document
from tests.api import sample
from tests.api.conftest import Owner

OPERATIONS = [(path, method, operation) for _tag, path, method, operation in document.operations()]
EXAMPLES = [
    pytest.param(path, method, operation, name, body, id=f"{method} {path}{f' ({name})' if name != 'example' else ''}")
    for path, method, operation in OPERATIONS
    for name, body in (
        operation.get("body", {}).get("examples") or {"example": operation.get("body", {}).get("example")}
    ).items()
    if operation.get("example") is not False
]
#: What is another at each run: a stamp of time, a cursor that holds one, a secret.
VOLATILE = {"version", "next", "previous", "secret"}


def routes() -> set[tuple[str, str]]:
    found = set()
    for pattern in urls.urlpatterns:
        assert isinstance(pattern, URLPattern)
        for method in getattr(pattern.callback, "handlers", {}):
            path = str(pattern.pattern).replace("<workspace:db>", "{db}").replace("<str:", "{").replace(">", "}")
            found.add((f"/{path}", method.lower()))
    return found


def test_every_call_is_in_the_document_and_no_other() -> None:
    assert {(path, method) for path, method, _operation in OPERATIONS} == routes()


def test_the_document_has_live_video_too(client: Client) -> None:
    paths = client.get("/openapi.json").json()["paths"]
    assert "/video/connect" in paths
    assert "/{db}/objects/{id}" in paths


@pytest.mark.parametrize("page", ["/docs", "/redoc", "/openapi.json"])
def test_the_documentation_is_open_to_everybody(page: str, client: Client) -> None:
    answer = client.get(page)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("application/json" if page == "/openapi.json" else "text/html")


@pytest.mark.parametrize(("path", "method", "operation", "name", "body"), EXAMPLES)
def test_the_example_is_what_happens(
    path: str, method: str, operation: dict[str, Any], name: str, body: Any, owner: Owner
) -> None:
    sample.fill(owner.ws)
    query = {}
    path_filled = path.replace("{db}", owner.ws)
    for parameter in operation.get("parameters", []):
        value = parameter.get("example")
        if parameter.get("in") == "path":
            path_filled = path_filled.replace(f"{{{parameter['name']}}}", str(value))
        elif parameter.get("in") == "query" and value is not None:
            query |= value if isinstance(value, dict) else {parameter["name"]: value}
    answer = Client().generic(
        method.upper(),
        f"{path_filled}?{urlencode(query)}",
        json.dumps(body) if body is not None else "",
        "application/json",
        headers={"Authorization": f"Bearer {owner.token}"},
    )
    expected = document.answers()[f"{method} {path}"][name]
    assert (answer.status_code, steady(answer.json())) == (200, steady(expected))


def steady(content: Any) -> Any:
    if isinstance(content, dict) and "secret" in content:
        content = content | {"id": 1}  # of a sequence that all tests share
    if isinstance(content, dict):
        return {k: "…" if k in VOLATILE and v is not None else steady(v) for k, v in content.items()}
    return [steady(item) for item in content] if isinstance(content, list) else content
