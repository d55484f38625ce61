"""Files of cells: in by whoever may write the cell, out to whoever may read it, and nothing in them ever runs."""

import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import FileResponse
from django.test import Client

from integram import archive
from qdm.access import Action
from qdm.models import StoredFile, Workspace
from qdm.query.ast import Compare, Op, Query, Search
from qdm.selectors import history
from qdm.selectors import records as reading
from qdm.services import batches, columns, records, workspaces
from qdm.services.column_types import Spec
from qdm.sheets.export import jobs
from qdm.sheets.export.jobs import Order
from qdm.types import files
from qdm.types.base import BaseType
from rbac import grants, tokens
from rbac.models import User
from rbac.models.guard import Lock
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture
def scans(staff: Staff) -> int:
    return columns.create(staff.candidates, Spec("Скан", BaseType.FILE), access=staff.access())


def send(client: Client, staff: Staff, column: int, name: str = "Договор № 1.pdf", content: bytes = b"%PDF-1.7") -> Any:
    sent = {"file": SimpleUploadedFile(name, content)}
    address = f"/w/{SLUG}/t/{staff.candidates}/files/{column}"
    return client.post(address, sent, headers={"accept": "application/json"})


def put(client: Client, staff: Staff, column: int, row: int, name: str, content: bytes) -> str:
    """The address of the file, put into the cell of the row."""
    text = send(client, staff, column, name, content).json()["value"]
    records.update(row, {column: text}, access=staff.access())
    return address(staff, row, column, text)


def address(staff: Staff, row: int, column: int, text: str) -> str:
    found = files.parts(text)
    assert found is not None
    return f"/w/{SLUG}/t/{staff.candidates}/r/{row}/files/{column}/{found[1]}"


def content(response: Any) -> bytes:
    assert isinstance(response, FileResponse)
    return b"".join(response.streaming_content)  # type: ignore[arg-type]


def test_a_file_goes_in_as_text_and_comes_out_as_it_was(staff: Staff, owner: Client, scans: int) -> None:
    (row,) = staff.add(1)
    url = put(owner, staff, scans, row, "../Договор № 1.pdf", b"%PDF-1.7")
    cell = reading.get(row, access=staff.access()).cells[scans]
    assert isinstance(cell, str)
    assert files.name_of(cell) == "Договор № 1.pdf"
    response = owner.get(url)
    assert content(response) == b"%PDF-1.7"
    assert response["Content-Disposition"].startswith("attachment")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert response["Content-Type"] == "application/octet-stream"
    for found in (Search("договор"), Compare(scans, Op.CONTAINS, "№ 1")):
        assert reading.count(staff.candidates, Query(filter=found), access=staff.access()).value == 1


def test_only_what_is_a_picture_by_its_bytes_is_shown(staff: Staff, owner: Client, scans: int) -> None:
    rows = staff.add(3)
    shown = owner.get(put(owner, staff, scans, rows[0], "a.png", PNG) + "?shown")
    assert (shown["Content-Type"], content(shown)) == ("image/png", PNG)
    assert shown["Content-Disposition"].startswith("inline")
    for row, name, bytes_ in ((rows[1], "a.png", b"<html><script>1</script>"), (rows[2], "a.svg", SVG)):
        response = owner.get(put(owner, staff, scans, row, name, bytes_) + "?shown")
        assert response["Content-Type"] == "application/octet-stream"
        assert response["Content-Disposition"].startswith("attachment")
        assert "sandbox" in response["Content-Security-Policy"]


def test_what_is_not_seen_is_missing(staff: Staff, owner: Client, stranger: Client, scans: int) -> None:
    rows = staff.add(2)
    url = put(owner, staff, scans, rows[0], "тайна.pdf", b"1")
    other = put(owner, staff, scans, rows[1], "не тайна.pdf", b"2")
    clerk = User.objects.create_user("clerk")
    client = Client()
    client.force_login(clerk)
    access = staff.access()
    rule = f"{'Кандидаты'} = 'Кандидат 00002'"
    grants.grant(clerk, [Action.VIEW], grants.on_table(staff.candidates, rule, access=access), access=access)
    assert content(client.get(other)) == b"2"
    missing = [
        url,  # the row is not seen
        url.replace(f"/r/{rows[0]}/", "/r/999999/"),
        url.replace(f"/r/{rows[0]}/", f"/r/{rows[1]}/"),  # another row's key
        other[:-1] + ("b" if other[-1] != "b" else "c"),
        other.replace(f"/files/{scans}/", f"/files/{staff.columns['Телефон']}/"),
    ]
    answers = {
        (a.status_code, a.content) for a in (client.get(m, headers={"accept": "application/json"}) for m in missing)
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404
    assert stranger.get(other).status_code == 404
    grants.lock(grants.on_field(scans, access=access), Lock.VIEW, access=access)
    assert client.get(other, headers={"accept": "application/json"}).status_code == 404
    assert send(client, staff, scans).status_code == 404
    assert owner.get(other).status_code == 200


def test_who_may_not_write_keeps_nothing_and_what_is_too_large_leaves_nothing(
    staff: Staff, owner: Client, scans: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    viewer = User.objects.create_user("viewer")
    access = staff.access()
    grants.grant(viewer, [Action.VIEW], grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(viewer)
    assert send(client, staff, scans).status_code == 403
    assert send(owner, staff, staff.columns["Телефон"]).status_code == 400
    monkeypatch.setattr(settings, "CELL_FILE_BYTES", 4)
    assert send(owner, staff, scans).status_code == 413
    assert not StoredFile.objects.exists()
    assert [path for path in settings.VAR_DIR.rglob("*") if path.is_file()] == []


def test_history_and_trash_keep_the_file(staff: Staff, owner: Client, scans: int) -> None:
    (row,) = staff.add(1)
    url = put(owner, staff, scans, row, "a.pdf", b"1")
    records.update(row, {scans: None}, access=staff.access())
    assert owner.get(url).status_code == 404
    batches.undo(history.batches(access=staff.access())[0].id, access=staff.access())
    assert content(owner.get(url)) == b"1"
    records.delete(row, access=staff.access())
    assert owner.get(url).status_code == 404
    batches.undo(history.batches(access=staff.access())[0].id, access=staff.access())
    assert content(owner.get(url)) == b"1"


def test_the_page_of_a_row_takes_files_in_and_out_without_scripts(staff: Staff, owner: Client) -> None:
    column = columns.create(staff.candidates, Spec("Сканы", BaseType.FILE, multiple=True), access=staff.access())
    (row,) = staff.add(1)
    page = f"/w/{SLUG}/t/{staff.candidates}/r/{row}/"

    def post(**more: Any) -> Any:
        record = reading.get(row, access=staff.access())
        return owner.post(page, {"version": record.version, **more})

    both = [SimpleUploadedFile("a.png", PNG), SimpleUploadedFile("b.pdf", b"2")]
    assert post(**{f"c{column}": both}).status_code == 302
    text = owner.get(page).content.decode()
    cell = reading.get(row, access=staff.access()).cells[column]
    assert isinstance(cell, tuple)
    assert [files.name_of(str(one)) for one in cell] == ["a.png", "b.pdf"]
    assert f'src="{address(staff, row, column, str(cell[0]))}?shown"' in text
    assert f'href="{address(staff, row, column, str(cell[1]))}"' in text
    assert post(**{f"c{column}-gone": cell[0]}).status_code == 302
    assert reading.get(row, access=staff.access()).cells[column] == (cell[1],)


def test_programs_send_and_fetch(staff: Staff, owner: Client, scans: int) -> None:
    (row,) = staff.add(1)
    api = Client(headers={"Authorization": f"Bearer {tokens.create(staff.owner)}"})
    kept = api.post(f"/{SLUG}/files/{scans}?name=%D0%90.pdf", b"123", content_type="application/octet-stream").json()
    assert (kept["name"], kept["size"]) == ("А.pdf", 3)
    patch = api.patch(f"/{SLUG}/objects/{row}", {f"t{scans}": kept["value"]}, content_type="application/json")
    assert patch.status_code == 200, patch.content
    fetched = api.get(f"/{SLUG}/object/{row}/files/{scans}")
    assert (content(fetched), fetched["X-Content-Type-Options"]) == (b"123", "nosniff")
    key = kept["value"].rpartition("/")[2]
    assert content(api.get(f"/{SLUG}/object/{row}/files/{scans}?key={key}")) == b"123"
    assert api.get(f"/{SLUG}/object/{row}/files/{scans}?key=other").status_code == 404
    assert api.get(f"/{SLUG}/object/999999/files/{scans}").status_code == 404
    assert api.post(f"/{SLUG}/files/{scans}", b"1", content_type="application/octet-stream").status_code == 422


def test_an_export_tells_the_name_and_with_ids_what_the_cell_holds(staff: Staff, owner: Client, scans: int) -> None:
    (row,) = staff.add(1)
    put(owner, staff, scans, row, "a.pdf", b"1")
    held = reading.get(row, access=staff.access()).cells[scans]
    for ids, expected in ((False, "a.pdf"), (True, held)):
        file, _name, _written = jobs.at_once(
            Order(staff.candidates, Query(), "xlsx", with_ids=ids), access=staff.access()
        )
        sheet = openpyxl.load_workbook(io.BytesIO(file.read())).active
        assert sheet is not None
        assert list(sheet.iter_rows(values_only=True))[1][-1] == expected
    for ending in ("csv", "ods", "json", "pdf"):
        file, _name, _written = jobs.at_once(Order(staff.candidates, Query(), ending), access=staff.access())
        text = file.read()
        assert text
        if ending in ("csv", "json"):
            assert b"a.pdf" in text
            assert str(held).encode() not in text


def test_an_archive_carries_them_and_a_dropped_workspace_takes_them_along(
    staff: Staff, owner: Client, scans: int, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    (row,) = staff.add(1)
    url = put(owner, staff, scans, row, "a.pdf", b"123")
    archive.dump(Workspace.objects.get(slug=SLUG), tmp_path / "a.zip")
    with django_capture_on_commit_callbacks(execute=True):
        workspaces.drop(SLUG, SLUG)
    assert [path for path in (tmp_path / "cells").rglob("*") if path.is_file()] == []
    archive.restore(tmp_path / "a.zip")
    assert content(owner.get(url)) == b"123"


def test_saved_pictures_of_streams_go_with_the_workspace(
    staff: Staff, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"
    kept = [default_storage.save(f"video/{slug}/7/a.jpg", ContentFile(b"1")) for slug in (SLUG, "other")]
    with django_capture_on_commit_callbacks(execute=True):
        workspaces.drop(SLUG, SLUG)
    assert [default_storage.exists(path) for path in kept] == [False, True]
