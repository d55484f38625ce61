"""``manage.py check --deploy`` names what is wrong, and a right deployment passes."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.conf import settings
from django.core import checks as django_checks

from integram import checks
from qdm.managers import server

pytestmark = pytest.mark.django_db


def found(check: Callable[..., list[django_checks.CheckMessage]]) -> set[str]:
    return {message.id for message in check(None)}


def test_this_deployment_is_right(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DJANGO_ALLOW_ASYNC_UNSAFE", raising=False)  # browser tests of the same process set it
    messages = django_checks.run_checks(include_deployment_checks=True)
    assert [m for m in messages if m.level >= django_checks.ERROR] == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"ALLOWED_HOSTS": ["*"], "BEHIND_HTTPS": True, "METRICS_TOKEN": "x"}, {"integram.E001"}),
        ({"HOST": "0.0.0.0"}, {"integram.E002"}),
        ({"ALLOWED_HOSTS": ["crm.example.com", "localhost"]}, {"integram.W003"}),
        (
            {"ALLOWED_HOSTS": ["crm.example.com"], "HOST": "0.0.0.0", "BEHIND_HTTPS": True, "METRICS_TOKEN": "x"},
            {"integram.W004"},
        ),
        ({"ALLOWED_HOSTS": ["crm.example.com"], "BEHIND_HTTPS": True}, {"integram.I005"}),
        ({"ALLOWED_HOSTS": ["crm.example.com"], "BEHIND_HTTPS": True, "METRICS_TOKEN": "x"}, set()),
    ],
)
def test_a_wrong_address_is_named(wrong: dict[str, object], said: set[str], monkeypatch: pytest.MonkeyPatch) -> None:
    right = {"ALLOWED_HOSTS": ["localhost"], "HOST": "127.0.0.1", "BEHIND_HTTPS": False, "METRICS_TOKEN": ""}
    for name, value in (right | wrong).items():
        monkeypatch.setattr(settings, name, value)
    assert found(checks.reachable) == said


def test_several_processes_need_redis(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WEB_CONCURRENCY", "4")
    assert "integram.E006" in found(checks.reachable)
    monkeypatch.setattr(settings, "REDIS_URL", "redis://localhost")
    assert "integram.E006" not in found(checks.reachable)


def test_a_secret_that_others_may_read_is_named(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    key = tmp_path / "secret_key"
    key.write_text("secret")
    key.chmod(0o640)
    assert "integram.E007" in found(checks.kept)
    key.chmod(0o600)
    assert "integram.E007" not in found(checks.kept)


def test_a_database_that_is_away_is_said_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import OperationalError

    def away() -> server.Server:
        raise OperationalError("connection to 10.0.0.1 as admin failed")

    monkeypatch.setattr(server, "look", away)
    (message,) = checks.database(None)
    assert message.id == "integram.E010"
    assert "admin" not in message.msg


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({}, set()),
        ({"version": 140010}, {"integram.E012"}),
        ({"encoding": "LATIN1"}, {"integram.E013"}),
        ({"cases": False}, {"integram.E014"}),
        ({"max_connections": 25}, {"integram.E015"}),
    ],
)
def test_a_server_that_does_not_fit_is_named(
    wrong: dict[str, object], said: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    right = replace(server.look(), version=180004, max_connections=200, encoding="UTF8", cases=True)
    monkeypatch.setitem(settings.DATABASES["default"]["OPTIONS"], "pool", {"max_size": 20})
    assert {message.id for message in checks._server(replace(right, **wrong))} == said
