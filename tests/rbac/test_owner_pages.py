"""The owner of a workspace gives rights from the table itself: the three cases people come with, without the admin."""

import html
import json
import re

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.test import Client

from qdm.access import Access, Action
from qdm.errors import WorkspaceNotFound
from qdm.query.ast import Query
from qdm.selectors import records
from qdm.services import records as writing
from qdm.services import workspaces
from rbac import grants, roles
from rbac.access import access_for
from rbac.models import AccessLog, GuardGroup, NameInTables, User
from tests.rbac.conftest import signed_in
from tests.rbac.world import Agency, agency

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner(a: Agency, root: Access) -> User:
    user = User.objects.create_user("owner")
    grants.grant(user, [Action.MANAGE], grants.on_workspace(root), access=root)
    return user


def url(a: Agency, path: str = "") -> str:
    return f"/w/agency/t/{a.candidate}/{path}"


def make_role(client: Client, name: str, *people: str) -> Group:
    assert client.post("/w/agency/people/", {"do": "role", "name": name}).status_code == 302
    role = Group.objects.get(name=name)
    for person in people:
        sent = {"do": "invite", "who": person, "role": role.pk}
        assert client.post("/w/agency/people/", sent).status_code == 302
    return role


def give(client: Client, page: str, role: Group, *actions: str, **where: object) -> None:
    sent = {"do": "give", "who": f"g{role.pk}", "actions": actions, **where}
    answer = client.post(page, sent)
    assert answer.status_code == 302, answer.content.decode()


def tree(column: int, operator: str, *values: object) -> str:
    """What the builder of conditions sends."""
    return json.dumps(
        {"join": "and", "not": False, "items": [{"field": column, "op": operator, "values": list(values)}]}
    )


def test_recruiters_see_their_own_and_managers_all(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    User.objects.create_user("boss")
    recruiters, managers = make_role(client, "Рекрутёры", "anna"), make_role(client, "Менеджеры", "boss")
    page = url(a, "access/")
    assert client.get(page).status_code == 200
    give(client, page, recruiters, "view", "add", "change", rows="Рекрутёр = @me")
    give(client, page, managers, "view")
    assert "Рекрутёр: тот, кто смотрит" in client.get(page).content.decode()
    own = records.page(a.candidate, Query(), access=access_for(anna, "agency", via="test")).records
    assert [r.id for r in own] == [a.candidates[i] for i in (0, 3, 6)]
    everything = access_for(User.objects.get(username="boss"), "agency", via="test")
    assert records.count(a.candidate, Query(), access=everything).value == 8


def test_salaries_are_for_hr(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    everybody, hr = make_role(client, "Все", "anna"), make_role(client, "HR")
    give(client, url(a, "access/"), everybody, "view")
    page = url(a, f"columns/{a.salary}/access/")
    assert client.post(page, {"do": "lock", "lock": "view"}).status_code == 302
    give(client, page, hr, "view", "change")
    assert a.salary not in access_for(anna, "agency", via="test").schema.requisites
    give(client, page, everybody, "view", tree=tree(a.recruiter, "in", {"variable": "me"}))
    cells = records.page(a.candidate, Query(limit=50), access=access_for(anna, "agency", via="test")).records
    assert {r.id for r in cells if a.salary in r.cells} == {a.candidates[3], a.candidates[6]}


def test_who_is_dismissed_has_nothing_left_in_the_workspace(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    role = make_role(client, "Все", "anna")
    give(client, url(a, "access/"), role, "view")
    assert access_for(anna, "agency", via="test")
    assert client.post("/w/agency/people/", {"do": "dismiss", "user": anna.pk}).status_code == 302
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "agency", via="test")


def test_a_row_is_given_to_a_person_and_taken_away(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    make_role(client, "Все", "anna")
    page = url(a, f"r/{a.candidates[1]}/access/")
    sent = {"do": "give", "who": f"u{anna.pk}", "actions": ["view", "change"]}
    assert client.post(page, sent).status_code == 302
    seen = records.page(a.candidate, Query(), access=access_for(anna, "agency", via="test")).records
    assert [r.id for r in seen] == [a.candidates[1]]
    (key,) = re.findall(r'name="key" value="([^"]+)"', client.get(page).content.decode())
    assert client.post(page, {"do": "take", "key": key}).status_code == 302
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "agency", via="test")


def test_only_who_manages_a_place_opens_its_rights(owner: User, anna: User, a: Agency, root: Access) -> None:
    grants.grant(anna, [Action.CHANGE], grants.on_workspace(root), access=root)
    client = signed_in(anna)
    paths = ("access/", f"columns/{a.salary}/access/", f"r/{a.candidates[0]}/access/")
    for path in [*(url(a, p) for p in paths), "/w/agency/access/", "/w/agency/people/"]:
        assert client.get(path).status_code == 403, path
        assert client.post(path, {"do": "lock", "lock": "view"}).status_code == 403, path
    grants.grant(anna, [Action.MANAGE], grants.on_table(a.candidate, access=root), access=root)
    for path in paths:
        assert client.get(url(a, path)).status_code == 200, path
    assert client.get("/w/agency/access/").status_code == 403


@pytest.mark.parametrize("rows", ["Рекрутёр =", "Рекрутёр = @today", "Зарплато = 1", "Рекрутёр = anna или"])
def test_rows_that_are_not_understood_are_said_and_nothing_is_given(owner: User, a: Agency, rows: str) -> None:
    client = signed_in(owner)
    role = make_role(client, "Все")
    sent = {"do": "give", "who": f"g{role.pk}", "actions": ["view"], "rows": rows}
    answer = client.post(url(a, "access/"), sent)
    assert answer.status_code == 422
    assert rows in html.unescape(answer.content.decode())
    assert not GuardGroup.objects.filter(group=role).exists()


def test_a_builder_that_sends_half_a_condition_is_told_so(owner: User, a: Agency) -> None:
    client = signed_in(owner)
    role = make_role(client, "Все")
    sent = {"do": "give", "who": f"g{role.pk}", "actions": ["view"]}
    for half in (tree(a.recruiter, "="), tree(a.recruiter, "=", ""), "[", '{"join": "xor", "items": []}'):
        assert client.post(url(a, "access/"), sent | {"tree": half}).status_code == 422, half
    assert not GuardGroup.objects.filter(group=role).exists()


def test_what_comes_from_above_stands_beside_what_is_given_here(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    role = make_role(client, "Все", "anna")
    give(client, url(a, "access/"), role, "view", rows="Рекрутёр = anna")
    give(client, "/w/agency/access/", role, "add")
    column, row = url(a, f"columns/{a.salary}/access/"), url(a, f"r/{a.candidates[1]}/access/")
    for page in (column, row):
        text = client.get(page).content.decode()
        assert "Рекрутёр = anna" in text
        assert 'href="/w/agency/access/"' in text
    client.post(column, {"do": "lock", "lock": "view"})
    assert "Рекрутёр = anna" not in client.get(column).content.decode(), "what is locked inherits nothing"
    grants.grant(anna, [Action.MANAGE], grants.on_table(a.candidate, access=access_for(owner, "agency", via="test")),
                 access=access_for(owner, "agency", via="test"))  # fmt: skip
    seen = signed_in(anna).get(row).content.decode()
    assert "Рекрутёр = anna" in seen
    assert 'href="/w/agency/access/"' not in seen, "the rights of the workspace are for who manages it"


def test_the_owner_says_how_his_tables_call_a_person_and_nobody_elsewhere_hears_of_it(
    owner: User, anna: User, a: Agency
) -> None:
    client = signed_in(owner)
    role = make_role(client, "Рекрутёры", "anna")
    give(client, url(a, "access/"), role, "view", "change", rows="Рекрутёр = @me")
    root = access_for(owner, "agency", via="test")
    writing.update(a.candidates[1], {a.recruiter: "Анна Петрова"}, access=root)
    own = [r.id for r in records.page(a.candidate, Query(), access=access_for(anna, "agency", via="test")).records]
    assert a.candidates[1] not in own
    sent = {"do": "call", "user": anna.pk, "name": " Анна Петрова "}
    assert client.post("/w/agency/people/", sent).status_code == 302
    there = access_for(anna, "agency", via="test")
    assert {r.id for r in records.page(a.candidate, Query(), access=there).records} == {*own, a.candidates[1]}
    assert 'value="Анна Петрова"' in client.get("/w/agency/people/").content.decode()
    assert AccessLog.objects.filter(subject="rbac_nameintables", actor_id=owner.pk, after__name="Анна Петрова").exists()

    other = agency("other")
    foreign = Access.system(other.world.schema, "tests")
    writing.update(other.candidates[1], {other.recruiter: "Анна Петрова"}, access=foreign)
    rule = grants.on_table(other.candidate, "Рекрутёр = @me", access=foreign)
    grants.grant(anna, [Action.VIEW], rule, access=foreign)
    seen = records.page(other.candidate, Query(), access=access_for(anna, "other", via="test")).records
    assert other.candidates[1] not in [r.id for r in seen]

    boris = make_role(client, "Ещё", User.objects.create_user("boris-2").username)
    person = boris.user_set.get()
    again = client.post("/w/agency/people/", {"do": "call", "user": person.pk, "name": "анна петрова"}, follow=True)
    assert "Другого человека" in again.content.decode()
    assert client.post("/w/agency/people/", {"do": "dismiss", "user": anna.pk}).status_code == 302
    assert not NameInTables.objects.exists()


def test_a_person_is_taken_out_of_a_role(owner: User, anna: User, a: Agency) -> None:
    client = signed_in(owner)
    role = make_role(client, "Все", "anna")
    assert client.post("/w/agency/people/", {"do": "leave", "user": anna.pk, "role": role.pk}).status_code == 302
    assert not role.user_set.exists()
    foreign = Group.objects.create(name="Чужие")
    foreign.user_set.add(anna)
    make_role(client, "Ещё", "anna")
    assert client.post("/w/agency/people/", {"do": "leave", "user": anna.pk, "role": foreign.pk}).status_code == 404
    assert foreign.user_set.exists()


def test_a_new_person_is_invited_by_mail_and_chooses_a_password(
    owner: User, a: Agency, django_capture_on_commit_callbacks: object
) -> None:
    client = signed_in(owner)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        make_role(client, "Все", "new@example.org")
    (letter,) = mail.outbox
    (address,) = re.findall(r"http://testserver(\S+)", letter.body)
    guest = Client()
    form = guest.get(address, follow=True)
    chosen = {"new_password1": "длинная-фраза-42", "new_password2": "длинная-фраза-42"}
    assert guest.post(form.request["PATH_INFO"], chosen).status_code == 302
    assert guest.login(username="new@example.org", password="длинная-фраза-42")
    assert "set-password" not in guest.get(address).headers.get("Location", "")


def test_a_role_of_one_workspace_counts_in_no_filter_of_another(owner: User, anna: User, a: Agency) -> None:
    """Whoever makes roles in his own workspace must not make himself a member of a department elsewhere."""
    other = agency("other")
    foreign = Access.system(other.world.schema, "tests")
    rows = grants.on_table(other.candidate, "Подразделение in @groups", access=foreign)
    grants.grant(anna, [Action.VIEW], rows, access=foreign)
    role = roles.create("IT", access=access_for(owner, "agency", via="test"))
    role.user_set.add(anna)
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "other", via="test")


def test_a_role_goes_with_its_workspace(owner: User, anna: User, a: Agency, boss: User) -> None:
    """Left behind it would be one of the installation, and its members would be in it everywhere."""
    other = agency("other")
    foreign = Access.system(other.world.schema, "tests")
    rows = grants.on_table(other.candidate, "Подразделение in @groups", access=foreign)
    grants.grant(anna, [Action.VIEW], rows, access=foreign)
    roles.create("IT", access=access_for(owner, "agency", via="test")).user_set.add(anna)
    kept = Group.objects.create(name="Всех баз")
    workspaces.drop("agency", "agency")
    with pytest.raises(WorkspaceNotFound):
        access_for(anna, "other", via="test")
    assert list(roles.assignable(foreign)) == [kept]


def test_a_role_of_one_workspace_cannot_be_chosen_in_another(owner: User, a: Agency) -> None:
    roles.create("IT", access=access_for(owner, "agency", via="test"))
    other = agency("other")
    assert "IT" not in [g.name for g in roles.assignable(Access.system(other.world.schema, "tests"))]


def test_view_as_shows_what_he_sees_changes_nothing_and_is_logged(
    owner: User, anna: User, a: Agency, root: Access
) -> None:
    own = grants.on_table(a.candidate, "Рекрутёр = @me", access=root)
    grants.grant(anna, [Action.CHANGE, Action.EXPORT], own, access=root)
    client = signed_in(owner)
    assert client.post("/w/agency/people/", {"do": "look", "user": anna.pk}).status_code == 302
    page = client.get(url(a)).content.decode()
    assert "Кандидат 0" in page
    assert "Кандидат 1" not in page
    assert "anna" in page
    batch = json.dumps({"writes": [{"op": "update", "id": a.candidates[0], "values": {a.status: "x"}}]})
    refused = client.post(
        url(a, "batch"), batch, content_type="application/json", headers={"accept": "application/json"}
    )
    assert '"refused"' in refused.content.decode()
    entry = AccessLog.objects.get(event="VIEW_AS")
    assert (entry.actor_id, entry.after["username"]) == (owner.pk, "anna")
    other = agency("other")
    assert client.get(f"/w/other/t/{other.candidate}/").status_code == 404
    client.post("/accounts/view-as/end/")
    assert "Кандидат 1" in client.get(url(a)).content.decode()


def test_view_as_is_for_managers_and_never_a_superuser(
    owner: User, anna: User, boss: User, a: Agency, root: Access
) -> None:
    grants.grant(boss, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    answer = signed_in(owner).post("/w/agency/people/", {"do": "look", "user": boss.pk})
    assert answer.status_code == 403
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    assert signed_in(anna).post("/w/agency/people/", {"do": "look", "user": owner.pk}).status_code == 403
