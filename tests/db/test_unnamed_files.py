"""Files nothing names any more are deleted; what can be taken back has its files."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from integram import emptying
from qdm.access import Action
from qdm.errors import Forbidden
from qdm.models import StoredFile
from qdm.selectors import files as reading
from qdm.selectors import history
from qdm.services import batches, columns, files, records, retention, trash, unnamed_files
from qdm.services.column_types import Spec
from qdm.types.base import BaseType
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def var(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)


@pytest.fixture
def scans(staff: Staff) -> int:
    return columns.create(staff.candidates, Spec("Скан", BaseType.FILE, multiple=True), access=staff.access())


def keep(staff: Staff, column: int, name: str) -> StoredFile:
    return files.keep(column, name, [name.encode()], access=staff.access())


def grow_old(days: int) -> None:
    """As if all had been done so many days earlier."""
    past = timedelta(days=days)
    for stored in StoredFile.objects.all():
        StoredFile.objects.filter(pk=stored.pk).update(created_at=stored.created_at - past)
    with connection.cursor() as cursor:
        cursor.execute(f"update ws_{SLUG}.batch set at = at - %s", [past])


def swept(django_capture_on_commit_callbacks: object) -> set[str]:
    """The names of the files that went, from the disk too."""
    before = {stored.name: reading.path_of(SLUG, stored.key) for stored in StoredFile.objects.all()}
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        count = emptying.sweep_all()[SLUG]
    left = set(StoredFile.objects.values_list("name", flat=True))
    gone = before.keys() - left
    assert count == len(gone)
    assert {name for name, path in before.items() if not path.exists()} == gone
    return gone


def test_a_file_goes_when_cells_trash_and_history_have_let_go_of_it(
    staff: Staff, scans: int, django_capture_on_commit_callbacks: object
) -> None:
    def sweep() -> set[str]:
        return swept(django_capture_on_commit_callbacks)

    shown, replaced, trashed = staff.add(3)
    held = {
        name: keep(staff, scans, name)
        for name in ("держим.pdf", "второй.pdf", "сняли.pdf", "в корзине.pdf", "a'\"б.pdf")
    }
    keep(staff, scans, "никуда.pdf")
    texts = {name: stored.text for name, stored in held.items()}
    records.update(shown, {scans: [texts["держим.pdf"], texts["второй.pdf"]]}, access=staff.access())
    records.update(replaced, {scans: [texts["сняли.pdf"], texts["a'\"б.pdf"]]}, access=staff.access())
    records.update(replaced, {scans: None}, access=staff.access())
    cleared = history.batches(access=staff.access())[0].id
    records.update(trashed, {scans: [texts["в корзине.pdf"]]}, access=staff.access())
    records.delete(trashed, access=staff.access())

    assert sweep() == set()  # all is young
    grow_old(10)
    assert sweep() == {"никуда.pdf"}  # of the others the history knows
    batches.undo(cleared, access=staff.access())
    _stored, content = reading.of_cell(replaced, scans, held["сняли.pdf"].key, access=staff.access())
    with content:
        assert content.read() == "сняли.pdf".encode()
    records.update(replaced, {scans: None}, access=staff.access())

    grow_old(40)
    retention.trim(30, timezone.now(), access=staff.access())
    assert sweep() == {"сняли.pdf", "a'\"б.pdf"}  # the history has forgotten; the row in the trash has its file
    trash.empty(timezone.now(), access=staff.access())
    grow_old(40)
    retention.trim(30, timezone.now(), access=staff.access())
    assert sweep() == {"в корзине.pdf"}
    assert set(StoredFile.objects.values_list("name", flat=True)) == {"держим.pdf", "второй.pdf"}


def test_a_text_keeps_its_file_whatever_its_column_has_become(
    staff: Staff, django_capture_on_commit_callbacks: object
) -> None:
    scans = columns.create(staff.candidates, Spec("Скан", BaseType.FILE), access=staff.access())
    (row,) = staff.add(1)
    stored = keep(staff, scans, "договор.pdf")
    records.update(row, {staff.columns["Телефон"]: stored.text}, access=staff.access())
    grow_old(50)
    retention.trim(30, timezone.now(), access=staff.access())
    assert swept(django_capture_on_commit_callbacks) == set()


def test_only_who_manages_the_workspace_sweeps(staff: Staff) -> None:
    user = User.objects.create_user("reader")
    grants.grant(user, [Action.VIEW], grants.on_table(staff.cities, access=staff.access()), access=staff.access())
    with pytest.raises(Forbidden):
        unnamed_files.sweep(timezone.now(), access=access_for(user, SLUG, via="grid"))
