"""An import from upload to undo: the worker's steps, cancelling, dead workers, whose it is."""

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from integram import tasks
from qdm.access import Access, Action, Actor
from qdm.errors import Forbidden
from qdm.models import ImportJob
from qdm.selectors import structure
from qdm.services import batches, workspaces
from qdm.sheets import imports, worker
from qdm.sheets.errors import BadMapping, ImportNotFound, UnreadableFile, WrongPhase
from qdm.sheets.load import CHUNK
from qdm.types.files import clean_name
from rbac.models import User
from tests.db.projections import assert_whole
from tests.db.sheets.conftest import SLUG, access_to
from tests.db.sheets.readback import MAIN, count_nodes, rows_of
from tests.unit.sheets import files

pytestmark = pytest.mark.django_db(transaction=True)
Phase = ImportJob.Phase


@pytest.fixture(autouse=True)
def own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path / "var")
    yield
    shutil.rmtree(tmp_path / "var", ignore_errors=True)


@pytest.fixture
def workspace() -> Iterator[str]:
    workspaces.create(SLUG, "Книги")
    yield SLUG
    workspaces.drop(SLUG, SLUG)


def upload(
    tmp_path: Path, rows: Any = (("Имя", "Цена"), ("Мяч", 5), ("Кубик", 7)), name: str = "Склад.xlsx"
) -> ImportJob:
    path = files.xlsx(tmp_path / "a.xlsx", Товары=rows)
    return imports.start(SimpleUploadedFile(name, path.read_bytes()), access=access_to())


def queued(job: ImportJob) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select task_name from procrastinate_jobs where args ->> 'job_id' = %s and status = 'todo' order by id",
            [str(job.pk)],
        )
        return [row[0] for row in cursor.fetchall()]


def test_an_import_from_upload_to_undo(tmp_path: Path, workspace: str) -> None:
    before = count_nodes(workspace)
    job = upload(tmp_path)
    assert (job.phase, queued(job)) == (Phase.WAITING, [imports.ANALYSE_TASK])
    worker.analyse(job.pk, access=access_to())
    job = imports.get(job.pk, access=access_to())
    assert (job.phase, job.rows_done, job.rows_total) == (Phase.PROPOSED, 3, 3)
    assert imports.proposal(job).tables[0].name == "Товары"
    assert count_nodes(workspace) == before, "nothing is written before the user says yes"

    imports.confirm(job.pk, {"tables": {"sheet:0": {"name": "Склад"}}}, access=access_to())
    assert queued(job)[-1] == imports.LOAD_TASK
    worker.carry_out(job.pk, access=access_to())
    job = imports.get(job.pk, access=access_to())
    assert (job.phase, job.rows_total, job.error_count) == (Phase.DONE, 2, 0)
    assert rows_of(workspace, "Склад") == [{MAIN: "Мяч", "Цена": "5"}, {MAIN: "Кубик", "Цена": "7"}]
    assert not imports.folder_of(job).exists(), "the upload is forgotten"
    with connection.cursor() as cursor:
        cursor.execute("select via, actor_name from ws_books.batch where note like 'import%%'")
        assert cursor.fetchall() == [("import", "anna")], "one import is one batch"

    assert job.batch is not None
    batches.undo(job.batch, access=access_to())
    assert imports.get(job.pk, access=access_to()).phase == Phase.UNDONE
    assert "склад" not in structure.schema(workspace).by_name
    assert_whole(workspace)


def test_the_upload_and_its_task_are_one_transaction(tmp_path: Path, workspace: str) -> None:
    with transaction.atomic():
        job = upload(tmp_path)
        assert queued(job)
        transaction.set_rollback(True)
    assert (ImportJob.objects.count(), queued(job)) == (0, [])


def test_the_users_name_of_a_file_is_text_only(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path, name="../../Склад\n.xlsx")
    assert job.file_name == "Склад.xlsx"
    assert [p.name for p in imports.folder_of(job).iterdir()] == ["file"]
    assert clean_name("C:\\Users\\anna\\" + "я" * 300 + ".xlsx") == "я" * 139 + ".xlsx"


def test_what_is_no_workbook_is_refused_at_once(workspace: str) -> None:
    with pytest.raises(UnreadableFile):
        imports.start(SimpleUploadedFile("a.xlsx", b"%PDF-1.7"), access=access_to())
    assert list((settings.VAR_DIR / "uploads").iterdir()) == []
    assert ImportJob.objects.count() == 0


def test_a_file_that_cannot_be_read_fails_its_job_in_words(tmp_path: Path, workspace: str) -> None:
    path = files.raw_xlsx(tmp_path / "a.xlsx", "")
    job = imports.start(SimpleUploadedFile("a.xlsx", path.read_bytes()), access=access_to())
    worker.analyse(job.pk, access=access_to())
    job = imports.get(job.pk, access=access_to())
    assert job.phase == Phase.FAILED
    assert job.message


def test_a_bad_mapping_leaves_the_job_as_it_was(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path)
    worker.analyse(job.pk, access=access_to())
    with pytest.raises(BadMapping):
        imports.confirm(job.pk, {"tables": {"sheet:0": {"skip": True}}}, access=access_to())
    assert imports.get(job.pk, access=access_to()).phase == Phase.PROPOSED


def test_confirming_twice_imports_once(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path)
    worker.analyse(job.pk, access=access_to())
    imports.confirm(job.pk, {}, access=access_to())
    with pytest.raises(WrongPhase):
        imports.confirm(job.pk, {}, access=access_to())
    worker.carry_out(job.pk, access=access_to())
    worker.carry_out(job.pk, access=access_to())
    assert len(rows_of(workspace, "Товары")) == 2


def test_the_header_may_be_said_and_the_file_is_read_again(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path, (("a", "b"), ("Имя", "Цена"), ("Мяч", "5")))
    worker.analyse(job.pk, access=access_to())
    imports.reread(job.pk, {"headers": {"0": 1}}, access=access_to())
    worker.analyse(job.pk, access=access_to())
    job = imports.get(job.pk, access=access_to())
    assert [c.name for c in imports.proposal(job).tables[0].columns] == ["Имя", "Цена"]


def test_a_cancelled_proposal_is_forgotten(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path)
    worker.analyse(job.pk, access=access_to())
    assert imports.cancel(job.pk, access=access_to()).phase == Phase.CANCELLED
    assert not imports.folder_of(job).exists()
    with pytest.raises(WrongPhase):
        imports.confirm(job.pk, {}, access=access_to())


def test_a_running_import_stops_when_asked_and_leaves_nothing(
    tmp_path: Path, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The user cancels while the first chunk is written; the loader stops at its next step."""
    monkeypatch.setattr("qdm.sheets.load.CHUNK", 10)
    monkeypatch.setattr("qdm.sheets.pulse.INTERVAL", 0.01)
    before = count_nodes(workspace)
    job = upload(tmp_path, [["Имя"], *([f"a{n}"] for n in range(5000))])
    worker.analyse(job.pk, access=access_to())
    imports.confirm(job.pk, {}, access=access_to())
    seen: list[int] = []

    def watch() -> None:
        try:
            while not seen:
                now = ImportJob.objects.get(pk=job.pk)
                if now.phase == Phase.LOADING and now.rows_done:
                    seen.append(now.rows_done)
                    imports.cancel(job.pk, access=access_to())
        finally:
            connections.close_all()

    thread = threading.Thread(target=watch)
    thread.start()
    worker.carry_out(job.pk, access=access_to())
    thread.join()
    assert 0 < seen[0] < 5000, "the progress was seen while it went on"
    assert imports.get(job.pk, access=access_to()).phase == Phase.CANCELLED
    assert count_nodes(workspace) == before


def test_a_dead_workers_job_begins_again_once_and_then_fails_cleanly(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path)
    dead = {"phase": Phase.LOADING, "heartbeat": timezone.now() - timedelta(minutes=5)}
    ImportJob.objects.filter(pk=job.pk).update(**dead)
    job = imports.get(job.pk, access=access_to())
    assert (job.phase, queued(job)[-1]) == (Phase.ACCEPTED, imports.LOAD_TASK)
    ImportJob.objects.filter(pk=job.pk).update(**dead)
    assert imports.recover() == 1
    job.refresh_from_db()
    assert job.phase == Phase.FAILED
    assert job.message
    assert imports.recover() == 0


def test_a_worker_taken_for_dead_by_a_jump_of_the_clock_writes_nothing_beside_the_second_run(
    tmp_path: Path, workspace: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = upload(tmp_path)
    worker.analyse(job.pk, access=access_to())
    imports.confirm(job.pk, {}, access=access_to())
    before = count_nodes(workspace)
    original = worker.load

    def overtaken(*arguments: Any) -> Any:
        report = original(*arguments)
        thread = threading.Thread(target=begin_again)
        thread.start()
        thread.join()
        return report

    def begin_again() -> None:
        ImportJob.objects.filter(pk=job.pk).update(heartbeat=timezone.now() - timedelta(minutes=5))
        imports.recover()
        connections.close_all()

    monkeypatch.setattr(worker, "load", overtaken)
    worker.carry_out(job.pk, access=access_to())
    assert count_nodes(workspace) == before
    monkeypatch.setattr(worker, "load", original)
    worker.carry_out(job.pk, access=access_to())
    assert imports.get(job.pk, access=access_to()).phase == Phase.DONE
    worker.carry_out(job.pk, access=access_to())
    assert count_nodes(workspace) > before
    assert_whole(workspace)


def test_a_load_that_fails_says_why_and_leaves_nothing(tmp_path: Path, workspace: str) -> None:
    before = count_nodes(workspace)
    job = upload(tmp_path, [["Имя"], *([f"a{n}"] for n in range(30))])
    worker.analyse(job.pk, access=access_to())
    imports.confirm(job.pk, {}, access=access_to())
    job.refresh_from_db()
    job.mapping["tables"][0]["columns"][0]["unique"] = True
    job.save(update_fields=["mapping"])
    spool = imports.folder_of(job) / "0.rows"
    spool.write_bytes(spool.read_bytes() + b'["a7"]\n')  # changed behind our back
    worker.carry_out(job.pk, access=access_to())
    job = imports.get(job.pk, access=access_to())
    assert (job.phase, "a7" in job.message, count_nodes(workspace)) == (Phase.FAILED, True, before)


def test_anothers_import_does_not_exist(tmp_path: Path, workspace: str) -> None:
    job = upload(tmp_path)
    schema = structure.schema(workspace)
    other = Access(Actor(8, "olga"), schema, frozenset({Action.VIEW, Action.ADD}))
    for act in (imports.get, imports.cancel):
        with pytest.raises(ImportNotFound):
            act(job.pk, access=other)
    assert imports.of_workspace(access=other) == []
    assert imports.get(job.pk, access=replace(other, everywhere=frozenset(Action))) == job
    assert [j.pk for j in imports.of_workspace(access=access_to())] == [job.pk]


def test_who_may_not_make_tables_may_not_start(tmp_path: Path, workspace: str) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", S=[["a"], ["b"]])
    clerk = Access(Actor(8, "olga"), structure.schema(workspace), frozenset({Action.VIEW, Action.ADD}))
    with pytest.raises(Forbidden):
        imports.start(SimpleUploadedFile("a.xlsx", path.read_bytes()), access=clerk)


def test_the_task_works_with_the_rights_its_owner_has_now(tmp_path: Path, workspace: str) -> None:
    anna = User.objects.create_superuser("anna", password="x")
    job = upload(tmp_path)
    ImportJob.objects.filter(pk=job.pk).update(owner=anna.pk)
    tasks.analyse_import(job_id=job.pk)
    job = imports.get(
        job.pk, access=access_to(workspace) if anna.pk == 7 else replace(access_to(), actor=Actor(anna.pk, ""))
    )
    assert job.phase == Phase.PROPOSED
    imports.confirm(job.pk, {}, access=access_to())
    User.objects.filter(pk=anna.pk).update(is_active=False)
    tasks.load_import(job_id=job.pk)
    job.refresh_from_db()
    assert (job.phase, bool(job.message)) == (Phase.FAILED, True)


def test_the_command_proposes_and_imports(tmp_path: Path, workspace: str) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Товары=[["Имя", "Цена"], ["Мяч", 5]])
    out = StringIO()
    call_command("import_sheet", workspace, str(path), stdout=out)
    assert "товары" not in structure.schema(workspace).by_name
    assert "Товары" in out.getvalue()
    call_command("import_sheet", workspace, str(path), "--yes", stdout=out)
    assert rows_of(workspace, "Товары") == [{MAIN: "Мяч", "Цена": "5"}]
    more = files.xlsx(tmp_path / "b.xlsx", Ещё=[["Имя", "Цена"], ["Кубик", 7]])
    call_command("import_sheet", workspace, str(more), "--into", "Товары", "--sheet", "Ещё", "--yes", stdout=out)
    assert rows_of(workspace, "Товары")[1] == {MAIN: "Кубик", "Цена": "7"}
    for arguments in ([workspace, "нет.xlsx"], ["nowhere", str(path)], [workspace, str(path), "--into", "нет"]):
        with pytest.raises(CommandError):
            call_command("import_sheet", *arguments)


def test_two_imports_at_once_get_different_ids(tmp_path: Path, workspace: str) -> None:
    """Each draws its ids in blocks while the other does."""
    jobs = [upload(tmp_path, [["Имя"], *([f"{k}-{n}"] for n in range(CHUNK // 4))]) for k in range(3)]
    for k, job in enumerate(jobs):
        worker.analyse(job.pk, access=access_to())
        imports.confirm(job.pk, {"tables": {"sheet:0": {"name": f"Т{k}"}}}, access=access_to())

    def run(job: ImportJob) -> None:
        try:
            worker.carry_out(job.pk, access=access_to())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=[job]) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for k, job in enumerate(jobs):
        job.refresh_from_db()
        assert job.phase == Phase.DONE, job.message
        assert [row[MAIN] for row in rows_of(workspace, f"Т{k}")] == [f"{k}-{n}" for n in range(CHUNK // 4)]
    assert_whole(workspace)
