"""Saved views go with their workspace: shared ones, one's own, those in the trash."""

from pathlib import Path

import pytest

from integram import archive
from qdm.models import SavedView, Workspace
from qdm.query.parser import parse
from qdm.services import views, workspaces
from qdm.view_spec import Layout, ViewSpec
from rbac.models import User
from tests.grid import staff as world
from tests.grid.staff import SLUG

pytestmark = pytest.mark.django_db


def _plain() -> list[tuple[object, ...]]:
    fields = ("term", "kind", "title", "owner", "shared", "is_default", "spec", "deleted_at")
    return list(SavedView.objects.order_by("title").values_list(*fields))


def test_views_come_back_from_an_archive_and_go_with_their_workspace(tmp_path: Path) -> None:
    staff = world.make()
    access = staff.access()
    salary = staff.columns["Зарплата"]
    spec = ViewSpec(parse(f"#{salary} > 5"), "x", ((salary, True),), (salary,), Layout((salary,), frozenset(), 1, {}))
    shared = views.create(staff.candidates, "Общий", spec, shared=True, access=access)
    views.open_first(shared.pk, staff.candidates, access=access)
    views.create(staff.candidates, "Свой", spec, access=access)
    gone = views.create(staff.candidates, "Удалённый", spec, access=access)
    views.delete(gone.pk, staff.candidates, access=access)
    before = _plain()
    archive.dump(Workspace.objects.get(slug=SLUG), tmp_path / "a.zip")
    workspaces.drop(SLUG, SLUG)
    assert _plain() == []
    assert archive.restore(tmp_path / "a.zip").notes == []
    assert _plain() == before
    workspaces.drop(SLUG, SLUG)
    User.objects.filter(pk=staff.owner.pk).update(username="other")
    assert len(archive.restore(tmp_path / "a.zip").notes) >= 1
    assert [view.title for view in SavedView.objects.all()] == ["Общий"], "one's own of nobody here is left out"
