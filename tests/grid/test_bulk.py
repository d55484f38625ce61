"""Many rows at once from the sheet's page: small ones while one waits, large ones by the worker, each to its owner."""

import threading
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from integram import tasks
from qdm.access import Action
from qdm.models import BulkJob
from qdm.query.ast import Query
from qdm.selectors import history
from qdm.selectors import records as reading
from qdm.services import records, workspaces
from qdm.sheets import bulk
from rbac import grants
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def address(staff: Staff, kind: str, question: str = "") -> str:
    return f"/w/{SLUG}/t/{staff.candidates}/bulk/{kind}/{question}"


def phones(staff: Staff) -> list[object]:
    found = reading.page(staff.candidates, Query(limit=100), access=staff.access())
    return [r.cells.get(staff.columns["Телефон"]) for r in found.records]


def set_phone(staff: Staff, client: Client, question: str = "", *, expected: int) -> BulkJob:
    sent = {"column": staff.columns["Телефон"], "value": "112", "expected": expected}
    response = client.post(address(staff, "set", question), sent)
    assert response.status_code == 302, response.content.decode()
    job = BulkJob.objects.latest("pk")
    assert response["Location"] == f"/w/{SLUG}/bulk/{job.pk}/"
    return job


@pytest.fixture
def large(monkeypatch: pytest.MonkeyPatch) -> None:
    """Eleven rows are many."""
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    # the pulse has a connection of its own, which does not see what this test has not committed
    monkeypatch.setattr("integram.job_connections.close_old_connections", lambda: None)


def test_the_form_says_how_many_rows_and_sets_the_value_in_them(staff: Staff, owner: Client) -> None:
    ids = staff.add(12)
    question = f"?q=Кандидат 0000&sort=-{staff.columns['Зарплата']}"
    form = owner.get(address(staff, "set", question)).content.decode()
    assert "в 9 строках" in form
    assert 'name="expected" value="9"' in form
    job = set_phone(staff, owner, question, expected=9)
    assert phones(staff) == [*["112"] * 9, None, None, None]
    page = owner.get(f"/w/{SLUG}/bulk/{job.pk}/").content.decode()
    assert "9 строках" in page
    state = owner.get(f"/w/{SLUG}/bulk/{job.pk}/state").json()
    assert (state["phase"], state["written"], state["refused"]) == ("done", 9, 0)
    assert state["act"]["batch"] == job.batch == history.batches(access=staff.access())[0].id
    sheet = owner.get(f"/w/{SLUG}/t/{staff.candidates}/").content.decode()
    assert f'"batch": {job.batch}' in sheet, "the sheet can take it back"
    response = owner.post(f"/w/{SLUG}/bulk/{job.pk}/undo/")
    assert "bulk" in response["Location"]
    assert phones(staff) == [None] * 12
    assert ids


def test_named_rows_and_rows_between_two(staff: Staff, owner: Client) -> None:
    ids = staff.add(6)
    owner.post(address(staff, "duplicate", f"?ids={ids[0]},{ids[1]}"), {"expected": 2, "below": "on"})
    assert len(phones(staff)) == 8
    owner.post(address(staff, "delete", f"?first={ids[2]}&last={ids[4]}"), {"expected": 3})
    left = reading.page(staff.candidates, Query(), access=staff.access()).records
    assert [r.val for r in left] == [f"Кандидат {n:05}" for n in (1, 1, 2, 2, 6)]
    assert owner.get(address(staff, "delete", f"?first={ids[2]}&last={ids[5]}")).status_code == 409
    assert owner.get(address(staff, "delete", "?q=никого")).status_code == 400


def test_more_rows_than_one_was_told_are_not_touched(staff: Staff, owner: Client) -> None:
    staff.add(5)
    response = owner.post(address(staff, "delete"), {"expected": 4})
    assert response.status_code == 422
    assert "больше" in response.content.decode()
    assert len(phones(staff)) == 5
    assert not BulkJob.objects.exists()


def test_what_does_not_fit_is_said_in_the_form(staff: Staff, owner: Client) -> None:
    staff.add(2)
    sent = {"column": staff.columns["Зарплата"], "value": "много", "expected": 2}
    response = owner.post(address(staff, "set"), sent)
    assert response.status_code == 422
    assert "много" in response.content.decode()
    sent = {"column": staff.columns["Город"], "value": "Атлантида", "expected": 2}
    assert owner.post(address(staff, "set"), sent).status_code == 422


def test_a_large_one_is_the_workers_and_seen_by_its_owner_only(
    staff: Staff, owner: Client, stranger: Client, large: None
) -> None:
    staff.add(25)
    job = set_phone(staff, owner, expected=25)
    page = f"/w/{SLUG}/bulk/{job.pk}/"
    assert "<progress" in owner.get(page).content.decode()
    assert owner.get(f"{page}state").json() == {"phase": "waiting", "done": 0, "total": 25, "message": ""}
    assert phones(staff) == [None] * 25
    tasks.carry_out_bulk(job_id=job.pk)
    assert phones(staff) == ["112"] * 25
    manager = User.objects.create_user("manager")
    access = staff.access()
    grants.grant(manager, [Action.MANAGE], grants.on_workspace(access), access=access)
    other = Client()
    other.force_login(manager)
    for client in (stranger, other):
        for part in ("", "state"):
            assert client.get(f"{page}{part}").status_code == 404
        for part in ("cancel/", "undo/"):
            assert client.post(f"{page}{part}").status_code == 404
    back = owner.post(f"{page}undo/")["Location"]
    assert "<progress" in owner.get(back).content.decode()
    tasks.carry_out_bulk(job_id=BulkJob.objects.latest("pk").pk)
    assert phones(staff) == [None] * 25
    assert "отменено" in owner.get(back).content.decode().lower()


def test_rights_are_those_of_the_moment_the_job_runs(staff: Staff, owner: Client, large: None) -> None:
    staff.add(25)
    clerk = User.objects.create_user("clerk")
    access = staff.access()
    table = grants.on_table(staff.candidates, access=access)
    grants.grant(clerk, [Action.CHANGE], table, access=access)
    client = Client()
    client.force_login(clerk)
    job = set_phone(staff, client, expected=25)
    grants.lock(grants.on_field(staff.columns["Телефон"], access=access), Lock.CHANGE, access=access)
    tasks.carry_out_bulk(job_id=job.pk)
    job.refresh_from_db()
    assert (job.phase, phones(staff)) == ("failed", [None] * 25)
    assert job.message
    job = BulkJob.objects.create(
        workspace=job.workspace,
        owner=job.owner,
        kind="delete",
        term=job.term,
        chosen=job.chosen,
        change={"expected": 25},
    )
    clerk.is_active = False
    clerk.save()
    tasks.carry_out_bulk(job_id=job.pk)
    job.refresh_from_db()
    assert (job.phase, len(phones(staff))) == ("failed", 25)


def test_who_may_not_is_offered_nothing_and_refused(staff: Staff, owner: Client) -> None:
    staff.add(3)
    viewer = User.objects.create_user("viewer")
    access = staff.access()
    grants.grant(viewer, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(viewer)
    sheet = f"/w/{SLUG}/t/{staff.candidates}/"
    for kind in ("set", "delete", "duplicate"):
        assert client.get(address(staff, kind)).status_code == 403
        assert client.post(address(staff, kind), {"expected": 3}).status_code == 403
        assert f"bulk/{kind}/" not in client.get(sheet).content.decode()
        assert f"bulk/{kind}/" in owner.get(sheet).content.decode()


def test_rows_that_stayed_are_listed_with_the_reason(staff: Staff, owner: Client) -> None:
    ids = staff.add(3)
    city = reading.page(staff.cities, Query(), access=staff.access()).records[0]
    response = owner.post(f"/w/{SLUG}/t/{staff.cities}/bulk/delete/", {"expected": 3})
    page = owner.get(response["Location"]).content.decode()
    assert "2 строки остались" in page
    assert f"/t/{staff.cities}/r/{city.id}/" in page
    assert ids


def test_a_cancelled_one_leaves_nothing(staff: Staff, owner: Client, large: None) -> None:
    staff.add(25)
    job = set_phone(staff, owner, expected=25)
    owner.post(f"/w/{SLUG}/bulk/{job.pk}/cancel/")
    tasks.carry_out_bulk(job_id=job.pk)
    job.refresh_from_db()
    assert (job.phase, phones(staff)) == ("cancelled", [None] * 25)


def test_one_whose_worker_died_begins_again_once(staff: Staff, owner: Client, large: None) -> None:
    staff.add(25)
    job = set_phone(staff, owner, expected=25)
    dead = timezone.now() - timedelta(minutes=2)
    for expected in ("waiting", "failed"):
        BulkJob.objects.filter(pk=job.pk).update(phase="writing", heartbeat=dead)
        assert bulk.recover() == 1
        job.refresh_from_db()
        assert job.phase == expected
    assert "Ничего" in job.message


def test_a_large_undo_from_the_sheet_and_from_the_history_is_the_workers(
    staff: Staff, owner: Client, large: None
) -> None:
    ids = staff.add(25)
    batch = history.batches(access=staff.access())[0].id
    answer = owner.post(
        f"/w/{SLUG}/t/{staff.candidates}/undo", {"batch": batch}, content_type="application/json"
    ).json()
    job = BulkJob.objects.get()
    assert answer == {"job": f"/w/{SLUG}/bulk/{job.pk}/state"}
    assert owner.get(answer["job"]).json()["phase"] == "waiting"
    tasks.carry_out_bulk(job_id=job.pk)
    state = owner.get(answer["job"]).json()
    assert (state["phase"], state["structure"], phones(staff)) == ("done", False, [])
    response = owner.post(f"/w/{SLUG}/history/{state['batch']}/undo/", {})
    job = BulkJob.objects.latest("pk")
    assert response["Location"] == f"/w/{SLUG}/bulk/{job.pk}/"
    tasks.carry_out_bulk(job_id=job.pk)
    assert len(phones(staff)) == len(ids)


@pytest.mark.django_db(transaction=True)
def test_a_running_one_is_stopped_and_its_rows_are_as_they_were(
    staff: Staff, owner: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With real connections: the pulse reads the flag while the transaction is open."""
    monkeypatch.setattr(bulk, "AT_ONCE", 10)
    monkeypatch.setattr("qdm.services.bulk.AT_ONCE", 5)
    staff.add(25)
    job = set_phone(staff, owner, expected=25)
    seen = threading.Event()
    write = records.write

    def slowly(*args: object, **kwargs: object) -> object:
        if not seen.is_set():
            BulkJob.objects.filter(pk=job.pk)  # the first run is written, the user looks and cancels
            seen.set()
            _in_another_connection(lambda: owner.post(f"/w/{SLUG}/bulk/{job.pk}/cancel/"))
        until = threading.Event()
        until.wait(0.7)
        return write(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "write", slowly)
    try:
        tasks.carry_out_bulk(job_id=job.pk)
        job.refresh_from_db()
        assert (job.phase, phones(staff)) == ("cancelled", [None] * 25)
    finally:
        workspaces.drop(SLUG, SLUG)


def _in_another_connection(act: object) -> None:
    def run() -> None:
        assert callable(act)
        act()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
