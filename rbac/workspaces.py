"""Workspaces with their owner, and who sees which."""

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q, QuerySet

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import workspaces
from rbac import grants
from rbac.models import Guard, User


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


def visible_to(user: User | AnonymousUser) -> QuerySet[Workspace]:
    """The workspaces in which the user has a right to anything; a superuser sees all of them."""
    if not isinstance(user, User) or not user.is_active:
        return Workspace.objects.none()
    if user.is_superuser:
        return Workspace.objects.all()
    granted = Guard.objects.filter(Q(user_grants__user=user) | Q(group_grants__group__in=user.groups.all()))
    return Workspace.objects.filter(pk__in=granted.values("workspace"))


def may_create(user: User | AnonymousUser) -> bool:
    """Whether the user may make new workspaces: the staff may."""
    return user.is_active and (user.is_superuser or user.is_staff)
