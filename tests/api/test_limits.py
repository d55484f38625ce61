"""No client takes more than its share: calls a minute, bytes of a body, seconds of a statement."""

import json
from typing import Any

import psycopg
import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from tests.api.conftest import Owner
from tests.platform.test_serve import free_port


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    cache.clear()


def get(client: Client, token: str, path: str = "/office/terms") -> object:
    return client.get(path, headers={"Authorization": f"Bearer {token}"})


def test_a_token_has_so_many_calls_a_minute(owner: Owner, client: Client, settings: object) -> None:
    settings.API_RATE_TOKEN = 3
    answers = [get(client, owner.token) for _ in range(4)]
    assert [a.status_code for a in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[3].headers["Retry-After"]) <= 60
    assert answers[3].json() == {"detail": "Too many requests. Wait and try again."}
    assert answers[3].headers["X-Integram-Error"] == "rate_limited"


def test_an_address_has_so_many_whatever_the_token(owner: Owner, client: Client, settings: object) -> None:
    settings.API_RATE_ADDRESS = 2
    assert [get(client, t).status_code for t in (owner.token, "x", owner.token)] == [200, 403, 429]
    other = client.get("/office/terms", headers={"Authorization": f"Bearer {owner.token}"}, REMOTE_ADDR="10.1.1.1")
    assert other.status_code == 200


def test_who_guesses_tokens_is_stopped(owner: Owner, client: Client, settings: object) -> None:
    settings.API_RATE_FAILURES = 3
    assert [get(client, f"guess{n}").status_code for n in range(5)] == [403, 403, 403, 429, 429]


def test_no_limit_is_no_limit(owner: Owner, client: Client, settings: object) -> None:
    settings.API_RATE_TOKEN = settings.API_RATE_ADDRESS = settings.API_RATE_FAILURES = 0
    assert {get(client, owner.token).status_code for _ in range(20)} == {200}


def test_while_redis_is_away_calls_are_served_and_still_limited(owner: Owner, client: Client, settings: object) -> None:
    nobody = {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": f"redis://127.0.0.1:{free_port()}"}
    settings.CACHES = {**settings.CACHES, "default": nobody}
    settings.API_RATE_TOKEN = 3
    assert [get(client, owner.token).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_body_that_is_too_large_is_refused(owner: Owner, client: Client, settings: object) -> None:
    settings.API_BODY_BYTES = 1000
    body = json.dumps({"val": "x" * 1000, "t": 3})
    headers = {"Authorization": f"Bearer {owner.token}"}
    answer = client.post("/office/terms", body, "application/json", headers=headers)
    assert (answer.status_code, answer.headers["X-Integram-Error"]) == (413, "too_large")


@pytest.mark.django_db(transaction=True)
def test_a_statement_that_takes_too_long_is_stopped_and_says_so(owner: Owner, client: Client, settings: object) -> None:
    settings.API_STATEMENT_SECONDS = 1
    headers = {"Authorization": f"Bearer {owner.token}"}
    body = {"id": 72, "up": 1, "attrs": {"t72": "x"}}
    record = client.post("/office/objects", body, "application/json", headers=headers).json()["id"]
    at = connection.get_connection_params()
    with psycopg.connect(**{k: at[k] for k in ("dbname", "host", "user", "port") if k in at}) as other:
        other.execute("SELECT FROM ws_office.node WHERE id = %s FOR UPDATE", [record])
        answer = client.patch(f"/office/objects/{record}", {"t72": "y"}, "application/json", headers=headers)
    assert answer.status_code == 503
    assert answer.json() == {"detail": "The query took too long and was stopped."}
    assert client.get(f"/office/object/{record}", headers=headers).json()["val"] == "x"


@pytest.mark.django_db(transaction=True)
def test_the_limit_of_a_call_does_not_stay_on_its_connection(owner: Owner, client: Client, settings: object) -> None:
    """It goes back to the pool, to an export or an import that may take longer."""
    settings.API_STATEMENT_SECONDS = 1
    seen: list[str] = []

    def look(execute: Any, sql: Any, params: Any, many: bool, context: dict[str, Any]) -> Any:
        with connection.connection.cursor() as cursor:
            seen.append(cursor.execute("SHOW statement_timeout").fetchone()[0])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(look):
        assert client.get("/office/terms", headers={"Authorization": f"Bearer {owner.token}"}).status_code == 200
    assert "1s" in seen
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
