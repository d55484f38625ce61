"""Roles and people of a workspace, as its managers handle them without the admin."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidValue, NameTaken, NotFound, WorkspaceNotFound
from qdm.models import Workspace
from rbac.audit import acting
from rbac.models import GuardUser, NameInTables, Role, User
from rbac.workspaces import members_of

NAME_LIMIT = 150


@dataclass(frozen=True, slots=True)
class Member:
    """A person of the workspace and the roles he has here.

    ``inside``: the roles of this workspace, which he can be taken out of; ``outside``: names of those of the whole
    installation; ``own``: whether he has grants of his own; ``name``: his name in the tables of the workspace.
    """

    user: User
    inside: tuple[Group, ...]
    outside: tuple[str, ...]
    own: bool
    name: str


def assignable(access: Access) -> QuerySet[Group]:
    """The roles that may be given rights here: those of the workspace and those of the installation."""
    return Group.objects.filter(Q(role=None) | Q(role__workspace__slug=access.workspace)).order_by("name")


def of_workspace(access: Access) -> QuerySet[Group]:
    """The roles whose members the managers of the workspace name."""
    return Group.objects.filter(role__workspace__slug=access.workspace).order_by("name")


def people(access: Access) -> QuerySet[User]:
    """Who may be given rights here: the people of the workspace and the members of its roles."""
    inside = members_of(Workspace.objects.filter(slug=access.workspace))
    return User.objects.filter(
        Q(pk__in=inside.values("pk")) | Q(groups__role__workspace__slug=access.workspace), is_active=True
    ).distinct().order_by("username")  # fmt: skip


def members(access: Access) -> list[Member]:
    """Everybody with rights in the workspace. Raises Forbidden for whoever does not manage it."""
    access.require(Action.MANAGE)
    inside = set(of_workspace(access).values_list("pk", flat=True))
    outside = set(assignable(access).values_list("pk", flat=True)) - inside
    own = set(
        GuardUser.objects.filter(content_object__workspace__slug=access.workspace).values_list("user_id", flat=True)
    )
    names = dict(NameInTables.objects.filter(workspace__slug=access.workspace).values_list("user_id", "name"))
    return [
        Member(
            user,
            tuple(group for group in user.groups.all() if group.pk in inside),
            tuple(group.name for group in user.groups.all() if group.pk in outside),
            user.pk in own,
            names.get(user.pk, ""),
        )
        for user in people(access).prefetch_related("groups")
    ]


def call(user: User, name: str, *, access: Access) -> None:
    """Set how the tables of the workspace call the person, '' for nothing beside his sign-in name.

    Raises Forbidden, InvalidValue for a name that is too long, NameTaken for another's.
    """
    access.require(Action.MANAGE)
    name = name.strip()
    if len(name) > NameInTables.LENGTH:
        raise InvalidValue(_("A name of 1 to %(limit)d characters is expected.") % {"limit": NameInTables.LENGTH})
    with acting(access.actor.id):
        if not name:
            NameInTables.objects.filter(workspace__slug=access.workspace, user=user).delete()
            return
        try:
            with transaction.atomic():
                NameInTables.objects.update_or_create(workspace=_workspace(access), user=user, defaults={"name": name})
        except IntegrityError:
            raise NameTaken(_("Another person is already called so in the tables.")) from None


def create(name: str, *, access: Access) -> Group:
    """A new role of the workspace. Raises Forbidden, InvalidValue, NameTaken (names are unique in the installation)."""
    access.require(Action.MANAGE)
    name = name.strip()
    if not name or len(name) > NAME_LIMIT:
        raise InvalidValue(_("A name of 1 to %(limit)d characters is expected.") % {"limit": NAME_LIMIT})
    workspace = _workspace(access)
    try:
        with acting(access.actor.id):
            group = Group.objects.create(name=name)
            Role.objects.create(group=group, workspace=workspace)
    except IntegrityError:
        raise NameTaken from None
    return group


def add_member(role_id: int, user: User, *, access: Access) -> None:
    """Raises Forbidden; NotFound for a role that is not one of the workspace."""
    with acting(access.actor.id):
        _own_role(role_id, access).user_set.add(user)


def remove_member(role_id: int, user: User, *, access: Access) -> None:
    """Raises as ``add_member``."""
    with acting(access.actor.id):
        _own_role(role_id, access).user_set.remove(user)


def dismiss(user: User, *, access: Access) -> None:
    """Take what the workspace gave the person: his own grants, its roles, his name in it. His account stays.

    What a role of the whole installation gives him here only an administrator can take. Raises Forbidden.
    """
    access.require(Action.MANAGE)
    with acting(access.actor.id), transaction.atomic():
        GuardUser.objects.filter(user=user, content_object__workspace__slug=access.workspace).delete()
        NameInTables.objects.filter(user=user, workspace__slug=access.workspace).delete()
        user.groups.remove(*of_workspace(access))


def _workspace(access: Access) -> Workspace:
    workspace = Workspace.objects.filter(slug=access.workspace).first()
    if workspace is None:
        raise WorkspaceNotFound
    return workspace


def _own_role(role_id: int, access: Access) -> Group:
    access.require(Action.MANAGE)
    group = of_workspace(access).filter(pk=role_id).first()
    if group is None:
        raise NotFound(_("There is no such role."))
    return group
