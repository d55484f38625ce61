"""Workspaces with their owner."""

from django.db import transaction

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import workspaces
from rbac import grants
from rbac.models import User


def create_workspace(slug: str, title: str, owner: User | None) -> Workspace:
    """Make a workspace and give its owner the grant ``manage`` on it. One transaction.

    Raises what ``qdm.services.workspaces.create`` raises: a slug that is bad, reserved or taken.
    """
    with transaction.atomic():
        workspace = workspaces.create(slug, title, owner_id=owner.pk if owner else None)
        if owner is not None:
            access = Access.system(structure.schema(workspace.slug), "owner of a new workspace")
            grants.grant(owner, [Action.MANAGE], grants.on_workspace(access), access=access)
        return workspace
