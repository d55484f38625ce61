"""What the services let be written is what the brute-force evaluator lets: the row before and after, and each cell."""

from copy import deepcopy
from typing import Any

import pytest
from django.contrib.auth.models import Group
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdm.access import Access
from qdm.errors import Forbidden, InvalidReference, QdmError, RecordNotFound, TermNotFound, UnknownField
from qdm.selectors import records as reading
from qdm.services import records
from rbac.models import User
from tests.rbac.brute_force import Evaluator
from tests.rbac.test_semantics import GROUPS, rights_of, undone, write
from tests.rbac.world import Agency, Cells, agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def a() -> Agency:
    User.objects.create_user("anna")
    for name in GROUPS:
        Group.objects.create(name=name)
    return agency("agency")


@st.composite
def values_of(draw: st.DrawFn, a: Agency) -> dict[int, object]:
    """New values of a candidate's columns."""
    choices: dict[int, list[object]] = {
        a.recruiter: ["anna", "boris"],
        a.salary: [100, 200],
        a.status: ["new", "hired"],
        a.in_department: [*a.departments, None],
    }
    columns = draw(st.sets(st.sampled_from(sorted(choices)), min_size=1, max_size=2))
    return {column: draw(st.sampled_from(choices[column])) for column in sorted(columns)}


def applied(record: Cells, values: dict[int, object]) -> Cells:
    """The record as it would be after the write."""
    after = deepcopy(record)
    for column, value in values.items():
        if value is None:
            after.cells.pop(column, None)
        else:
            after.cells[column] = str(value)
    return after


def may_set(e: Evaluator, record: Cells, values: dict[int, object]) -> bool:
    """Whether the cells may be written: each of them, and a link only to what is seen."""
    departments = e.agency.world.records
    return all(e.writes(record, column) for column in values) and all(
        e.may(departments[int(str(value))], "view")
        for column, value in values.items()
        if column == e.agency.in_department and value is not None
    )


REFUSALS = (Forbidden, RecordNotFound, TermNotFound, UnknownField, InvalidReference)


def attempt(call: Any) -> bool:
    try:
        call()
    except REFUSALS:
        return False
    return True


def stored(a: Agency, record_id: int) -> dict[int, str]:
    found = reading.get(record_id, access=Access.system(a.world.schema, "tests")).cells
    return {column: str(getattr(value, "id", value)) for column, value in found.items()}


def check_update(e: Evaluator, record: Cells, values: dict[int, object]) -> None:
    with undone():
        access = write(e)
        before = stored(e.agency, record.id)
        allowed = (
            e.may(record, "view")
            and e.may(record, "change")
            and may_set(e, record, values)
            and e.may(applied(record, values), "change")
        )
        done = access is not None and attempt(lambda: records.update(record.id, values, access=access))
        assert done == allowed, (record, values)
        assert stored(e.agency, record.id) == (applied(record, values).cells if allowed else before)


def check_create(e: Evaluator, values: dict[int, object]) -> None:
    with undone():
        access = write(e)
        term = e.agency.candidate
        fresh = applied(Cells(0, term, 1, "Новый"), values)
        filled = {column: value for column, value in values.items() if value is not None}
        seen = access is not None and term in access.schema.terms
        allowed = seen and e.may(fresh, "add") and may_set(e, fresh, filled)
        done = access is not None and attempt(lambda: records.create(term, 1, {term: "Новый", **filled}, access=access))
        assert done == allowed, values


def check_delete(e: Evaluator, record: Cells) -> None:
    with undone():
        access = write(e)
        below = [r for r in e.agency.world.records.values() if r.up == record.id]
        allowed = e.may(record, "view") and e.may(record, "delete")
        allowed = allowed and all(e.may(r, "view") and e.may(r, "delete") for r in below)
        try:
            done = access is not None and records.delete(record.id, access=access) is not None
        except QdmError:
            done = False
        assert done == allowed, record


def run(a: Agency, examples: int) -> None:
    candidates = [r for r in a.world.records.values() if r.term == a.candidate]

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(rights_of(a), st.sampled_from(candidates), values_of(a))
    def check(e: Evaluator, record: Cells, values: dict[int, object]) -> None:
        check_update(e, record, values)
        check_create(e, values)
        check_delete(e, record)

    check()


def test_what_may_be_written_is_what_the_evaluator_says(a: Agency) -> None:
    run(a, 80)
