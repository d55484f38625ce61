"""Compiled rights are what the brute-force evaluator says, over random grants; and broken compilers are caught."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from qdm.access import Access, Action
from qdm.errors import UnknownField, WorkspaceNotFound
from qdm.query import ast, branches, granted_rows, rights, scope
from qdm.query.ast import EVERYTHING, Aggregate, Compare, Function, Not, Op, Query, Sort
from qdm.query.bound import TRUE
from qdm.record import HIDDEN_LINK, Link
from qdm.selectors import permissions, records
from rbac import arms, granted, grants, rules
from rbac.access import access_for
from rbac.models import Guard, Lock, User
from tests.rbac.brute_force import ACTIONS, OF_CANDIDATE, OF_DEPARTMENT, OF_INTERVIEW, Evaluator, Given, Locked
from tests.rbac.world import Agency, Cells, agency

pytestmark = pytest.mark.django_db
GROUPS = ("HR", "IT")


@pytest.fixture
def a() -> Agency:
    User.objects.create_user("anna")
    for name in GROUPS:
        Group.objects.create(name=name)
    return agency("agency")


class Undo(Exception):
    """Ends an example: everything it wrote is rolled back."""


@contextmanager
def undone() -> Iterator[None]:
    try:
        with transaction.atomic():
            yield
            raise Undo
    except Undo:
        pass


def fields_of(a: Agency) -> dict[int, int]:
    """Column -> its table."""
    return {
        a.budget: a.department,
        a.recruiter: a.candidate,
        a.salary: a.candidate,
        a.status: a.candidate,
        a.in_department: a.candidate,
        a.interviews: a.candidate,
        a.mark: a.interview,
    }


@st.composite
def rights_of(draw: st.DrawFn, a: Agency) -> Evaluator:
    """Random memberships, grants and locks."""
    filters = {a.candidate: OF_CANDIDATE, a.department: OF_DEPARTMENT, a.interview: OF_INTERVIEW}
    tables = list(filters)
    fields = fields_of(a)
    rows = list(a.world.records)

    def one() -> Given:
        who = draw(st.sampled_from(["anna", *GROUPS]))
        # Few grants are of everything, or every example would be the same.
        actions = draw(st.frozensets(st.sampled_from(ACTIONS[:5]), min_size=1, max_size=3))
        if draw(st.integers(0, 14)) == 0:
            actions |= {"manage"}
        kind = draw(st.sampled_from("wtttttffffrr"))
        if kind == "w":
            return Given(who, actions, "w", 1)
        if kind == "r":
            return Given(who, actions, "r", draw(st.sampled_from(rows)))
        node = draw(st.sampled_from(tables if kind == "t" else list(fields)))
        term = node if kind == "t" else fields[node]
        return Given(who, actions, kind, node, draw(st.sampled_from(["", *filters[term]])))

    def lock() -> Locked:
        kind = draw(st.sampled_from("tffffrr"))
        node = draw(st.sampled_from({"t": tables, "f": list(fields), "r": rows}[kind]))
        return Locked(kind, node, draw(st.sampled_from(["view", "view", "change"])))

    given_grants = [one() for _ in range(draw(st.integers(1, 6)))]
    locks = {(item.kind, item.node): item for item in (lock() for _ in range(draw(st.integers(0, 4))))}
    groups = draw(st.frozensets(st.sampled_from(GROUPS)))
    return Evaluator(a, "anna", groups, given_grants, list(locks.values()))


def write(e: Evaluator) -> Access | None:
    """Put the rights into the database and build the Access."""
    anna = User.objects.get(username="anna")
    anna.groups.set(Group.objects.filter(name__in=e.groups))
    root = Access.system(e.agency.world.schema, "tests")
    for g in e.grants:
        grantee = anna if g.who == "anna" else Group.objects.get(name=g.who)
        grants.grant(grantee, [Action(x) for x in g.actions], place(g.kind, g.node, g.rows, root), access=root)
    for item in e.locks:
        grants.lock(place(item.kind, item.node, "", root), Lock(item.lock), access=root)
    try:
        return access_for(anna, "agency", via="test")
    except WorkspaceNotFound:
        return None


def place(kind: str, node: int, rows: str, root: Access) -> grants.Place:
    if kind == "w":
        return grants.on_workspace(root)
    if kind == "t":
        return grants.on_table(node, rows, access=root)
    return grants.on_field(node, rows, access=root) if kind == "f" else grants.on_record(node, access=root)


def check(e: Evaluator) -> None:
    """Every answer of the compiled rights against the evaluator."""
    with undone():
        access = write(e)
        for term in (e.agency.candidate, e.agency.department, e.agency.interview):
            check_table(e, access, term, [r for r in e.agency.world.records.values() if r.term == term])


def check_table(e: Evaluator, access: Access | None, term: int, rows: list[Cells]) -> None:
    seen = {r.id: r for r in rows if e.may(r, "view")}
    if access is None or term not in access.schema.terms:
        assert not seen, "rows to see in a table that is hidden"
        return
    page = records.page(term, Query(limit=100), access=access).records
    assert {r.id for r in page} == set(seen)
    assert records.count(term, Query(), access=access).value == len(seen)
    columns = [c for c, owner in fields_of(e.agency).items() if owner == term and c != e.agency.interviews]
    for column in columns:
        readable = {i: r.cells.get(column) for i, r in seen.items() if e.reads(r, column)}
        if column not in access.schema.requisites:
            assert not any(readable.values()), "cells to read in a column that is hidden"
            with pytest.raises(UnknownField):
                records.page(term, Query(sorts=(Sort(column),)), access=access)
            continue
        if column == e.agency.in_department:
            check_links(e, access, page, readable)
        else:
            check_values(term, column, access, page, readable)
    check_actions(e, access, term, rows, columns)


def check_links(e: Evaluator, access: Access, page: Any, readable: dict[int, str | None]) -> None:
    column = e.agency.in_department
    shown = {}
    for record_id, target in readable.items():
        department = e.agency.world.records[int(target)] if target else None
        if department is not None:
            visible = e.may(department, "view")
            shown[record_id] = Link(department.id, department.val) if visible else HIDDEN_LINK
    assert {r.id: r.cells[column] for r in page if column in r.cells} == shown
    empty = Query(limit=100, filter=Compare(column, Op.EMPTY))
    found = records.page(e.agency.candidate, empty, access=access).records
    assert {r.id for r in found} == {r.id for r in page if shown.get(r.id, HIDDEN_LINK) == HIDDEN_LINK}
    groups = records.groups(e.agency.candidate, Query(limit=100), [column], access=access)
    sizes: dict[Any, int] = {}
    for record in page:
        link = shown.get(record.id, HIDDEN_LINK)
        key = None if link == HIDDEN_LINK else link
        sizes[key] = sizes.get(key, 0) + 1
    assert {g.values[0]: g.count for g in groups} == sizes


def check_values(term: int, column: int, access: Access, page: Any, readable: dict[int, str | None]) -> None:
    values = {i: v for i, v in readable.items() if v is not None}
    assert {r.id: r.cells[column] for r in page if column in r.cells} == values
    for item in (Compare(column, Op.NOT_EMPTY), Not(Compare(column, Op.EMPTY))):
        assert ids(term, item, access) == set(values)
    for probe in sorted(set(values.values()))[:2]:
        equal = {i for i, v in values.items() if v.lower() == probe.lower()}
        assert ids(term, Compare(column, Op.EQ, probe), access) == equal
        assert ids(term, Not(Compare(column, Op.EQ, probe)), access) == {r.id for r in page} - equal
    ordered = records.page(term, Query(limit=100, sorts=(Sort(column),)), access=access).records
    filled = [values[r.id] for r in ordered if r.id in values]
    number = all(v.isdigit() for v in values.values())
    assert filled == sorted(filled, key=(lambda v: float(v)) if number else str.lower)
    assert [r.id in values for r in ordered] == sorted((r.id in values for r in ordered), reverse=True), "empty last"
    (counted,) = records.totals(term, Query(), [Aggregate(Function.COUNT, column)], access=access).totals
    assert int(counted or 0) == len(values)


def ids(term: int, item: ast.Filter, access: Access) -> set[int]:
    return {r.id for r in records.page(term, Query(limit=100, filter=item), access=access).records}


def check_actions(e: Evaluator, access: Access, term: int, rows: list[Cells], columns: list[int]) -> None:
    requisites = [access.schema.requisites[c] for c in columns if c in access.schema.requisites]
    for action in (Action.ADD, Action.CHANGE, Action.DELETE, Action.EXPORT, Action.MANAGE):
        found = permissions.of_records(term, [r.id for r in rows], action, requisites, access=access)
        for row in rows:
            permission = found[row.id]
            assert permission.seen == e.may(row, "view")
            assert permission.allowed == e.may(row, str(action)), (action, row)
            if action in (Action.ADD, Action.CHANGE):
                assert permission.denied == {r.id for r in requisites if not e.writes(row, r.id)}


def search(a: Agency, examples: int, **options: Any) -> None:
    """Look for rights on which the compiled answer differs."""

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck), **options)
    @given(rights_of(a))
    def run(e: Evaluator) -> None:
        check(e)

    run()


def test_compiled_rights_mean_what_the_evaluator_says(a: Agency) -> None:
    search(a, 150)


def test_rows_too_many_to_be_carried_mean_what_the_evaluator_says(a: Agency, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(granted, "ROWS_AS_IDS", 0)
    search(a, 80)


@pytest.mark.parametrize("rows_as_ids", [100, 0])
def test_branches_of_rules_mean_what_the_evaluator_says(
    a: Agency, monkeypatch: pytest.MonkeyPatch, rows_as_ids: int
) -> None:
    monkeypatch.setattr(branches, "_has_index", lambda *_asked: True)
    monkeypatch.setattr(granted, "ROWS_AS_IDS", rows_as_ids)
    search(a, 60)


MUTANTS: dict[str, Callable[[pytest.MonkeyPatch], None]] = {}


def mutant(function: Callable[[pytest.MonkeyPatch], None]) -> Callable[[pytest.MonkeyPatch], None]:
    MUTANTS[function.__name__] = function
    return function


@mutant
def flattened_fields(m: pytest.MonkeyPatch) -> None:
    """A column that is read in some rows is read in all rows."""
    m.setattr(rights.Rights, "field", lambda self, requisite: TRUE)


@mutant
def rows_with_a_filter_are_all_rows(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms, "rows_for", lambda text, term, schema, person: EVERYTHING)


@mutant
def dropped_arm_of_single_rows(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms.Arms, "_one_by_one", lambda self, term_id, action: [])


@mutant
def dropped_arm_of_filters(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms.Arms, "_filtered", lambda self, found, action, term: [])


@mutant
def or_for_and(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms, "both", lambda one, other: arms.any_of([one, other]))


@mutant
def and_for_or(m: pytest.MonkeyPatch) -> None:
    def every(items: Any) -> ast.Filter:
        kept = [i for i in items if i != ast.NOTHING]
        return ast.And(tuple(kept)) if kept else ast.NOTHING

    m.setattr(arms, "any_of", every)


@mutant
def locks_of_rows_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms.Arms, "_locked", lambda self, term_id, locks: ast.NOTHING)


@mutant
def locks_for_changing_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms, "STOPPED_BY", {action: frozenset({Lock.VIEW}) for action in Action})


@mutant
def locks_for_changing_stop_viewing(m: pytest.MonkeyPatch) -> None:
    m.setattr(arms, "STOPPED_BY", {action: frozenset({Lock.VIEW, Lock.CHANGE}) for action in Action})


@mutant
def parents_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(rights.Rights, "_adds_nothing", lambda self, parent, trail: True)


@mutant
def changing_does_not_mean_viewing(m: pytest.MonkeyPatch) -> None:
    m.setattr(granted, "implied", lambda actions: frozenset(Action(x) for x in actions))
    m.setattr(arms, "GIVEN_BY", {action: frozenset({action}) for action in Action})


@mutant
def groups_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(rules.Person, "variables", property(lambda self: {"me": self.names, "groups": ("none",)}))


@mutant
def hidden_targets_shown(m: pytest.MonkeyPatch) -> None:
    real = rights.Rights.rows
    m.setattr(
        rights.Rights,
        "rows",
        lambda self, term_id: TRUE if self._whole.terms[term_id].name == "Отдел" else real(self, term_id),
    )


@mutant
def filters_of_rights_read_with_rights(m: pytest.MonkeyPatch) -> None:
    m.setattr(scope.Scope, "_unguarded", lambda self, rule: scope.Scope.condition(self, rule))


@mutant
def the_last_branch_of_a_rule_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(branches, "_has_index", lambda *_asked: True)
    real = branches.arms_of
    m.setattr(branches, "arms_of", lambda rule: (found := real(rule)) and (found[:-1] or found))


@mutant
def what_stands_beside_a_value_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(branches, "_has_index", lambda *_asked: True)
    m.setattr(branches.Branches, "_beside", lambda self, arm: [])


@mutant
def listed_rows_forgotten(m: pytest.MonkeyPatch) -> None:
    m.setattr(granted, "ROWS_AS_IDS", 0)
    real = granted_rows.GrantedRows.listed
    m.setattr(granted_rows.GrantedRows, "listed", lambda self, reach: real(self, 0))


@mutant
def cells_written_wherever_they_are_read(m: pytest.MonkeyPatch) -> None:
    real = Access.field
    m.setattr(Access, "field", lambda self, requisite, action: real(self, requisite, Action.VIEW))


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(MUTANTS))
def test_a_broken_compiler_is_caught(a: Agency, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTANTS[name](monkeypatch)
    with pytest.raises(Exception) as caught:
        search(a, 400, phases=[Phase.generate], derandomize=True)
    assert caught.type in (AssertionError, RecursionError), caught.value
    assert Guard.objects.count() == 0
