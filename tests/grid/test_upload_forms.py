"""Upload forms in the browser: made, sent to, decided about; the link for outsiders shows nothing of the table."""

import io
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from integram import tasks
from qdm.access import Action
from qdm.models import BulkJob, FormRun, UploadForm
from qdm.query.ast import Query
from qdm.selectors import records
from qdm.sheets import bulk
from qdm.sheets.forms import runs
from rbac import grants, tokens
from rbac.models import User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db
ROWS = (("Кандидаты", "Оклад", "Город"), ("Анна", "1 000,50", "казань"), ("Борис", 2000, "Уфа"))


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr("integram.job_connections.close_old_connections", lambda: None)


def file(*rows: tuple[object, ...], name: str = "staff.xlsx") -> SimpleUploadedFile:
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile(name, out.getvalue())


@pytest.fixture
def form(staff: Staff, owner: Client) -> UploadForm:
    """Made on its page: keyed by the main value, salaries under two headings."""
    address = f"/w/{SLUG}/t/{staff.candidates}/forms/"
    assert "Зарплата" in owner.get(address).content.decode()
    c = staff.columns
    response = owner.post(
        address,
        {
            "title": "Кадры за месяц",
            "slug": "staff",
            f"names-{staff.candidates}": "Кандидаты",
            f"key-{staff.candidates}": "on",
            f"names-{c['Зарплата']}": "Зарплата; Оклад",
            f"names-{c['Город']}": "Город",
            "missing": "keep",
        },
    )
    form = UploadForm.objects.get()
    assert response["Location"] == f"/w/{SLUG}/forms/{form.pk}/"
    return form


def names(staff: Staff) -> list[str]:
    return [r.val for r in records.page(staff.candidates, Query(), access=staff.access()).records]


def test_from_a_form_to_rows_and_back(staff: Staff, owner: Client, form: UploadForm) -> None:
    page = f"/w/{SLUG}/forms/{form.pk}/"
    run_page = owner.post(page, {"file": file(*ROWS)})["Location"]
    assert "<progress" in owner.get(run_page).content.decode()
    run = FormRun.objects.get()
    tasks.check_sent_file(run_id=run.pk)
    shown = owner.get(run_page).content.decode()
    assert "Анна" in shown
    assert "1000.50" in shown
    assert names(staff) == []
    assert owner.post(f"{run_page}decide/", {"act": "accept"}).status_code == 302
    tasks.apply_sent_file(run_id=run.pk)
    assert names(staff) == ["Анна", "Борис"]
    assert owner.get(f"{run_page}state").json()["phase"] == "applied"
    assert "staff.xlsx" in owner.get(page).content.decode()
    owner.post(f"{run_page}decide/", {"act": "undo"})
    assert names(staff) == []


def test_a_change_of_the_form_is_kept(staff: Staff, owner: Client, form: UploadForm) -> None:
    page = f"/w/{SLUG}/forms/{form.pk}/change/"
    assert "Зарплата; Оклад" in owner.get(page).content.decode()
    assert owner.post(page, {"title": "Пусто", "missing": "keep"}).status_code == 422
    sent = {"title": "Иначе", f"names-{staff.candidates}": "Имя", f"key-{staff.candidates}": "on", "automatic": "12,5"}
    assert owner.post(page, sent).status_code == 302
    form.refresh_from_db()
    assert (form.title, form.automatic, form.is_open) == ("Иначе", 12.5, False)
    assert "Иначе" in owner.get(f"/w/{SLUG}/forms/").content.decode()
    assert owner.post(f"/w/{SLUG}/forms/{form.pk}/", {"file": file(*ROWS)}).status_code == 422


def test_an_outsider_sends_by_the_link_and_sees_nothing_but_his_own(
    staff: Staff, owner: Client, stranger: Client, form: UploadForm
) -> None:
    staff.add(3)
    page = f"/w/{SLUG}/forms/{form.pk}/"
    owner.post(f"{page}link/", {"act": "open"})
    shown = owner.get(page).content.decode()
    link = "/send/" + shown.split("/send/")[1].split("/")[0] + "/"
    assert link not in owner.get(page).content.decode(), "shown once"
    outsider = Client()
    assert "Кадры за месяц" in outsider.get(link).content.decode()
    sent = outsider.post(link, {"file": file(*ROWS, ("Вера", "много", "Тверь")), "sender": "Завод"})["Location"]
    run = FormRun.objects.get()
    assert (run.door, run.sender, run.owner) == ("link", "Завод", staff.owner.pk)
    tasks.check_sent_file(run_id=run.pk)
    told = outsider.get(sent).content.decode()
    assert "много" in told
    assert "Кандидат 0" not in told
    book = openpyxl.load_workbook(io.BytesIO(b"".join(outsider.get(f"{sent}marked").streaming_content)))  # type: ignore[attr-defined]
    assert "много" in book.worksheets[0]["B4"].comment.text
    assert outsider.get(f"/w/{SLUG}/forms/{form.pk}/").status_code == 302
    assert stranger.get(f"/w/{SLUG}/forms/runs/{run.pk}/").status_code == 404
    assert outsider.get(f"{link}{sent.split('/')[3][:-2]}xx/").status_code == 404
    big = SimpleUploadedFile("big.xlsx", b"PK" + b"0" * (20 * 2**20))
    assert outsider.post(link, {"file": big}).status_code == 422
    owner.post(f"{page}link/", {"act": "close"})
    assert outsider.get(link).status_code == 404
    assert outsider.post(link, {"file": file(*ROWS)}).status_code == 404


def test_a_form_takes_so_many_files_a_day_and_says_so(owner: Client, form: UploadForm) -> None:
    page = f"/w/{SLUG}/forms/{form.pk}/"
    owner.post(f"{page}link/", {"act": "open"})
    link = "/send/" + owner.get(page).content.decode().split("/send/")[1].split("/")[0] + "/"
    FormRun.objects.bulk_create(
        FormRun(form=form, owner=1, sender="Завод", door="link", file_name="a.xlsx", language="ru", folder=f"f{number}")
        for number in range(runs.MOST_A_DAY)
    )
    refused = Client().post(link, {"file": file(*ROWS), "sender": "Завод"})
    assert refused.status_code == 422
    assert "слишком много файлов" in refused.content.decode()
    assert FormRun.objects.count() == runs.MOST_A_DAY
    FormRun.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert Client().post(link, {"file": file(*ROWS), "sender": "Завод"}).status_code == 302


def test_who_may_not_add_to_the_table_has_no_form(staff: Staff, form: UploadForm) -> None:
    viewer = User.objects.create_user("viewer")
    access = staff.access()
    grants.grant(viewer, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(viewer)
    assert client.get(f"/w/{SLUG}/forms/{form.pk}/").status_code == 404
    assert client.get(f"/w/{SLUG}/t/{staff.candidates}/forms/").status_code == 403
    clerk = User.objects.create_user("clerk")
    grants.grant(clerk, [Action.ADD, Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client.force_login(clerk)
    assert client.get(f"/w/{SLUG}/forms/{form.pk}/").status_code == 200
    assert client.post(f"/w/{SLUG}/forms/{form.pk}/link/", {"act": "open"}).status_code == 403
    assert client.post(f"/w/{SLUG}/forms/{form.pk}/delete/").status_code == 403


def test_programs_send_files_too(staff: Staff, form: UploadForm) -> None:
    api = Client(headers={"Authorization": f"Bearer {tokens.create(staff.owner)}"})
    assert [one["name"] for one in api.get(f"/{SLUG}/forms").json()] == ["staff"]
    sent = api.post(f"/{SLUG}/forms/{form.pk}/files?name=a.xlsx", file(*ROWS).read(), "application/octet-stream")
    assert sent.status_code == 202
    run = sent.json()["id"]
    tasks.check_sent_file(run_id=run)
    state = api.get(f"/{SLUG}/form-runs/{run}").json()
    assert (state["phase"], state["counts"]["new"]) == ("preview", 2)
    assert api.post(f"/{SLUG}/form-runs/{run}", {"act": "burn"}, "application/json").status_code == 422
    assert api.post(f"/{SLUG}/form-runs/{run}", {"act": "accept"}, "application/json").json()["phase"] == "accepted"
    tasks.apply_sent_file(run_id=run)
    assert names(staff) == ["Анна", "Борис"]
    assert api.post(f"/{SLUG}/form-runs/{run}", {"act": "undo"}, "application/json").json()["phase"] == "undone"
    assert names(staff) == []


def test_a_program_takes_back_a_large_file_by_the_worker(
    staff: Staff, form: UploadForm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk, "AT_ONCE", 1)
    api = Client(headers={"Authorization": f"Bearer {tokens.create(staff.owner)}"})
    sent = api.post(f"/{SLUG}/forms/{form.pk}/files?name=a.xlsx", file(*ROWS).read(), "application/octet-stream")
    run = sent.json()["id"]
    tasks.check_sent_file(run_id=run)
    api.post(f"/{SLUG}/form-runs/{run}", {"act": "accept"}, "application/json")
    tasks.apply_sent_file(run_id=run)
    answers = [api.post(f"/{SLUG}/form-runs/{run}", {"act": "undo"}, "application/json") for _ in range(2)]
    assert [a.status_code for a in answers] == [202, 202]
    assert answers[0].json()["phase"] == "applied"
    assert answers[1].json()["undo"] == {"phase": "waiting", "rows": 0, "message": ""}
    (job,) = BulkJob.objects.all()  # asked twice, done once
    assert names(staff) == ["Анна", "Борис"]
    tasks.carry_out_bulk(job_id=job.pk)
    state = api.get(f"/{SLUG}/form-runs/{run}").json()
    assert (state["phase"], state["undo"]["phase"]) == ("undone", "done")
    assert names(staff) == []
    assert api.post(f"/{SLUG}/form-runs/{run}", {"act": "undo"}, "application/json").status_code == 409


def test_rows_of_a_sub_table_go_to_the_rows_they_belong_to(staff: Staff, owner: Client) -> None:
    first, second = staff.add(2)
    page = f"/w/{SLUG}/t/{staff.skills}/forms/"
    assert f"names-{staff.skills_tab}" in owner.get(page).content.decode(), "the row it lies in is one of its columns"
    level = staff.access().term(staff.skills).cells[0].id
    sent = {
        "slug": "skills",
        "title": "Навыки",
        f"names-{staff.skills}": "Навык",
        f"key-{staff.skills}": "on",
        f"names-{staff.skills_tab}": "Кандидат",
        f"names-{level}": "Уровень",
        "automatic": "50",
    }
    refused = owner.post(page, sent)
    assert refused.status_code == 422
    assert "Кандидаты" in refused.content.decode(), "a skill is named by its candidate too"
    assert owner.post(page, sent | {f"key-{staff.skills_tab}": "on"}).status_code == 302
    form = UploadForm.objects.get()

    def taken(*rows: tuple[object, ...]) -> FormRun:
        book = openpyxl.Workbook()
        for row in (("Навык", "Кандидат", "Уровень"), *rows):
            book.active.append(row)
        content = io.BytesIO()
        book.save(content)
        owner.post(f"/w/{SLUG}/forms/{form.pk}/", {"file": SimpleUploadedFile("skills.xlsx", content.getvalue())})
        run = FormRun.objects.latest("pk")
        tasks.check_sent_file(run_id=run.pk)
        run.refresh_from_db()
        return run

    def skills(up: int) -> list[tuple[str, object]]:
        found = records.page(staff.skills, Query(up=up), access=staff.access()).records
        return [(r.val, r.cells[level]) for r in found]

    a, b = ("Кандидат 00001", "кандидат 00002")
    run = taken(("SQL", a, 3), ("SQL", b, 5), ("Java", b, 1), ("Go", "Никто", 2))
    assert (run.phase, run.counts["new"], run.counts["bad"]) == ("applied", 3, 1)
    assert [p["cell"] for p in run.problems] == ["B5"]
    assert (skills(first), skills(second)) == ([("SQL", "3")], [("Java", "1"), ("SQL", "5")])
    run = taken(("SQL", a, 3), ("SQL", b, 6), ("Java", a, 2))
    assert (run.counts["new"], run.counts["changed"], run.counts["same"]) == (1, 1, 1)
    assert (skills(first), skills(second)) == ([("Java", "2"), ("SQL", "3")], [("Java", "1"), ("SQL", "6")])
    owner.post(f"/w/{SLUG}/forms/runs/{run.pk}/decide/", {"act": "undo"})
    assert (skills(first), skills(second)) == ([("SQL", "3")], [("Java", "1"), ("SQL", "5")])
