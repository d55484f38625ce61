"""Leaks through files that are taken in: what the sender may not see is as if it were not there."""

import io
import re
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from qdm.access import Access, Action
from qdm.models import FormRun, UploadForm
from qdm.query.ast import Query
from qdm.selectors import records
from qdm.sheets.forms import definitions, runs
from qdm.sheets.forms.plan import FormPlan, Missing, Source
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from tests.rbac.test_leaks import Low, delete, low
from tests.rbac.world import Agency

__all__ = ["low"]

pytestmark = pytest.mark.django_db

HEAD = ("Кандидат", "Рекрутёр", "Статус", "Зарплата", "Подразделение")


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


def book(*rows: tuple[object, ...]) -> SimpleUploadedFile:
    made, out = openpyxl.Workbook(), io.BytesIO()
    for row in (HEAD, *rows):
        made.active.append(row)
    made.save(out)
    return SimpleUploadedFile("rows.xlsx", out.getvalue())


def form_of(a: Agency, missing: Missing = Missing.KEEP, *, salaries: bool = False) -> UploadForm:
    """The manager's: a row is known by its name, a file speaks of all rows with its statuses."""
    boss = User.objects.create_superuser("form-boss")
    columns = (a.candidate, a.recruiter, a.status, a.salary, a.in_department)
    named = zip(HEAD, columns, strict=True)
    sources = tuple(Source(column, (name,)) for name, column in named if salaries or column != a.salary)
    plan = FormPlan(sources, keys=(a.candidate,), missing=missing, scope=(a.status,))
    access = access_for(boss, "agency", via="form")
    return definitions.create("candidates", "Кандидаты", a.candidate, plan, access=access)


def checked(low: Low, form: UploadForm, *rows: tuple[object, ...]) -> FormRun:
    """The recruiter sends the file, and the worker has looked at it under her rights."""
    access = access_for(low.user, "agency", via="form")
    run = runs.send(form, book(*rows), access=access, door=FormRun.Door.PAGE)
    runs.check(run.pk, access=access)
    run.refresh_from_db()
    return run


def told(low: Low, run: FormRun) -> tuple[Any, ...]:
    """Everything the sender is told of the run, without what names it or says when."""
    page = low.grid.get(f"/w/agency/forms/runs/{run.pk}/").content.decode()
    main = re.sub(r'value="\w{64}"|<time.*?</time>|\d\d\.\d\d\.\d{4} \d\d:\d\d', "", page[page.index("<main") :])
    sheets: list[Any] = []
    if run.problems:
        marked = openpyxl.load_workbook(runs.marked(run))
        sheets = [[cell.value, cell.comment.text if cell.comment else None] for s in marked for r in s for cell in r]
    return run.phase, run.message, run.counts, run.preview, run.problems, main.replace(f"/{run.pk}/", "/*/"), sheets


def may_delete(low: Low, root: Access) -> None:
    """Her own candidates, who have no interviews: those she may not delete."""
    low.agency.world.erase(*low.agency.interview_rows)
    mine = grants.on_table(low.agency.candidate, "Рекрутёр = @me", access=root)
    grants.grant(Group.objects.get(name="Рекрутёры"), [Action.DELETE], mine, access=root)


FILES = {
    "foreign": (("Кандидат 1", "anna", "new", None, "HR"), ("Кандидат 2", "anna", "hired", None, None)),
    "secret": (("Кандидат 0", "anna", "new", None, "Секретный"), ("Кандидат 9", "anna", "new", None, "Секретный")),
    "salary": (("Кандидат 0", "anna", "new", 110, "HR"), ("Кандидат 9", "anna", "hired", 5, None)),
}


@pytest.mark.parametrize("unseen", FILES)
@pytest.mark.parametrize("missing", [Missing.KEEP, Missing.DELETE])
def test_lk_071_lines_about_the_unseen_are_as_those_about_the_missing(
    low: Low, root: Access, unseen: str, missing: Missing
) -> None:
    form = form_of(low.agency, missing, salaries=unseen == "salary")
    may_delete(low, root)
    before = {r.id: (r.val, r.cells) for r in records.page(low.agency.candidate, Query(limit=50), access=root).records}
    there = told(low, checked(low, form, *FILES[unseen]))
    after = {r.id: (r.val, r.cells) for r in records.page(low.agency.candidate, Query(limit=50), access=root).records}
    assert after == before, "a preview writes nothing"
    assert (there[0] == FormRun.Phase.FAILED) == (unseen == "salary"), there[1]
    delete(low, unseen)
    assert told(low, checked(low, form, *FILES[unseen])) == there


def test_lk_073_rows_the_file_does_not_have_are_deleted_as_far_as_the_sender_may(low: Low, root: Access) -> None:
    a = low.agency
    form = form_of(a, Missing.DELETE)
    may_delete(low, root)
    form.owner = low.user.pk
    form.save()
    rows = (("Кандидат 0", "anna", "new", None, None),)
    run = checked(low, form, *rows)
    assert run.phase == FormRun.Phase.PREVIEW, (run.message, run.problems)
    assert [one["name"] for one in run.preview if one["kind"] == "missing"] == ["Кандидат 6"]
    access = access_for(low.user, "agency", via="form")
    runs.accept(run.pk, access=access)
    runs.apply(run.pk, access=access)
    run.refresh_from_db()
    assert run.phase == FormRun.Phase.APPLIED, (run.message, run.problems)
    left = {r.val for r in records.page(a.candidate, Query(limit=50), access=root).records}
    assert left == {f"Кандидат {i}" for i in (0, 1, 2, 3, 4, 5, 7)}, "the unseen with that status (2, 4) stay"


def test_lk_075_an_outsider_is_told_the_same_whatever_the_table_has(a: Agency, root: Access) -> None:
    form = form_of(a, salaries=True)
    owner = access_for(User.objects.get(username="form-boss"), "agency", via="form")
    link = definitions.open_link(form.pk, access=owner)

    def sent() -> tuple[str, bytes]:
        outsider = Client()
        rows = (("Кандидат 1", "boris", "new", "много", "Нет такого"), ("Кандидат 77", "boris", "new", 5, "HR"))
        address = outsider.post(f"/send/{link}/", {"file": book(*rows), "sender": "Завод"})["Location"]
        run = FormRun.objects.order_by("-pk")[0]
        runs.check(run.pk, access=owner)
        page = outsider.get(address).content.decode().replace(address, "*")
        marked = openpyxl.load_workbook(io.BytesIO(b"".join(outsider.get(f"{address}marked").streaming_content)))  # type: ignore[attr-defined]
        cells = [(s.title, c.coordinate, c.value, c.comment and c.comment.text) for s in marked for r in s for c in r]
        return re.sub(r'nonce="[^"]+"|name="csrf.*?>', "", page), repr(cells).encode()

    there = sent()
    assert "много" in there[0]
    assert "Кандидат 0" not in there[0]
    a.world.erase(*a.candidates)
    assert sent() == there
