"""Files of two plants, two months, each with its own form and faults, end in one table without a hand touched."""

import os
import shutil
import time
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.core.files.base import File
from django.utils import timezone

from integram import tasks
from qdm.access import Action
from qdm.errors import Conflict, Forbidden, TermNotFound
from qdm.models import FormRun
from qdm.record import Link
from qdm.services import records
from qdm.sheets.errors import BadMapping, FormNotFound, RunNotFound, WrongPhase
from qdm.sheets.forms import definitions, inbox, lines, runs
from qdm.sheets.forms.plan import FormPlan, Missing, Source, check
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from tests.db.forms.conftest import PLANTS, Plants

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test has not committed is on its own connection only."""
    monkeypatch.setattr("integram.job_connections.close_old_connections", lambda: None)


Phase = FormRun.Phase


def test_two_months_of_two_plants_end_in_one_table_by_themselves(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    before = len(plants.rows())
    new = 0
    for form, files in mailed.items():
        for file in files:
            run = plants.send(form, file)
            assert run.phase == Phase.APPLIED, (file.name, run.message, run.problems)
            assert run.counts["changed"] == run.counts["same"] == 0
            new += run.counts["new"]
    rows = plants.rows()
    assert len(rows) == before + new
    fresh = [row for row in rows if plants.cell(row, "Дата") >= "2026-12"]
    assert len(fresh) == new
    assert {plants.cell(row, "Завод") for row in fresh} == {"Красная глина", "Волгамикс"}
    assert {plants.cell(row, "Дата") for row in fresh} == {"2026-12-08", "2026-12-09", "2027-01-12", "2027-01-13"}
    assert {plants.cell(row, "Смена") for row in fresh} == {"День", "Ночь"}, "the spelling of the table's own"
    assert {plants.cell(row, "Цех").rpartition(", ")[2] for row in fresh} == {"Красная глина", "Волгамикс"}
    assert len({row.val for row in rows}) == len(rows), "rows are numbered on"
    # the same files again change nothing
    for form, files in mailed.items():
        counts = plants.send(form, files[0]).counts
        assert (counts["new"], counts["changed"]) == (0, 0)
        assert counts["same"] > 0
    assert len(plants.rows()) == before + new


def test_what_a_cell_of_the_file_says_is_what_the_table_holds(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    file = mailed["bricks"][0]
    plants.send("bricks", file)
    sheet = openpyxl.load_workbook(file, data_only=True).active
    shop, wanted = "", {}
    for row in sheet.iter_rows(min_row=6, values_only=True):
        if isinstance(row[0], int):
            shop = row[1] or shop
            made = row[6] if not isinstance(row[6], str) else float(row[6].replace("\xa0", "").replace(",", "."))
            wanted[f"{shop}, Красная глина", row[2], row[4]] = (float(row[5]), made, row[11])
    rows = [r for r in plants.rows() if plants.cell(r, "Дата") == "2026-12-08"]
    found = {
        (plants.cell(r, "Цех"), plants.cell(r, "Продукция"), plants.cell(r, "Смена")): (
            float(plants.cell(r, "План")),
            float(plants.cell(r, "Выпущено")),
            plants.cell(r, "Мастер"),
        )
        for r in rows
    }
    assert found == wanted


def test_a_corrected_file_changes_what_it_corrects_and_is_taken_back(plants: Plants) -> None:
    (corrected,) = (Path(__file__).parents[3] / "demo" / "mail").glob("*уточнённая.xlsx")
    plants.forms["bricks"].automatic = None
    plants.forms["bricks"].save()
    before = {r.id: dict(r.cells) for r in plants.rows()}
    run = plants.send("bricks", corrected)
    assert run.phase == Phase.PREVIEW
    assert {r.id: dict(r.cells) for r in plants.rows()} == before, "a preview writes nothing"
    assert run.counts["changed"] == 3, "two corrected, one of which the file has lost the plan"
    cells = [cell for change in run.preview for cell in change["cells"] if cell[0] == "Выпущено"]
    assert len(cells) == 2
    assert all(float(old) - float(new) == pytest.approx(1.4) for _name, old, new in cells)
    runs.accept(run.pk, access=plants.access)
    runs.apply(run.pk, access=plants.access)
    run.refresh_from_db()
    assert (run.phase, run.counts["changed"]) == (Phase.APPLIED, 3)
    changed = [r.id for r in plants.rows() if dict(r.cells) != before[r.id]]
    assert len(changed) == 3
    with pytest.raises(WrongPhase):
        runs.accept(run.pk, access=plants.access)
    runs.undo(run.pk, access=plants.access)
    assert {r.id: dict(r.cells) for r in plants.rows()} == before


def test_taking_back_names_the_conflict(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    run = plants.send("mixes", mailed["mixes"][0])
    fresh = next(r for r in plants.rows() if plants.cell(r, "Дата") == "2026-12-08")
    records.update(fresh.id, {plants.column("План"): 1}, access=plants.access)
    with pytest.raises(Conflict, match="1"):
        runs.undo(run.pk, access=plants.access)
    run.refresh_from_db()
    assert run.phase == Phase.APPLIED


@pytest.mark.parametrize("missing", [Missing.KEEP, Missing.MARK, Missing.DELETE])
def test_rows_the_file_no_longer_has(plants: Plants, mailed: dict[str, list[Path]], missing: Missing) -> None:
    form = plants.forms["bricks"]
    form.plan = plants.bricks_plan(
        missing=missing, mark=plants.column("Брак") if missing is Missing.MARK else None, mark_as="0"
    ).as_json()
    form.save()
    first = plants.send("bricks", mailed["bricks"][0])
    book = openpyxl.load_workbook(mailed["bricks"][0])
    row = next(r for r in book.active.iter_rows(min_row=7) if r[0].value == 11 or r[0].value == 3)
    gone = row[2].value, row[4].value
    row[2].value = None
    shorter = mailed["bricks"][0].with_name("short.xlsx")
    book.save(shorter)
    total = len(plants.rows())
    run = plants.send("bricks", shorter)
    assert (run.phase, run.counts["missing"]) == (Phase.APPLIED, 1)
    left = [
        r
        for r in plants.rows()
        if plants.cell(r, "Дата") == "2026-12-08" and (plants.cell(r, "Продукция"), plants.cell(r, "Смена")) == gone
    ]
    assert len(plants.rows()) == total - (missing is Missing.DELETE)
    assert len(left) == (missing is not Missing.DELETE)
    if missing is Missing.MARK:
        assert plants.cell(left[0], "Брак") == "0"
    assert first.counts["missing"] == 0


def test_bad_rows_are_told_and_the_file_comes_back_marked(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    source = mailed["bricks"][0]
    book = openpyxl.load_workbook(source)
    sheet = book.active
    sheet["G6"], sheet["C7"] = "много", "Неизвестно"
    broken = source.with_name("broken.xlsx")
    book.save(broken)
    plants.forms["bricks"].automatic = 5
    plants.forms["bricks"].save()
    run = plants.send("bricks", broken)
    assert (run.phase, run.counts["bad"]) == (Phase.PREVIEW, 2), "more is bad than may pass by itself"
    assert {p["cell"] for p in run.problems} == {"G6", "C7"}
    back = openpyxl.load_workbook(runs.marked(run))
    page = back[sheet.title]
    assert page["G6"].value == "много"
    assert "много" in page["G6"].comment.text
    assert page["G6"].fill.fgColor.rgb == "FFFFC7CE"
    assert page["F6"].fill.fgColor.rgb != "FFFFC7CE"
    assert page["A4"].font.b
    assert {str(area) for area in page.merged_cells.ranges} == {str(area) for area in sheet.merged_cells.ranges}
    assert page["H8"].value == sheet["H8"].value, "formulas stay"
    summary = back[back.sheetnames[-1]]
    assert summary.title == "Что не так" or summary.title == "What is wrong"
    assert [cell.value for cell in summary["B"]][:2] == [run.counts["bad"], run.counts["skipped"]]
    assert all(cell.data_type != "f" for row in summary.iter_rows() for cell in row)


def test_a_file_of_another_kind_is_refused_in_words(plants: Plants, tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    for row in (("Имя", "Цена"), ("Мяч", 5)):
        book.active.append(row)
    book.save(tmp_path / "a.xlsx")
    run = plants.send("mixes", tmp_path / "a.xlsx")
    assert run.phase == Phase.FAILED
    assert "Дата" in run.message


def test_a_row_twice_in_a_file_is_bad(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    book = openpyxl.load_workbook(mailed["mixes"][0])
    sheet = book.active
    sheet.append([cell.value for cell in sheet[6]])
    book.save(twice := mailed["mixes"][0].with_name("twice.xlsx"))
    run = plants.send("mixes", twice)
    assert any("6" in problem["problem"] for problem in run.problems)


def test_a_form_writes_no_more_than_its_sender_may(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    clerk = User.objects.create_user("clerk")
    owner = plants.access
    table = grants.on_table(plants.output.id, access=owner)
    grants.grant(clerk, [Action.ADD, Action.VIEW], table, access=owner)
    access = access_for(clerk, PLANTS, via="form")
    with mailed["mixes"][0].open("rb") as file:
        run = runs.send(plants.forms["mixes"], File(file, "a.xlsx"), access=access, door=FormRun.Door.PAGE)
    runs.check(run.pk, access=access)
    run.refresh_from_db()
    assert run.counts.get("new", 0) == 0, "links to tables he does not see mean nothing to him"
    with pytest.raises(Forbidden):
        runs.accept(run.pk, access=access)
    stranger = User.objects.create_user("stranger")
    grants.grant(stranger, [Action.ADD, Action.VIEW], table, access=owner)
    with pytest.raises(RunNotFound):
        runs.get(run.pk, access=access_for(stranger, PLANTS, via="form"))


def test_what_lies_in_the_folder_is_taken_in(plants: Plants, mailed: dict[str, list[Path]]) -> None:
    form = plants.forms["mixes"]
    assert inbox.scan(lambda form: plants.access) == 0
    folder = inbox.folder_of(form)
    shutil.copy(mailed["mixes"][0], folder / mailed["mixes"][0].name)
    (folder / "x.txt").write_bytes(b"\0\1\2")
    (folder / "fresh.xlsx").write_bytes(b"half")
    long_ago = time.time() - 60
    for name in (mailed["mixes"][0].name, "x.txt"):
        os.utime(folder / name, (long_ago, long_ago))
    assert inbox.scan(lambda form: plants.access) == 1
    run = form.runs.get()
    assert run.door == FormRun.Door.FOLDER
    assert [p.name for p in (folder / "done").iterdir()] == [f"{run.pk} {mailed['mixes'][0].name}"]
    assert {p.name for p in (folder / "failed").iterdir()} == {"x.txt", "x.txt.txt"}
    assert (folder / "fresh.xlsx").exists(), "a file still being written is left alone"
    tasks.check_sent_file(run_id=run.pk)
    run.refresh_from_db()
    assert run.phase == Phase.APPLIED


def test_the_link_opens_one_form_and_closes(plants: Plants) -> None:
    form = plants.forms["mixes"]
    text = definitions.open_link(form.pk, access=plants.access)
    assert definitions.of_link(text).pk == form.pk
    for wrong in ("", text[:-1], "x" * 43):
        with pytest.raises(FormNotFound):
            definitions.of_link(wrong)
    newer = definitions.open_link(form.pk, access=plants.access)
    with pytest.raises(FormNotFound):
        definitions.of_link(text)
    definitions.close_link(form.pk, access=plants.access)
    with pytest.raises(FormNotFound):
        definitions.of_link(newer)


def test_a_plan_that_makes_no_sense_is_refused(plants: Plants) -> None:
    good = plants.mixes_plan()
    c = plants.column
    for bad in (
        FormPlan(good.sources, keys=()),
        FormPlan(good.sources, keys=(999,)),
        FormPlan((*good.sources, good.sources[0]), keys=good.keys),
        FormPlan((Source(c("Дата")),), keys=(c("Дата"),)),
        FormPlan((Source(c("Дата"), cell="7Z"),), keys=(c("Дата"),)),
        FormPlan((Source(c("План"), ("План",), create=True),), keys=(c("План"),)),
        FormPlan(good.sources, keys=good.keys, missing=Missing.DELETE),
        FormPlan(good.sources, keys=good.keys, missing=Missing.MARK, scope=good.scope),
    ):
        with pytest.raises(BadMapping):
            check(bad, plants.output, access=plants.access)
    assert FormPlan.from_json(good.as_json()) == good
    with pytest.raises(TermNotFound):
        definitions.create("x", "x", 999_999, good, access=plants.access)


@pytest.mark.parametrize("automatic", [None, 20])
def test_a_run_whose_worker_died_begins_again_once(
    plants: Plants, mailed: dict[str, list[Path]], automatic: float | None
) -> None:
    plants.forms["mixes"].automatic = automatic
    plants.forms["mixes"].save()
    run = plants.send("mixes", mailed["mixes"][0])
    ended = {None: Phase.PREVIEW, 20: Phase.APPLIED}[automatic]
    assert run.phase == ended
    if automatic:
        runs.undo(run.pk, access=plants.access)
    # as a worker leaves it that is killed while it checks, or while it writes
    dying = {None: Phase.CHECKING, 20: Phase.APPLYING}[automatic]
    rows = len(plants.rows())
    long_ago = timezone.now() - timedelta(minutes=2)
    FormRun.objects.filter(pk=run.pk).update(phase=dying, heartbeat=timezone.now(), batch=None)
    assert runs.recover() == 0, "it is alive"
    FormRun.objects.filter(pk=run.pk).update(heartbeat=long_ago)
    assert runs.recover() == 1
    run.refresh_from_db()
    assert run.phase == {None: Phase.QUEUED, 20: Phase.ACCEPTED}[automatic]
    step = {None: runs.check, 20: runs.apply}[automatic]
    step(run.pk, access=plants.access)
    run.refresh_from_db()
    assert run.phase == ended
    assert len(plants.rows()) == rows + (run.counts["new"] if automatic else 0)
    FormRun.objects.filter(pk=run.pk).update(phase=dying, heartbeat=long_ago)
    assert runs.get(run.pk, access=plants.access).phase == Phase.FAILED, "not for ever"


def test_rows_that_are_there_already_are_found_by_the_database_and_never_looked_at(
    plants: Plants, mailed: dict[str, list[Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdm.sheets.forms.laying.RUN", 3)
    first = plants.send("mixes", mailed["mixes"][0]).counts
    looked_at: list[int] = []
    read = lines.Sheet.lines
    monkeypatch.setattr(lines.Sheet, "lines", lambda sheet, wanted: looked_at.extend(wanted) or read(sheet, wanted))
    counts = plants.send("mixes", mailed["mixes"][0]).counts
    assert (counts["new"], counts["changed"], counts["same"]) == (0, 0, first["new"] + first["changed"])
    assert len(looked_at) == first["bad"] < counts["same"]


def test_a_name_that_several_rows_of_the_table_have_is_told_and_nothing_written(
    plants: Plants, mailed: dict[str, list[Path]]
) -> None:
    plants.send("mixes", mailed["mixes"][0])
    twin = next(r for r in plants.rows() if plants.cell(r, "Дата") == "2026-12-08")
    values = {column: value.id if isinstance(value, Link) else value for column, value in twin.cells.items()}
    records.create(plants.output.id, 1, {plants.output.id: "999999", **values}, access=plants.access)
    run = plants.send("mixes", mailed["mixes"][0])
    assert run.counts["bad"] >= 1
    told = " ".join(problem["problem"] for problem in run.problems)
    assert "несколько строк таблицы" in told or "Several rows of the table" in told
