"""Exports by program: the question of ``/query`` as a file, a large one as a job of its user."""

import csv
import io
import json
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from integram import tasks
from qdm.sheets.export import jobs
from rbac import tokens
from rbac.models import User
from tests.api import sample
from tests.api.conftest import Owner

pytestmark = pytest.mark.django_db


@pytest.fixture
def api(owner: Owner, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Client:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr("integram.job_connections.close_old_connections", lambda: None)
    sample.fill(owner.ws)
    return Client(headers={"Authorization": f"Bearer {owner.token}"})


def body(answer: object) -> bytes:
    return b"".join(answer.streaming_content)  # type: ignore[attr-defined]


def test_a_question_as_a_file(api: Client) -> None:
    answer = api.get(
        "/office/objects/113/export", {"format": "csv", "filter": "Зарплата >= 90000", "sort": "-Зарплата"}
    )
    assert answer.status_code == 200
    rows = list(csv.DictReader(io.StringIO(body(answer).decode("utf-8-sig")), delimiter=";"))
    assert [(row["Кандидат"], row["Должность"]) for row in rows] == [
        ("Иванов Иван", "Инженер"),
        ("Петров Пётр", "Аналитик"),
    ]
    answer = api.get("/office/objects/113/export", {"format": "json", "ids": "1"})
    assert [row["ID"] for row in json.loads(body(answer))] == [124, 128, 132]


def test_what_is_wrong_is_said(api: Client) -> None:
    assert api.get("/office/objects/113/export", {"format": "exe"}).status_code == 422
    assert api.get("/office/objects/113/export", {"filter": "Оклад = 1"}).status_code == 400
    assert api.get("/office/objects/999/export").status_code == 404
    assert api.get("/office/exports/1").status_code == 404


def test_a_large_one_is_a_job_of_its_user(api: Client, owner: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "AT_ONCE", 2)
    answer = api.get("/office/objects/113/export", {"format": "csv"})
    assert answer.status_code == 202
    job = answer.json()
    assert (job["phase"], job["rows_total"], job["file"]) == ("waiting", 3, None)
    assert api.get(f"/office/exports/{job['id']}/file").status_code == 409
    tasks.write_export(job_id=job["id"])
    done = api.get(f"/office/exports/{job['id']}").json()
    assert (done["phase"], done["rows_done"]) == ("done", 3)
    assert "Иванов Иван" in body(api.get(done["file"])).decode()
    other = User.objects.create_user("root", is_superuser=True)
    stranger = Client(headers={"Authorization": f"Bearer {tokens.create(other)}"})
    assert stranger.get(f"/office/exports/{job['id']}").status_code == 404
    assert stranger.get(done["file"]).status_code == 404
