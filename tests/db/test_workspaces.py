"""Workspaces are schemas; making, renaming and dropping one is whole or not at all."""

import pytest
from django.db import connection

from qdm.access import Access
from qdm.errors import InvalidValue, NameTaken, WorkspaceNotFound
from qdm.models import Workspace
from qdm.selectors import history, structure
from qdm.services import workspaces
from qdm.types.base import BaseType
from tests.db.projections import assert_whole

pytestmark = pytest.mark.django_db


def schemas() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute("select nspname from pg_namespace where nspname like 'ws\\_%%'")
        return {name for (name,) in cursor.fetchall()}


def test_a_new_workspace_has_the_seeded_terms() -> None:
    workspaces.create("fresh", "Свежая")
    schema = structure.schema("fresh")
    user = schema.terms[64]
    assert (user.name, user.base) == ("Пользователь", BaseType.CHARS)
    assert [(r.id, r.type_id, r.ordinal, r.type_name) for r in user.requisites] == [
        (100, 65, 1, "Имя"),
        (101, 66, 2, "email"),
        (102, 67, 3, "Телефон"),
        (103, 68, 4, "token"),
        (104, 70, 5, "Activity"),
    ]
    assert schema.terms[91].base == BaseType.NUMBER


def test_the_seeded_terms_are_no_act_that_could_be_undone() -> None:
    workspaces.create("fresh", "Свежая")
    assert history.batches(access=Access.system(structure.schema("fresh"), "test")) == []
    assert_whole("fresh")


@pytest.mark.parametrize("slug", ["", "1a", "A", "a-b", "a" * 41, "w", "admin", "pg_user", 'x"; drop', "базa", "a\n"])
def test_bad_and_reserved_slugs_are_refused_and_leave_nothing(slug: str) -> None:
    before = schemas()
    with pytest.raises(InvalidValue):
        workspaces.create(slug, "Title")
    assert schemas() == before
    assert not Workspace.objects.filter(slug=slug).exists()


def test_a_taken_slug_is_refused_and_the_first_stays() -> None:
    workspaces.create("one", "Первая")
    with pytest.raises(NameTaken):
        workspaces.create("one", "Вторая")
    assert Workspace.objects.get(slug="one").title == "Первая"
    assert structure.schema("one").terms


def test_rename_keeps_the_slug() -> None:
    workspaces.create("one", "Первая")
    workspaces.rename("one", "  Главная ")
    assert Workspace.objects.get(slug="one").title == "Главная"
    with pytest.raises(InvalidValue):
        workspaces.rename("one", " ")
    with pytest.raises(WorkspaceNotFound):
        workspaces.rename("two", "x")


def test_drop_asks_for_the_slug_and_removes_everything() -> None:
    workspaces.create("one", "Первая")
    with pytest.raises(InvalidValue):
        workspaces.drop("one", "two")
    assert "ws_one" in schemas()
    workspaces.drop("one", "one")
    assert "ws_one" not in schemas()
    with pytest.raises(WorkspaceNotFound):
        structure.schema("one")


def test_the_schema_of_a_workspace_made_again_is_not_the_old_one() -> None:
    workspaces.create("one", "Первая")
    old = structure.schema("one")
    workspaces.drop("one", "one")
    workspaces.create("one", "Первая")
    assert structure.schema("one").version > old.version
