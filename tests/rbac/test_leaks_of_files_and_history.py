"""Leaks through what is kept or carried away: history, undo, exports, jobs, webhooks of others."""

import io
import json
import zipfile
from typing import Any

import pytest
from django.contrib.auth.models import Group

from integram.api.models import Webhook
from qdm.access import Access, Action
from qdm.errors import NotFound
from qdm.models import ExportJob, ImportJob
from qdm.record import HIDDEN_LINK
from qdm.selectors import history
from qdm.services import batches, records
from rbac import grants
from rbac.access import access_for
from tests.rbac.test_leaks import Low, delete, low
from tests.rbac.world import Agency

__all__ = ["low"]

pytestmark = pytest.mark.django_db


def may_export(low: Low, root: Access) -> None:
    own = grants.on_table(low.agency.candidate, "Рекрутёр = @me", access=root)
    grants.grant(Group.objects.get(name="Рекрутёры"), [Action.EXPORT, Action.DELETE], own, access=root)


def mine(low: Low) -> Access:
    return access_for(low.user, "agency", via="test")


# History


def test_lk_091_the_history_of_an_unseen_row_is_none(low: Low, root: Access) -> None:
    records.update(low.foreign[0], {low.agency.status: "other"}, access=root)
    for record in (low.foreign[0], 999_999):
        with pytest.raises(NotFound):
            history.of_record(record, access=mine(low))
        assert low.page(f"r/{record}/history/").status_code == 404


def test_lk_093_what_touched_only_hidden_columns_left_no_trace(low: Low, root: Access) -> None:
    before = history.of_record(low.own[0], access=mine(low))
    records.update(low.own[0], {low.agency.salary: 777}, access=root)
    assert history.of_record(low.own[0], access=mine(low)) == before
    records.update(low.own[0], {low.agency.salary: 987654321, low.agency.status: "both"}, access=root)
    (entry,) = history.of_record(low.own[0], access=mine(low))[: -len(before) or None]
    assert entry.before.keys() == entry.after.keys() == {str(low.agency.status)}
    page = low.page(f"r/{low.own[0]}/history/").content.decode()
    assert "987654321" not in page
    assert "Зарплата" not in page


def test_links_in_the_history_are_those_one_sees_today(low: Low, root: Access, a: Agency) -> None:
    hr, it, secret = a.departments
    key = str(a.in_department)
    records.update(low.own[0], {a.in_department: it}, access=root)
    records.update(low.own[0], {a.in_department: secret}, access=root)
    newest, *_older = history.of_record(low.own[0], access=mine(low))
    assert newest.after[key] == [HIDDEN_LINK]
    assert [link.label for link in newest.before[key]] == ["IT"]
    page = low.page(f"r/{low.own[0]}/history/").content.decode()
    assert "Секретный" not in page
    assert f">{secret}<" not in page
    other = a.world.record(a.department, "Тайный", {a.budget: 90})
    count = len(history.of_record(low.own[0], access=mine(low)))
    records.update(low.own[0], {a.in_department: other}, access=root)
    assert len(history.of_record(low.own[0], access=mine(low))) == count, "from one unseen target to another"
    records.update(low.own[0], {a.in_department: hr}, access=root)
    assert [link.label for link in history.of_record(low.own[0], access=mine(low))[0].after[key]] == ["HR"]


def test_lk_063_the_acts_of_others_are_not_undone(low: Low, root: Access) -> None:
    boss = low.user.__class__.objects.create_superuser("boss2")
    own = access_for(boss, "agency", via="test")
    records.update(low.own[0], {low.agency.status: "theirs"}, access=own)
    batch = history.batches(access=own)[0].id
    errors = []
    for wanted in (batch, 999_999):
        with pytest.raises(NotFound) as error:
            batches.undo(wanted, access=mine(low))
        errors.append((error.value.code, str(error.value).replace(str(wanted), "")))
    assert errors[0] == errors[1]
    assert history.batches(access=mine(low)) == []


# Exports


def exported(low: Low, name: str, **question: Any) -> bytes:
    asked = "".join(f"&{key}={value}" for key, value in question.items())
    answer = low.api("get", f"objects/{low.agency.candidate}/export?format={name}{asked}")
    assert answer.status_code == 200, answer.content.decode()
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


@pytest.mark.parametrize("name", ["csv", "json"])
@pytest.mark.parametrize("unseen", ["salary", "foreign", "secret"])
def test_lk_079_a_file_is_the_same_with_the_unseen_and_without(low: Low, root: Access, name: str, unseen: str) -> None:
    may_export(low, root)
    there = exported(low, name)
    delete(low, unseen)
    assert there == exported(low, name)


@pytest.mark.parametrize("name", ["xlsx", "ods"])
def test_lk_079_no_part_of_a_workbook_has_hidden_values(low: Low, root: Access, name: str) -> None:
    may_export(low, root)
    low.agency.world.run("update node set val = '987654' where t = %s", low.agency.salary)
    with zipfile.ZipFile(io.BytesIO(exported(low, name))) as workbook:
        text = b"".join(workbook.read(part) for part in workbook.namelist()).decode("utf-8", "replace")
    assert "Кандидат 0" in text
    for hidden in ("Зарплата", "987654", "Секретный", "Кандидат 1"):
        assert hidden not in text


def test_a_file_needs_the_right_to_export(low: Low) -> None:
    assert low.api("get", f"objects/{low.agency.candidate}/export?format=csv").status_code == 403


def test_a_file_cannot_be_asked_for_by_a_hidden_column(low: Low, root: Access) -> None:
    may_export(low, root)
    path = f"objects/{low.agency.candidate}/export?format=csv&sort="
    hidden, typo = low.api("get", path + "Зарплата"), low.api("get", path + "Зарплато")
    assert hidden.status_code == typo.status_code == 400
    assert hidden.content.decode().replace("Зарплата", "Зарплато") == typo.content.decode()


def test_lk_085_the_jobs_of_others_are_none(low: Low, root: Access) -> None:
    may_export(low, root)
    job = ExportJob.objects.create(
        workspace=low.agency.world.workspace, owner=987, term=low.agency.candidate, format="csv", question={},
        file_name="x.csv", folder="theirs", phase=ExportJob.Phase.DONE,
    )  # fmt: skip
    imported = ImportJob.objects.create(workspace=low.agency.world.workspace, owner=987, file_name="x", folder="y")
    for there, missing in (
        (low.api("get", f"exports/{job.pk}"), low.api("get", "exports/999999")),
        (low.api("get", f"exports/{job.pk}/file"), low.api("get", "exports/999999/file")),
        (low.grid.get(f"/w/agency/export/{job.pk}/"), low.grid.get("/w/agency/export/999999/")),
        (low.grid.get(f"/w/agency/export/{job.pk}/file"), low.grid.get("/w/agency/export/999999/file")),
        (low.grid.get(f"/w/agency/import/{imported.pk}/state"), low.grid.get("/w/agency/import/999999/state")),
        (low.grid.get(f"/w/agency/import/{imported.pk}/"), low.grid.get("/w/agency/import/999999/")),
    ):
        assert there.status_code == missing.status_code
        assert there.status_code in (403, 404)


# Webhooks


def test_the_webhooks_of_others_are_none(low: Low, root: Access) -> None:
    other = low.user.__class__.objects.create_user("other")
    hook = Webhook.objects.create(
        workspace=low.agency.world.workspace, owner=other, term_id=low.agency.candidate, url="https://example.org/",
        nonce="n", seen="",
    )  # fmt: skip
    for path in ("webhooks/{}", "webhooks/{}/deliveries"):
        there, missing = low.api("get", path.format(hook.pk)), low.api("get", path.format(999_999))
        assert there.status_code == missing.status_code == 404
        assert there.content.decode().replace(str(hook.pk), "") == missing.content.decode().replace("999999", "")
    assert json.loads(low.api("get", "webhooks").content) == []
    body = {"term_id": low.agency.candidate, "url": "https://example.org/"}
    assert low.api("post", "webhooks", body).status_code == 403
