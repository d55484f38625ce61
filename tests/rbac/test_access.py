"""What grants mean: the cases of docs/access.md, one by one."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import Group, Permission

from qdm.access import Access, Action
from qdm.errors import RequisiteNotFound, TermNotFound, UnknownField, WorkspaceNotFound
from qdm.query.ast import Compare, Op, Query, Sort
from qdm.record import HIDDEN_LINK
from qdm.selectors import permissions, records
from rbac import grants, tokens
from rbac.access import access_for
from rbac.models import Guard, Lock, Token, User
from tests.rbac.world import Agency, agency

pytestmark = pytest.mark.django_db

VIEW, ADD, CHANGE, DELETE, MANAGE = Action.VIEW, Action.ADD, Action.CHANGE, Action.DELETE, Action.MANAGE


@pytest.fixture
def see(a: Agency) -> Callable[[User], Access]:
    return lambda user: access_for(User.objects.get(pk=user.pk), "agency", via="test")


def seen(access: Access, term: int, **query: object) -> list[int]:
    return [r.id for r in records.page(term, Query(limit=100, **query), access=access).records]


def test_a_missing_workspace_and_one_without_rights_look_the_same(a: Agency, anna: User) -> None:
    errors = []
    for slug in ("agency", "missing", "no such"):
        with pytest.raises(WorkspaceNotFound) as error:
            access_for(anna, slug, via="test")
        errors.append((error.value.code, str(error.value)))
    assert len(set(errors)) == 1


def test_the_inactive_see_nothing_and_the_superuser_everything(a: Agency, anna: User) -> None:
    anna.is_superuser = True
    assert len(seen(access_for(anna, "agency", via="test"), a.candidate)) == 8
    anna.is_active = False
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "agency", via="test")


def test_global_permissions_open_nothing(a: Agency, anna: User) -> None:
    anna.user_permissions.add(*Permission.objects.all())
    with pytest.raises(WorkspaceNotFound):
        access_for(User.objects.get(pk=anna.pk), "agency", via="test")


def test_a_table_grant_shows_that_table_only(a: Agency, root: Access, anna: User, see: Callable) -> None:
    grants.grant(anna, [VIEW], grants.on_table(a.department, access=root), access=root)
    access = see(anna)
    assert set(access.schema.terms) == {a.department}
    assert len(seen(access, a.department)) == 3
    with pytest.raises(TermNotFound):
        records.page(a.candidate, Query(), access=access)
    assert access.can(VIEW, a.department)
    assert not access.can(CHANGE, a.department)


def test_a_group_gives_what_it_has_and_leaving_it_takes_it(a: Agency, root: Access, anna: User, see: Callable) -> None:
    group = Group.objects.create(name="HR")
    grants.grant(group, [CHANGE], grants.on_workspace(root), access=root)
    anna.groups.add(group)
    assert see(anna).can(CHANGE, a.candidate)
    assert see(anna).can(VIEW, a.candidate)
    assert not see(anna).can(MANAGE)
    anna.groups.remove(group)
    with pytest.raises(WorkspaceNotFound):
        see(anna)


def test_recruiters_see_their_own_and_managers_all(a: Agency, root: Access, anna: User, see: Callable) -> None:
    recruiters, managers = Group.objects.create(name="Рекрутёры"), Group.objects.create(name="Менеджеры")
    own = grants.on_table(a.candidate, rows="Рекрутёр = @me", access=root)
    grants.grant(recruiters, [VIEW, ADD, CHANGE], own, access=root)
    grants.grant(managers, [VIEW], grants.on_table(a.candidate, access=root), access=root)
    anna.groups.add(recruiters)
    assert seen(see(anna), a.candidate) == [a.candidates[0], a.candidates[3], a.candidates[6]]
    boss = User.objects.create_user("boss")
    boss.groups.add(managers)
    assert len(seen(see(boss), a.candidate)) == 8
    vera = User.objects.create_user("v", known_as="vera")
    vera.groups.add(recruiters)
    assert seen(see(vera), a.candidate) == [a.candidates[2], a.candidates[5]]


def test_salaries_are_seen_by_hr_and_by_recruiters_on_their_own(
    a: Agency, root: Access, anna: User, see: Callable
) -> None:
    recruiters, hr = Group.objects.create(name="Рекрутёры"), Group.objects.create(name="HR")
    grants.grant(recruiters, [VIEW], grants.on_table(a.candidate, access=root), access=root)
    grants.grant(hr, [CHANGE], grants.on_table(a.candidate, access=root), access=root)
    grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    grants.grant(hr, [CHANGE], grants.on_field(a.salary, access=root), access=root)
    anna.groups.add(recruiters)
    with pytest.raises(UnknownField):
        seen(see(anna), a.candidate, sorts=(Sort("Зарплата"),))
    with pytest.raises(RequisiteNotFound):
        see(anna).requisite(a.salary)
    own = grants.on_field(a.salary, rows="Рекрутёр = @me", access=root)
    grants.grant(recruiters, [VIEW], own, access=root)
    page = records.page(a.candidate, Query(limit=100), access=see(anna)).records
    with_salary = {r.id for r in page if a.salary in r.cells}
    assert with_salary == {a.candidates[3], a.candidates[6]}
    assert seen(see(anna), a.candidate, filter=Compare(a.salary, Op.GT, 0)) == [a.candidates[3], a.candidates[6]]
    bob = User.objects.create_user("bob")
    bob.groups.add(hr)
    permitted = permissions.of_records(
        a.candidate, a.candidates, CHANGE, [see(bob).requisite(a.salary)], access=see(bob)
    )
    assert all(p.allowed and not p.denied for p in permitted.values())


def test_rows_and_columns_are_never_flattened(a: Agency, root: Access, anna: User, see: Callable) -> None:
    """Own rows with the salary plus all rows without it must not show all salaries."""
    one, two = Group.objects.create(name="one"), Group.objects.create(name="two")
    grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    grants.grant(one, [VIEW], grants.on_table(a.candidate, rows="Рекрутёр = @me", access=root), access=root)
    grants.grant(one, [VIEW], grants.on_field(a.salary, rows="Рекрутёр = @me", access=root), access=root)
    grants.grant(two, [VIEW], grants.on_table(a.candidate, access=root), access=root)
    anna.groups.add(one, two)
    page = records.page(a.candidate, Query(limit=100), access=see(anna)).records
    assert len(page) == 8
    assert {r.id for r in page if a.salary in r.cells} == {a.candidates[3], a.candidates[6]}


def test_a_filter_goes_on_working_when_its_column_is_renamed(
    a: Agency, root: Access, anna: User, see: Callable
) -> None:
    own = grants.on_table(a.candidate, rows="Рекрутёр = @me", access=root)
    guard = grants.grant(anna, [VIEW], own, access=root)
    assert guard.rows == f"#{a.recruiter} = @me"
    a.world.node(a.recruiter, 31, "Ведёт")
    assert see(anna).schema.requisites[a.recruiter].name == "Ведёт"
    assert seen(see(anna), a.candidate) == [a.candidates[0], a.candidates[3], a.candidates[6]]


def test_a_broken_filter_shows_nothing(a: Agency, root: Access, anna: User, see: Callable) -> None:
    guard = grants.grant(anna, [VIEW], grants.on_table(a.candidate, access=root), access=root)
    for text in ("#999999 = @me", "no sense", "Рекрутёр = @unknown", "Рекрутёр > @me"):
        Guard.objects.filter(pk=guard.pk).update(rows=text)
        with pytest.raises(WorkspaceNotFound):
            see(anna)


def test_groups_in_a_filter_match_nothing_for_who_has_none(a: Agency, root: Access, anna: User, see: Callable) -> None:
    grants.grant(anna, [VIEW], grants.on_table(a.department, access=root), access=root)
    for text in ("Подразделение in @groups", "not Подразделение in @groups", "Подразделение != @groups"):
        guard = grants.grant(anna, [VIEW], grants.on_table(a.candidate, rows="Статус = new", access=root), access=root)
        Guard.objects.filter(pk=guard.pk).update(rows=text)
        assert a.candidate not in see(anna).schema.terms
        guard.delete()
    anna.groups.add(Group.objects.create(name="it"))
    in_groups = grants.on_table(a.candidate, rows="Подразделение in @groups", access=root)
    grants.grant(anna, [VIEW], in_groups, access=root)
    assert seen(see(anna), a.candidate) == [a.candidates[1], a.candidates[4]]


def test_a_locked_table_needs_a_grant_of_its_own(a: Agency, root: Access, anna: User, see: Callable) -> None:
    grants.grant(anna, [CHANGE], grants.on_workspace(root), access=root)
    grants.lock(grants.on_table(a.department, access=root), Lock.CHANGE, access=root)
    assert see(anna).can(VIEW, a.department)
    assert not see(anna).can(CHANGE, a.department)
    grants.lock(grants.on_table(a.department, access=root), Lock.VIEW, access=root)
    assert a.department not in see(anna).schema.terms
    page = records.page(a.candidate, Query(limit=100), access=see(anna)).records
    assert {r.cells.get(a.in_department) for r in page} == {None, HIDDEN_LINK}


def test_a_locked_row_needs_a_grant_of_its_own(a: Agency, root: Access, anna: User, see: Callable) -> None:
    secret = a.departments[2]
    grants.grant(anna, [CHANGE], grants.on_workspace(root), access=root)
    place = grants.on_record(secret, access=root)
    grants.lock(place, Lock.VIEW, access=root)
    assert seen(see(anna), a.department) == list(a.departments[:2])
    grants.grant(anna, [VIEW], place, access=root)
    assert seen(see(anna), a.department) == list(a.departments)
    permitted = permissions.of_records(a.department, a.departments, CHANGE, access=see(anna))
    assert [permitted[d].allowed for d in a.departments] == [True, True, False]


def test_single_rows_can_be_granted(a: Agency, root: Access, anna: User, see: Callable) -> None:
    for candidate in a.candidates[2:4]:
        grants.grant(anna, [CHANGE], grants.on_record(candidate, access=root), access=root)
    assert seen(see(anna), a.candidate) == list(a.candidates[2:4])
    grants.revoke(anna, [CHANGE], grants.on_record(a.candidates[2], access=root), access=root)
    assert seen(see(anna), a.candidate) == [a.candidates[3]]


def test_more_rows_than_an_array_carries_mean_the_same(
    a: Agency, root: Access, anna: User, see: Callable, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = Group.objects.create(name="g")
    anna.groups.add(group)
    for candidate in a.candidates[2:5]:
        grants.grant(anna, [CHANGE], grants.on_record(candidate, access=root), access=root)
    grants.grant(group, [VIEW], grants.on_record(a.candidates[6], access=root), access=root)
    few = seen(see(anna), a.candidate)
    monkeypatch.setattr("rbac.granted.ROWS_AS_IDS", 1)
    assert "RowInQuery" in str(see(anna).rows(a.candidate, VIEW))
    assert seen(see(anna), a.candidate) == few == [*a.candidates[2:5], a.candidates[6]]


def test_a_row_of_a_sub_table_is_seen_only_with_its_parent(a: Agency, root: Access, anna: User, see: Callable) -> None:
    grants.grant(anna, [VIEW], grants.on_table(a.interview, access=root), access=root)
    grants.grant(anna, [VIEW], grants.on_record(a.candidates[0], access=root), access=root)
    assert set(seen(see(anna), a.interview)) == {a.interview_rows[0], a.interview_rows[1], a.interview_rows[-1]}


def test_a_token_narrows_and_never_widens(a: Agency, root: Access, anna: User) -> None:
    grants.grant(anna, [CHANGE], grants.on_workspace(root), access=root)
    tokens.create(anna, read_only=True)
    reading = access_for(anna, "agency", via="api", token=Token.objects.get())
    assert reading.can(VIEW, a.candidate)
    assert not reading.can(CHANGE, a.candidate)
    other = agency("other").world.workspace
    tokens.create(anna, workspace=other)
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "agency", via="api", token=Token.objects.get(workspace=other))
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "other", via="api", token=Token.objects.get(workspace=other))


def test_the_name_of_a_hidden_column_is_not_told_by_its_type(
    a: Agency, root: Access, anna: User, see: Callable
) -> None:
    grants.grant(anna, [VIEW], grants.on_workspace(root), access=root)
    assert "Зарплата" in str(see(anna).schema)
    grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    assert "Зарплата" not in str(see(anna).schema)


def test_an_access_takes_one_statement_over_the_grants(
    a: Agency, root: Access, anna: User, django_assert_num_queries: Callable
) -> None:
    grants.grant(anna, [VIEW], grants.on_workspace(root), access=root)
    access_for(anna, "agency", via="test")
    with django_assert_num_queries(2):  # the grants; the version of the structure
        access_for(anna, "agency", via="test")
