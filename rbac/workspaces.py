"""Workspaces with their owner, and who sees which."""

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction
from django.db.models import Q, QuerySet

from qdm.access import Access, Action
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.services import workspaces
from rbac import grants
from rbac.models import Guard, GuardGroup, GuardUser, Kind, User


def create_workspace(slug: str, title: str, owner: User | None) -> Workspace:
    """Make a workspace and give its owner the grant ``manage`` on it. One transaction.

    Raises what ``qdm.services.workspaces.create`` raises: a slug that is bad, reserved or taken.
    """
    with transaction.atomic():
        workspace = workspaces.create(slug, title)
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


def managed_by(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Workspace]:
    """The workspaces whose rights the user gives: those he has ``manage`` on; all for a superuser."""
    if not isinstance(user, User) or not user.is_active:
        return Workspace.objects.none()
    if user.is_superuser:
        return Workspace.objects.all()
    manage = {"permission__codename": "manage_node", "content_object__kind": Kind.WORKSPACE}
    own = GuardUser.objects.filter(user=user, **manage).values("content_object__workspace")
    of_groups = GuardGroup.objects.filter(group__in=user.groups.all(), **manage).values("content_object__workspace")
    return Workspace.objects.filter(Q(pk__in=own) | Q(pk__in=of_groups))


def members_of(workspaces: QuerySet[Workspace]) -> QuerySet[User]:
    """Active users with a grant of their own or through a group in one of the workspaces."""
    inside = {"content_object__workspace__in": workspaces}
    return User.objects.filter(
        Q(pk__in=GuardUser.objects.filter(**inside).values("user"))
        | Q(groups__in=GuardGroup.objects.filter(**inside).values("group")),
        is_active=True,
    ).distinct()
