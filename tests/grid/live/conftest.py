"""The table everybody is in, in a database that other connections see."""

from collections.abc import Iterator

import pytest
from django.db import connections

from qdm.services import workspaces
from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff


@pytest.fixture
def staff() -> Iterator[Staff]:
    yield world.make()
    workspaces.drop(SLUG, SLUG)
    connections.close_all()
