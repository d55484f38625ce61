"""A workspace, its owner and his token."""

from dataclasses import dataclass

import pytest
from django.db import connection

from integram.api.webhooks import kick
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
    # Django empties its own tables after a test that commits, but not the schemas of workspaces.
    with connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA IF EXISTS ws_office CASCADE; DROP SCHEMA IF EXISTS ws_shop CASCADE")
    kick.forget()  # what this process knows of the webhooks of an earlier test's workspace
    user = User.objects.create_user("owner")
    create_workspace("office", "Офис", user)
    return Owner(user, "office", tokens.create(user))
