"""``/metrics`` tells how the server is, to whom it may, and nothing of what users have."""

import re
import uuid

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families as parsed

from integram.counters import counted_sockets
from integram.tasks import recover_imports

pytestmark = pytest.mark.django_db


def figures(client: Client, **headers: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in parsed(answer.content.decode())
        for sample in family.samples
    }


def requests_of(route: str, status: str, found: dict) -> float:
    key = tuple(sorted({"method": "GET", "route": route, "status": status}.items()))
    return found.get(("integram_http_requests_total", key), 0)


def test_a_request_is_counted_by_its_route_and_status() -> None:
    client = Client()
    before = figures(client)
    client.get("/health")
    client.get(f"/w/{uuid.uuid4().hex}/x")
    after = figures(client)
    assert requests_of("health", "200", after) == requests_of("health", "200", before) + 1
    seconds = ("integram_http_request_seconds_count", (("route", "health"),))
    assert after[seconds] == before.get(seconds, 0) + 1


def test_a_statement_is_counted_and_so_is_one_that_fails() -> None:
    client = Client()
    count = ("integram_statement_seconds_count", (("verb", "select"),))
    failed = ("integram_statement_errors_total", (("verb", "select"),))
    before = figures(client)
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    with pytest.raises(Exception, match="no_such"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("select no_such")
    after = figures(client)
    assert after[count] >= before.get(count, 0) + 2
    assert after[failed] == before.get(failed, 0) + 1


def test_jobs_are_told_by_queue_and_state() -> None:
    recover_imports.defer(timestamp=0)
    found = figures(Client())
    assert found[("integram_database_up", ())] == 1
    assert found[("integram_jobs", (("queue", recover_imports.queue), ("state", "todo")))] == 1


async def test_open_sockets_are_counted() -> None:
    open_sockets = []

    async def application(scope: dict, receive: object, send: object) -> None:
        from prometheus_client import REGISTRY

        open_sockets.append(REGISTRY.get_sample_value("integram_sockets", {"kind": "sheet"}))

    await counted_sockets(application)({"path": "/w/crm/t/1/live"}, None, None)
    await counted_sockets(application)({"path": "/w/crm/t/1/live"}, None, None)
    assert open_sockets == [1, 1]


def test_nothing_that_users_have_is_in_it() -> None:
    client = Client()
    secret = f"secret{uuid.uuid4().hex}"
    client.get(f"/w/{secret}/t/77/?q={secret}")
    client.get(f"/{secret}/types", headers={"Authorization": f"Bearer {secret}"})
    client.generic(secret.upper(), "/health")
    assert secret not in client.get("/metrics").content.decode().lower()


def test_another_machine_is_told_that_there_is_no_such_page() -> None:
    there, nowhere = (Client(REMOTE_ADDR="192.0.2.7").get(path) for path in ("/metrics", "/no-such-page"))
    assert there.status_code == nowhere.status_code == 404
    assert re.sub(r"nonce-[^']+", "", there.headers["Content-Security-Policy"]) == re.sub(
        r"nonce-[^']+", "", nowhere.headers["Content-Security-Policy"]
    )


@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
def test_who_comes_by_a_proxy_is_not_on_this_machine(header: str) -> None:
    assert Client().get("/metrics", headers={header: "192.0.2.7"}).status_code == 404


def test_behind_a_proxy_only_the_token_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "BEHIND_HTTPS", True)
    assert Client().get("/metrics").status_code == 404


def test_a_token_of_the_environment_opens_it_and_nothing_else_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "METRICS_TOKEN", "a-token-of-the-environment")
    far = Client(REMOTE_ADDR="192.0.2.7")
    assert figures(far, Authorization="Bearer a-token-of-the-environment")
    for said in ("Bearer wrong", "Bearer", "", "Bearer ключ"):
        assert far.get("/metrics", headers={"Authorization": said}).status_code == 404
    assert Client().get("/metrics").status_code == 404
