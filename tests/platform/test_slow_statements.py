"""A slow statement is in the log with its plan, and what was asked for is not."""

import logging
import time

import pytest
from django.conf import settings
from django.db import connection

from integram import slow_statements
from integram.request_log import request_id

SLOW = "select pg_sleep(0.02), %s::text, count(*) from pg_class where relname <> %s and reltuples > %s"


def lines(caplog: pytest.LogCaptureFixture, number: int) -> list[str]:
    deadline = time.monotonic() + 20
    while len(found := [r for r in caplog.records if r.name == "integram.slow"]) < number:
        assert time.monotonic() < deadline, found
        time.sleep(0.02)
    return [record.getMessage() for record in found]


@pytest.fixture(autouse=True)
def fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "SLOW_STATEMENT_MS", 15)
    slow_statements._asked.clear()


def ask(*values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(SLOW, values)


@pytest.mark.django_db(transaction=True)
def test_it_is_logged_with_its_plan_and_without_its_values(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "integram.slow"):
        token = request_id.set("request-17")
        ask("tax of Ivanov", "O'Neill", 987654)
        request_id.reset(token)
        said, plan = lines(caplog, 2)
    assert "pg_sleep" in said
    assert "Scan" in plan
    for secret in ("Ivanov", "Neill", "987654"):
        assert secret not in said + plan


@pytest.mark.django_db(transaction=True)
def test_values_are_logged_where_they_are_asked_for(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SLOW_STATEMENT_VALUES", True)
    with caplog.at_level(logging.WARNING, "integram.slow"):
        ask("tax of Ivanov", "x", 987654)
        said, plan = lines(caplog, 2)
    assert "tax of Ivanov" in said
    assert "987654" in plan


@pytest.mark.django_db(transaction=True)
def test_a_plan_is_asked_for_once_in_a_while(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "integram.slow"):
        for _ in range(3):
            ask("a", "b", 1)
        found = lines(caplog, 4)
    assert len([line for line in found if line.startswith("plan of")]) == 1


@pytest.mark.django_db(transaction=True)
def test_what_is_quick_or_turned_off_is_not_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    with caplog.at_level(logging.WARNING, "integram.slow"):
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        monkeypatch.setattr(settings, "SLOW_STATEMENT_MS", 0)
        ask("a", "b", 1)
    assert [r for r in caplog.records if r.name == "integram.slow"] == []
