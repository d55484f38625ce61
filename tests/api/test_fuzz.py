"""Whatever is sent, fitting the document or not, no call fails, and every answer has its shape."""

import json
from typing import Any

import pytest
import schemathesis
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from schemathesis import Case, GenerationMode

from integram.api.openapi import document
from tests.api import sample
from tests.api.conftest import Owner

EXAMPLES = 25
CALLS = [(path, method) for _tag, path, method, _operation in document.operations()]


@pytest.fixture(scope="module")
def schema() -> Any:
    return schemathesis.openapi.from_dict(document.document())


@pytest.mark.slow
@pytest.mark.parametrize(("path", "method"), CALLS, ids=lambda part: part)
def test_no_call_fails(path: str, method: str, schema: Any, owner: Owner) -> None:
    sample.fill(owner.ws)
    operation = schema[path][method.upper()]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        _ask(operation, mode, owner)


def _ask(operation: Any, mode: GenerationMode, owner: Owner) -> None:
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Case) -> None:
        case.path_parameters["db"] = owner.ws
        with transaction.atomic():
            answer = send(case, owner.token)
            transaction.set_rollback(True)
        assert answer.status_code < 500, answer.content
        if answer.status_code >= 400:
            assert answer.headers["Content-Type"] == "application/json"
            assert "detail" in answer.json()
            assert answer.headers["X-Integram-Error"]

    check()


def send(case: Case, token: str) -> Any:
    headers = {name: str(value) for name, value in (case.headers or {}).items()}
    headers = {name: value for name, value in headers.items() if value.isascii() and value.isprintable()}
    body = case.body
    if isinstance(body, str | bytes):
        raw = body if isinstance(body, bytes) else json.dumps(body)
    else:
        try:
            raw = json.dumps(body)
        except TypeError:  # the generator's mark for "no body"
            raw = ""
    query = {name: str(value) for name, value in (case.query or {}).items() if not isinstance(value, dict)}
    return Client(raise_request_exception=False).generic(
        case.method,
        case.formatted_path,
        raw,
        "application/json",
        query_params=query,
        headers=headers | {"Authorization": f"Bearer {token}"},
    )
