"""The log of rights is written by the database, whoever changes them."""

import pytest
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import QuerySet

from qdm.models import Workspace
from rbac.audit import acting
from rbac.models import AccessLog, Guard, GuardGroup, GuardUser, Kind, User

pytestmark = pytest.mark.django_db
Log = QuerySet[AccessLog]


@pytest.fixture
def log(db: None) -> Log:
    """What is logged from now on: nothing ever takes away what other tests have committed."""
    last = AccessLog.objects.order_by("-pk").first()
    return AccessLog.objects.filter(pk__gt=last.pk if last else 0)


@pytest.fixture
def guard(log: Log) -> Guard:
    workspace = Workspace.objects.create(slug="w", title="W")
    return Guard.objects.create(workspace=workspace, node_id=1, kind=Kind.WORKSPACE, label="w")


def view() -> Permission:
    return Permission.objects.get(codename="view_node")


def test_a_grant_is_logged_with_its_actor(guard: Guard, log: Log) -> None:
    anna = User.objects.create_user("anna")
    with acting(42):
        GuardUser.objects.create(user=anna, permission=view(), content_object=guard)
    entry = log.filter(subject="rbac_guarduser").get()
    assert (entry.actor_id, entry.event, entry.before) == (42, "INSERT", None)
    assert entry.after["user_id"] == anna.pk


def test_bulk_writes_cascades_and_plain_sql_are_logged(guard: Guard, log: Log) -> None:
    groups = [Group.objects.create(name=f"g{i}") for i in range(3)]
    GuardGroup.objects.bulk_create([GuardGroup(group=g, permission=view(), content_object=guard) for g in groups])
    assert log.filter(subject="rbac_guardgroup", event="INSERT").count() == 3
    with connection.cursor() as cursor:
        cursor.execute("delete from rbac_guardgroup where group_id = %s", [groups[0].pk])
    assert log.filter(subject="rbac_guardgroup", event="DELETE").count() == 1
    guard.delete()
    assert log.filter(subject="rbac_guardgroup", event="DELETE").count() == 3
    assert log.filter(subject="rbac_guard", event="DELETE").count() == 1


def test_membership_is_logged(guard: Guard, log: Log) -> None:
    anna, group = User.objects.create_user("anna"), Group.objects.create(name="HR")
    anna.groups.add(group)
    entry = log.filter(subject="rbac_user_groups").get()
    assert entry.after["group_id"] == group.pk
    anna.groups.clear()
    assert log.filter(subject="rbac_user_groups", event="DELETE").count() == 1


def test_activation_is_logged_and_passwords_are_not(log: Log) -> None:
    anna = User.objects.create_user("anna", password="secret-word-1")
    User.objects.filter(pk=anna.pk).update(is_active=False)
    entry = log.filter(subject="rbac_user", event="UPDATE").get()
    assert (entry.before["is_active"], entry.after["is_active"]) == (True, False)
    anna.refresh_from_db()
    anna.set_password("another-word-2")
    anna.save()
    assert log.filter(subject="rbac_user", event="UPDATE").count() == 1
    assert "password" not in str(list(log.values_list("before", "after")))


def test_without_an_actor_the_entry_has_none(guard: Guard, log: Log) -> None:
    assert log.get(subject="rbac_guard").actor_id is None
