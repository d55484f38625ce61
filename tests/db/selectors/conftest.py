"""An empty recruiting workspace for each test."""

import pytest

from tests.db.selectors.recruiting import Recruiting, build


@pytest.fixture
def w(db: None) -> Recruiting:
    return build()
