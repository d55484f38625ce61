"""A signed-in browser without JavaScript."""

from collections.abc import Iterator
from copy import deepcopy

import pytest
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from qdm.services import workspaces
from rbac.models import User
from tests.grid import staff as world
from tests.grid.staff import Staff


@pytest.fixture(scope="module")
def kept_staff(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Staff | None]:
    """Made once for the tests of a module, and what each does to it is rolled back; but None for a module with tests
    that commit: Django empties its tables behind them."""
    here = (item for item in request.session.items if item.path == request.path)
    if any(marker.kwargs.get("transaction") for item in here for marker in item.iter_markers("django_db")):
        yield None
        return
    with django_db_blocker.unblock():
        kept = world.make()
        yield kept
        workspaces.drop(world.SLUG, world.SLUG)
        kept.owner.delete()


@pytest.fixture
def staff(kept_staff: Staff | None, db: None) -> Staff:
    return world.make() if kept_staff is None else deepcopy(kept_staff)


@pytest.fixture
def owner(staff: Staff) -> Client:
    client = Client()
    client.force_login(staff.owner)
    return client


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody with an account and no right anywhere."""
    client = Client()
    client.force_login(User.objects.create_user("stranger"))
    return client
