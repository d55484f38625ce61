"""The agency and people around it."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from qdm.access import Access, Action
from qdm.services import workspaces
from rbac import grants
from rbac.models import User
from tests.rbac.world import Agency, agency


@pytest.fixture(scope="module")
def kept_agency(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Agency]:
    """Made once for the tests of a module; what each does to it is rolled back."""
    with django_db_blocker.unblock():
        yield agency("agency")
        workspaces.drop("agency", "agency")


@pytest.fixture
def a(kept_agency: Agency, db: None) -> Agency:
    return deepcopy(kept_agency)


@pytest.fixture
def root(a: Agency) -> Access:
    return Access.system(a.world.schema, "tests")


@pytest.fixture
def anna(db: None) -> User:
    return User.objects.create_user("anna")


@pytest.fixture
def boss(db: None) -> User:
    return User.objects.create_superuser("boss")


@pytest.fixture
def manager(a: Agency, root: Access) -> User:
    """Staff who manages the agency and nothing else."""
    user = User.objects.create_user("manager", is_staff=True)
    grants.grant(user, [Action.MANAGE], grants.on_workspace(root), access=root)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client
