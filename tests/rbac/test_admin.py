"""The admin of rights: who gets in, what it changes, and that the log knows who did it."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from qdm.access import Access, Action
from rbac import grants, tokens
from rbac.access import access_for
from rbac.models import AccessLog, Guard, GuardGroup, GuardUser, Lock, Session, Token, User
from tests.rbac.conftest import signed_in
from tests.rbac.world import Agency, agency

pytestmark = pytest.mark.django_db

PAGES = [
    "rbac_guard_changelist",
    "rbac_user_changelist",
    "auth_group_changelist",
    "rbac_token_changelist",
    "rbac_session_changelist",
    "rbac_accesslog_changelist",
    "qdm_workspace_changelist",
]


@pytest.mark.parametrize("name", [*PAGES, "rbac_user_add", "auth_group_add", "rbac_token_add", "rbac_guard_add"])
def test_every_page_opens_for_a_superuser(boss: User, a: Agency, name: str) -> None:
    assert signed_in(boss).get(reverse(f"admin:{name}")).status_code == 200


@pytest.mark.parametrize("name", PAGES)
def test_staff_without_manage_gets_nowhere(anna: User, a: Agency, name: str) -> None:
    User.objects.filter(pk=anna.pk).update(is_staff=True)
    assert signed_in(anna).get(reverse(f"admin:{name}")).status_code == 403


def test_a_manager_gives_grants_in_his_workspace_and_the_log_names_him(manager: User, anna: User, a: Agency) -> None:
    client = signed_in(manager)
    url = reverse("admin:rbac_guard_add") + "?workspace=agency"
    page = client.get(url)
    assert "Кандидат / Зарплата" in page.content.decode()
    form = {
        "place": f"t{a.candidate}",
        "record": "",
        "rows": "Рекрутёр = @me",
        "lock": "",
        **_inline("user_grants", [(anna.pk, "view_node")], "user"),
        **_inline("group_grants", [], "group"),
    }
    assert client.post(url, form).status_code == 302
    guard = Guard.objects.get(node_id=a.candidate)
    assert guard.rows == f"#{a.recruiter} = @me"
    assert access_for(anna, "agency", via="test").can(Action.VIEW, a.candidate)
    assert AccessLog.objects.filter(subject="rbac_guarduser").latest("id").actor_id == manager.pk
    shown = client.get(reverse("admin:rbac_guard_change", args=[guard.pk])).content.decode()
    assert "Рекрутёр = @me" in shown


def test_a_filter_that_is_not_understood_is_said_and_not_saved(manager: User, a: Agency) -> None:
    url = reverse("admin:rbac_guard_add") + "?workspace=agency"
    form = {
        "place": f"t{a.candidate}",
        "rows": "Рекрутер = @me",
        "lock": "",
        "record": "",
        **_inline("user_grants", [], "user"),
        **_inline("group_grants", [], "group"),
    }
    page = signed_in(manager).post(url, form)
    assert page.status_code == 200
    assert not Guard.objects.filter(node_id=a.candidate).exists()


def test_a_manager_of_one_workspace_does_not_find_the_guards_of_another(manager: User, anna: User, a: Agency) -> None:
    other = agency("other")
    foreign = Access.system(other.world.schema, "tests")
    guard = grants.grant(anna, [Action.VIEW], grants.on_table(other.candidate, access=foreign), access=foreign)
    client = signed_in(manager)
    missing = client.get(reverse("admin:rbac_guard_change", args=[10**9]))
    hidden = client.get(reverse("admin:rbac_guard_change", args=[guard.pk]))
    assert (hidden.status_code, missing.status_code) == (404, 404)
    assert "other" not in client.get(reverse("admin:rbac_guard_changelist")).content.decode()
    for name in ("matrix", "why"):
        url = reverse(f"admin:rbac_guard_{name}", args=["other"])
        assert client.get(url).status_code == client.get(url.replace("other", "missing")).status_code == 404


def test_the_matrix_shows_and_changes_ticks(manager: User, a: Agency) -> None:
    role = Group.objects.create(name="Рекрутёры")
    client = signed_in(manager)
    url = reverse("admin:rbac_guard_matrix", args=["agency"]) + f"?role={role.pk}"
    tick = f"t{a.candidate}:{role.pk}:view:1"
    assert tick in client.get(url).content.decode()
    assert client.post(url, {"tick": tick}).status_code == 302
    assert GuardGroup.objects.get().permission.codename == "view_node"
    assert f"t{a.candidate}:{role.pk}:view:0" in client.get(url).content.decode()
    client.post(url, {"tick": tick[:-1] + "0"})
    assert not GuardGroup.objects.exists()
    assert client.post(url, {"tick": "nonsense"}).status_code == 403


def test_the_matrix_shows_a_broken_filter(manager: User, a: Agency, root: Access) -> None:
    role = Group.objects.create(name="Рекрутёры")
    grants.grant(role, [Action.VIEW], grants.on_table(a.candidate, "Рекрутёр = @me", access=root), access=root)
    Guard.objects.exclude(rows="").update(rows="#99999 = @me")
    page = signed_in(manager).get(reverse("admin:rbac_guard_matrix", args=["agency"])).content.decode()
    assert 'class="broken"' in page


def test_closing_access_ends_everything_at_once(boss: User, anna: User, a: Agency) -> None:
    phone = signed_in(anna)
    cookie = phone.cookies["sessionid"].value
    tokens.create(anna)
    assert Session.objects.filter(user=anna).count() == 1
    answer = signed_in(boss).post(
        reverse("admin:rbac_user_changelist"), {"action": "close_access", "_selected_action": [anna.pk]}, follow=True
    )
    assert answer.status_code == 200
    anna.refresh_from_db()
    assert not anna.is_active
    assert not Token.objects.exists()
    assert not Session.objects.filter(user=anna).exists()
    assert phone.get("/").status_code == 302
    # Made active again, the old session stays dead.
    User.objects.filter(pk=anna.pk).update(is_active=True)
    again = Client()
    again.cookies["sessionid"] = cookie
    assert again.get("/").status_code == 302
    entry = AccessLog.objects.filter(subject="rbac_user", after__username="anna", event="UPDATE").first()
    assert entry is not None


def test_nobody_closes_himself(boss: User) -> None:
    signed_in(boss).post(
        reverse("admin:rbac_user_changelist"), {"action": "close_access", "_selected_action": [boss.pk]}
    )
    boss.refresh_from_db()
    assert boss.is_active


def test_the_text_of_a_new_token_is_shown_once(boss: User, anna: User) -> None:
    client = signed_in(boss)
    page = client.post(
        reverse("admin:rbac_token_add"), {"user": anna.pk, "label": "script", "workspace": ""}, follow=True
    ).content.decode()
    text = page[page.index("itg_") :][:47]
    user, _token = tokens.authenticate(f"Bearer {text}")
    assert user == anna
    assert "itg_" not in client.get(reverse("admin:rbac_token_changelist")).content.decode()


def test_the_list_of_guards_takes_as_many_statements_for_fifty_as_for_one(boss: User, a: Agency, root: Access) -> None:
    def statements() -> int:
        with CaptureQueriesContext(connection) as caught:
            assert client.get(reverse("admin:rbac_guard_changelist")).status_code == 200
        return len(caught)

    client = signed_in(boss)
    role = Group.objects.create(name="g")
    grants.grant(role, [Action.VIEW], grants.on_table(a.candidate, "Статус = new", access=root), access=root)
    statements()
    one = statements()
    for i in range(50):
        grants.grant(role, [Action.VIEW], grants.on_table(a.candidate, f"Статус = s{i}", access=root), access=root)
        grants.grant(User.objects.create_user(f"u{i}"), [Action.VIEW], grants.on_workspace(root), access=root)
    assert statements() == one


def test_no_list_takes_more_statements_for_fifty_rows_than_for_few(boss: User, a: Agency, root: Access) -> None:
    addresses = all_lists()
    client = signed_in(boss)

    def statements() -> dict[str, int]:
        found = {}
        for url in addresses:
            with CaptureQueriesContext(connection) as caught:
                assert client.get(url).status_code == 200, url
            found[url] = len(caught)
        return found

    def more(first: int, count: int) -> None:
        for i in range(first, first + count):
            user, role = User.objects.create_user(f"u{i}"), Group.objects.create(name=f"role {i}")
            user.groups.add(role)
            grants.grant(role, [Action.VIEW], grants.on_table(a.candidate, f"Статус = s{i}", access=root), access=root)
            grants.grant(
                user, [Action.VIEW], grants.on_record(a.candidates[i % len(a.candidates)], access=root), access=root
            )
            tokens.create(user)
            signed_in(user)

    more(0, 3)
    statements()  # what is read once in a process
    few = statements()
    more(3, 40)
    assert statements() == few


def all_lists() -> list[str]:
    """The list of everything that the administration knows, and those of rows."""
    known = [f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist" for model in admin.site._registry]
    return [*map(reverse, known), f"{reverse('admin:rbac_guard_changelist')}?kind=r"]


def test_autocomplete_offers_a_manager_the_members_of_his_workspaces_only(
    manager: User, anna: User, a: Agency, root: Access
) -> None:
    User.objects.create_user("stranger")
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    url = reverse("admin:autocomplete")
    query = {"app_label": "rbac", "model_name": "guarduser", "field_name": "user", "term": ""}
    names = [item["text"] for item in signed_in(manager).get(url, query).json()["results"]]
    assert names == ["anna", "manager"]


def test_permissions_on_a_column_are_to_see_and_to_change(manager: User, a: Agency, root: Access) -> None:
    guard = grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    page = signed_in(manager).get(reverse("admin:rbac_guard_change", args=[guard.pk])).context_data
    inline = page["inline_admin_formsets"][0].formset
    choices = {p.codename for p in inline.empty_form.fields["permission"].queryset}
    assert choices == {"view_node", "change_node"}


def test_granted_rows_are_listed_only_when_asked_for(boss: User, a: Agency, root: Access, anna: User) -> None:
    grants.grant(anna, [Action.VIEW], grants.on_record(a.candidates[0], access=root), access=root)
    client = signed_in(boss)
    assert "Кандидат 0" not in client.get(reverse("admin:rbac_guard_changelist")).content.decode()
    assert "Кандидат 0" in client.get(reverse("admin:rbac_guard_changelist"), {"kind": "r"}).content.decode()


def test_why_page_names_the_arms(manager: User, anna: User, a: Agency, root: Access) -> None:
    role = Group.objects.create(name="Рекрутёры")
    anna.groups.add(role)
    grants.grant(role, [Action.VIEW], grants.on_table(a.candidate, "Рекрутёр = @me", access=root), access=root)
    url = reverse("admin:rbac_guard_why", args=["agency"])
    client = signed_in(manager)
    yes = client.get(url, {"user": "anna", "record": a.candidates[0], "action": "view"}).content.decode()
    assert "Рекрутёр = @me" in yes
    assert 'class="holds"' in yes
    no = client.get(url, {"user": "anna", "record": a.candidates[1], "action": "view"}).content.decode()
    assert 'class="holds"' not in no
    assert GuardUser.objects.count() == 1


def _inline(prefix: str, grants_of: list[tuple[int, str]], who: str) -> dict[str, object]:
    form: dict[str, object] = {f"{prefix}-TOTAL_FORMS": len(grants_of), f"{prefix}-INITIAL_FORMS": 0}
    for i, (pk, codename) in enumerate(grants_of):
        form[f"{prefix}-{i}-{who}"] = pk
        form[f"{prefix}-{i}-permission"] = Permission.objects.get(codename=codename).pk
    return form
