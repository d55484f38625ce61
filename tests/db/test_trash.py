"""The trash: deleting and restoring is identity, restoring is refused where it cannot be, emptying leaves nothing."""

import random
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qdm.errors import Conflict
from qdm.models import Workspace
from qdm.services import batches, records, requisites, tables, trash, views
from qdm.services.column_types import Spec
from qdm.services.transaction import batch
from qdm.services.writes import Create
from qdm.types.base import BaseType
from qdm.view_spec import ViewSpec
from rbac import grants
from rbac.models import Guard, Lock, User
from tests.archive.state import state
from tests.archive.surroundings import surround
from tests.db.projections import differences
from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def _with_skills(staff: Staff) -> tuple[list[int], list[int]]:
    """Candidates, and a row of the sub-table under each."""
    owners = staff.add(6)
    made = records.write(
        staff.skills, [Create({staff.skills: f"Навык {up}"}, up) for up in owners], access=staff.access()
    )
    return owners, [result.id for result in made if result.id is not None]


def _delete_something(staff: Staff, kind: str, chance: random.Random, owners: list[int], skills: list[int]) -> None:
    access = staff.access()
    match kind:
        case "rows":
            for row in chance.sample(owners, 3):
                records.delete(row, access=access)
        case "sub-rows":
            for row in chance.sample(skills, 3):
                records.delete(row, access=access)
        case "column":
            requisites.delete(chance.choice(list(staff.columns.values())), access=access)
        case "sub-table":
            requisites.delete(staff.skills_tab, access=access)
        case "table":
            tables.delete(next(t.id for t in access.schema.terms.values() if t.name == "Отдельная"), access=access)


@pytest.mark.parametrize("kind", ["rows", "sub-rows", "column", "sub-table", "table", "view"])
@settings(
    max_examples=3, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True, phases=[Phase.generate]
)
@given(seed=st.integers(0, 10**9))
def test_delete_and_restore_is_identity(kind: str, seed: int, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nodes, links, projections, grants, locks; views, forms, deliveries, webhooks, streams, pictures."""
    chance = random.Random(seed)
    with override_settings(MEDIA_ROOT=tmp_path_factory.mktemp("media")), transaction.atomic():
        staff = world.make()
        owners, skills = _with_skills(staff)
        other = tables.create("Отдельная", [Spec("Число", BaseType.NUMBER)], access=staff.access())
        records.write(other, [Create({other: f"строка {n}"}) for n in range(3)], access=staff.access())
        access = staff.access()
        grants.lock(grants.on_table(other, access=access), Lock.VIEW, access=access)
        anna = User.objects.create_user("anna")
        for row in chance.sample(owners + skills, 4):
            place = grants.on_record(row, access=access)
            grants.grant(anna, [grants.Action.VIEW], place, access=access)
            grants.lock(place, chance.choice(list(Lock)), access=access)
        grants.grant(
            anna, [grants.Action.VIEW], grants.on_field(chance.choice(list(staff.columns.values())), access=access),
            access=access,
        )  # fmt: skip
        target = chance.choice([staff.candidates, other])
        surround(Workspace.objects.get(slug=SLUG), target, chance.choice(owners), staff.owner, chance)
        view = views.create(target, "Общий", ViewSpec(sorts=((target, True),)), shared=True, access=staff.access())
        before = _without_history(state(SLUG))
        if kind == "view":
            views.delete(view.pk, target, access=staff.access())
            restore = partial(views.restore, view.pk, target, access=staff.access())
        else:
            with batch(staff.access(), "delete") as batch_id:
                _delete_something(staff, kind, chance, owners, skills)
            restore = partial(batches.undo, batch_id, access=staff.access())
        assert _without_history(state(SLUG)) != before
        restore()
        assert _without_history(state(SLUG)) == before
        assert differences(SLUG) == []
        transaction.set_rollback(True)


def _without_history(found: dict[str, Any]) -> dict[str, Any]:
    return {name: part for name, part in found.items() if name not in ("batch", "change")}


@pytest.fixture
def staff() -> Staff:
    return world.make()


def test_a_sub_row_whose_row_is_in_the_trash_is_not_restored_without_it(staff: Staff) -> None:
    owners, skills = _with_skills(staff)
    with batch(staff.access(), "first") as first:
        records.delete(skills[0], access=staff.access())
    with batch(staff.access(), "second") as second:
        records.delete(owners[0], access=staff.access())
    with pytest.raises(Conflict, match=r"trash|корзин"), transaction.atomic():
        batches.undo(first, access=staff.access(), force=True)
    batches.undo(second, access=staff.access())
    assert batches.undo(first, access=staff.access()).restored == 1
    assert differences(SLUG) == []


def _nodes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ws_staff.node")
        return int(cursor.fetchone()[0])


def test_what_was_deleted_is_erased_after_its_time_with_all_that_hangs_on_it(staff: Staff) -> None:
    before_anything = _nodes()
    rows = staff.add(4)
    records.create(staff.skills, rows[0], {staff.skills: "под строкой"}, access=staff.access())
    grants.lock(grants.on_record(rows[0], access=staff.access()), Lock.VIEW, access=staff.access())
    with_table = _nodes()
    for row in rows:
        records.delete(row, access=staff.access())
    assert trash.empty(timezone.now() - timedelta(days=1), access=staff.access()).erased == 0
    assert _nodes() == with_table
    call_command("empty_trash", SLUG, days=0)
    assert _nodes() == before_anything
    assert not Guard.objects.filter(kind="r").exists()
    assert differences(SLUG) == []


def test_an_erased_column_takes_its_cells_and_no_others(staff: Staff) -> None:
    staff.add(3)
    before = _nodes()
    requisites.delete(staff.columns["Зарплата"], access=staff.access())
    requisites.delete(staff.columns["Город"], access=staff.access())
    trash.empty(timezone.now() + timedelta(days=1), access=staff.access())
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from ws_staff.node where t = %s or val = %s",
                       [staff.columns["Зарплата"], str(staff.columns["Город"])])  # fmt: skip
        assert cursor.fetchone() == (0,)
    assert before - _nodes() >= 3 + 3 + 2
    assert differences(SLUG) == []
