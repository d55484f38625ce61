"""Exports from the sheet's page: small ones at once, large ones by the worker, each to its owner only."""

import csv
import io
import os
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core import mail
from django.http import FileResponse
from django.test import Client
from django.utils import timezone

from integram import tasks
from qdm.access import Action
from qdm.models import ExportJob
from qdm.sheets.export import jobs
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def address(staff: Staff, question: str = "") -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/export/{question}"


def work(job: ExportJob) -> None:
    """What the worker does with the rights of now."""
    tasks.write_export(job_id=job.pk)


def content(response: object) -> bytes:
    assert isinstance(response, FileResponse)
    assert response["Cache-Control"] == "private, no-store"
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def test_a_small_table_comes_at_once_as_the_sheet_shows_it(staff: Staff, owner: Client) -> None:
    staff.add(30)
    question = f"?q=Кандидат 0001&sort=-{staff.columns['Зарплата']}"
    assert "Кандидаты" in owner.get(address(staff, question)).content.decode()
    response = owner.post(address(staff, question), {"format": "xlsx", "ids": "on"})
    assert "filename*=utf-8''" in response["Content-Disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(content(response))).active.iter_rows(values_only=True))
    assert rows[0][:4] == ("ID", "Кандидаты", "Телефон", "Зарплата")
    assert [row[1] for row in rows[1:]] == [f"Кандидат {n:05}" for n in range(19, 9, -1)]
    assert not list(settings.VAR_DIR.rglob("file"))


def test_the_sheet_offers_export_only_to_who_may(staff: Staff, owner: Client) -> None:
    sheet = f"/w/{SLUG}/t/{staff.candidates}/"
    assert address(staff) in owner.get(sheet).content.decode()
    viewer = User.objects.create_user("viewer")
    access = staff.access()
    grants.grant(viewer, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(viewer)
    assert address(staff) not in client.get(sheet).content.decode()
    assert client.post(address(staff), {"format": "csv"}).status_code == 403


def test_what_cannot_be_exported_is_said_in_the_form(
    staff: Staff, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdm.sheets.export.pdf.MOST_ROWS", 3)
    staff.add(5)
    response = owner.post(address(staff), {"format": "pdf"})
    assert response.status_code == 422
    assert "3" in response.content.decode()
    assert owner.post(address(staff), {"format": "exe"}).status_code == 422


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven rows are many."""
    monkeypatch.setattr(jobs, "AT_ONCE", 10)
    # the pulse has a connection of its own, which does not see what this test has not committed
    monkeypatch.setattr("integram.job_connections.close_old_connections", lambda: None)


def test_a_large_table_is_written_by_the_worker_and_fetched_by_its_owner_only(
    staff: Staff, owner: Client, stranger: Client, large: None
) -> None:
    staff.add(25)
    response = owner.post(address(staff), {"format": "csv"})
    job = ExportJob.objects.get()
    assert response["Location"] == f"/w/{SLUG}/export/{job.pk}/"
    assert owner.get(f"{response['Location']}state").json() == {"phase": "waiting", "done": 0, "total": 25}
    assert "<progress" in owner.get(response["Location"]).content.decode()
    assert owner.get(f"{response['Location']}file").status_code == 409
    work(job)
    assert "25" in owner.get(response["Location"]).content.decode()
    text = content(owner.get(f"{response['Location']}file")).decode("utf-8-sig")
    assert len(list(csv.reader(io.StringIO(text), delimiter=";"))) == 26
    manager = User.objects.create_user("manager")
    access = staff.access()
    grants.grant(manager, [Action.MANAGE], grants.on_workspace(access), access=access)
    other = Client()
    other.force_login(manager)
    for client in (stranger, other):
        for page in ("", "state", "file"):
            assert client.get(f"{response['Location']}{page}").status_code == 404
        assert client.post(f"{response['Location']}cancel/").status_code == 404


def test_a_file_is_refused_when_the_rights_it_was_made_with_are_gone(staff: Staff, large: None) -> None:
    staff.add(25)
    clerk = User.objects.create_user("clerk")
    access = staff.access()
    table = grants.on_table(staff.candidates, access=access)
    grants.grant(clerk, [Action.EXPORT], table, access=access)
    client = Client()
    client.force_login(clerk)
    client.post(address(staff), {"format": "json"})
    job = ExportJob.objects.get()
    work(job)
    file = f"/w/{SLUG}/export/{job.pk}/file"
    assert client.get(file).status_code == 200
    grants.lock(grants.on_field(staff.columns["Зарплата"], access=access), Lock.VIEW, access=access)
    assert client.get(file).status_code == 409
    grants.revoke(clerk, [Action.EXPORT], table, access=access)
    assert client.get(file).status_code in (403, 404)


def test_the_worker_writes_under_the_rights_of_now(staff: Staff, large: None) -> None:
    staff.add(25)
    clerk = User.objects.create_user("clerk")
    access = staff.access()
    table = grants.on_table(staff.candidates, access=access)
    grants.grant(clerk, [Action.EXPORT], table, access=access)
    client = Client()
    client.force_login(clerk)
    client.post(address(staff), {"format": "json"})
    grants.revoke(clerk, [Action.EXPORT, Action.VIEW], table, access=access)
    job = ExportJob.objects.get()
    work(job)
    job.refresh_from_db()
    assert job.phase == ExportJob.Phase.FAILED
    assert not list(settings.VAR_DIR.rglob("file"))


def test_files_go_after_a_day(staff: Staff, owner: Client, large: None) -> None:
    staff.add(25)
    owner.post(address(staff), {"format": "csv"})
    job = ExportJob.objects.get()
    work(job)
    ExportJob.objects.update(finished_at=timezone.now() - timedelta(days=1, minutes=1))
    assert owner.get(f"/w/{SLUG}/export/{job.pk}/file").status_code == 404
    file = settings.VAR_DIR / "exports" / job.folder
    long_ago = (timezone.now() - timedelta(days=1, minutes=1)).timestamp()
    os.utime(file, (long_ago, long_ago))
    jobs.tidy()
    assert not file.exists()


def test_too_many_exports_at_once_and_a_cancelled_one(staff: Staff, owner: Client, large: None) -> None:
    staff.add(25)
    for _ in range(jobs.MOST_AT_ONCE):
        assert owner.post(address(staff), {"format": "csv"}).status_code == 302
    assert owner.post(address(staff), {"format": "csv"}).status_code == 422
    job = ExportJob.objects.first()
    assert job is not None
    assert owner.post(f"/w/{SLUG}/export/{job.pk}/cancel/").status_code == 302
    work(job)
    job.refresh_from_db()
    assert job.phase == ExportJob.Phase.CANCELLED


def test_whoever_started_a_large_export_is_told_by_mail_when_it_is_ready(
    staff: Staff, owner: Client, large: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "SITE_URL", "https://integram.example")
    staff.add(25)
    mine = "a@example.com"
    for host, email, letters in (("", mine, 0), ("smtp.example", "", 0), ("smtp.example", mine, 1)):
        monkeypatch.setattr(settings, "EMAIL_HOST", host)
        User.objects.filter(pk=staff.owner.pk).update(email=email)
        owner.post(address(staff), {"format": "csv"})
        job = ExportJob.objects.latest("pk")
        work(job)
        assert len(mail.outbox) == letters
    (letter,) = mail.outbox
    assert letter.to == [mine]
    assert f"https://integram.example/w/{SLUG}/export/{job.pk}/" in letter.body
    assert "25" in letter.body
    work(job)
    assert len(mail.outbox) == 1, "once"
