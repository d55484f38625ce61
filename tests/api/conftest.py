"""A workspace, its owner and his token."""

from dataclasses import dataclass

import pytest

from rbac import tokens
from rbac.models import User
from rbac.workspaces import create_workspace


@dataclass
class Owner:
    """Who owns the workspace ``ws``; ``token`` is the text of his token."""

    user: User
    ws: str
    token: str


@pytest.fixture
def owner(db: None) -> Owner:
    user = User.objects.create_user("owner")
    create_workspace("office", "Офис", user)
    return Owner(user, "office", tokens.create(user))
