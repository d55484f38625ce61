"""A signed-in browser without JavaScript."""

import pytest
from django.test import Client

from rbac.models import User
from tests.grid import staff as world
from tests.grid.staff import Staff


@pytest.fixture
def staff(db: None) -> Staff:
    return world.make()


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
