"""Rights of a workspace as rows of an archive, people and groups by name, and back.

Locks always come back. A grant comes back where its user or group is here; else it is left out and named, or, where
that is asked for, the user is made without a password and inactive, the group without members. Tokens are secrets of
their users and stay behind.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.utils.translation import gettext as _

from qdm.models import Workspace
from rbac.models import Guard, GuardGroup, GuardUser, NameInTables, Role, User

Row = dict[str, Any]
_CHUNK = 1_000
_FIELDS = ("node_id", "table_id", "kind", "rows", "lock", "label")


def names_of(user_ids: Sequence[int]) -> dict[int, str]:
    """Sign-in names of those of the users that still exist."""
    return dict(User.objects.filter(pk__in=user_ids).values_list("pk", "username"))


def ids_of(names: Iterable[str]) -> dict[str, int]:
    """Ids of the users with these sign-in names, as far as they are here."""
    return dict(User.objects.filter(username__in=list(names)).values_list("username", "pk"))


def rows(workspace: Workspace) -> Iterator[Row]:
    """First the roles of the workspace with their members, then the names of people in its tables, then each guard with
    its grants."""
    for role in Role.objects.filter(workspace=workspace).select_related("group").order_by("group__name"):
        members = role.group.user_set.order_by("username").values_list("username", flat=True)
        yield {"role": role.group.name, "members": list(members)}
    called = NameInTables.objects.filter(workspace=workspace).order_by("user__username")
    for username, name in called.values_list("user__username", "name"):
        yield {"person": username, "name": name}
    guards = Guard.objects.filter(workspace=workspace).order_by("pk").iterator(chunk_size=_CHUNK)
    while chunk := list(islice(guards, _CHUNK)):
        users = _held(GuardUser, "user__username", chunk)
        groups = _held(GuardGroup, "group__name", chunk)
        for guard in chunk:
            place = {name: getattr(guard, name) for name in _FIELDS}
            yield {"guard": place, "users": users.get(guard.pk, {}), "groups": groups.get(guard.pk, {})}


def _held(model: Any, name: str, guards: Sequence[Guard]) -> dict[int, dict[str, list[str]]]:
    """Guard -> name of a user or group -> what it is granted there."""
    found: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    held = model.objects.filter(content_object__in=guards).order_by(name, "permission__codename")
    for guard_id, who, codename in held.values_list("content_object_id", name, "permission__codename"):
        found[guard_id][who].append(codename)
    return found


def load(workspace: Workspace, archived: Iterable[Row], *, make_people: bool) -> list[str]:
    """Give the rights of the archive; sentences about what was left out."""
    loading = _Loading(workspace, make_people)
    left = iter(archived)
    while chunk := list(islice(left, _CHUNK)):
        for row in chunk:
            if "role" in row:
                loading.role(row["role"], row["members"])
            elif "person" in row:
                loading.name(row["person"], row["name"])
        loading.guards([row for row in chunk if "guard" in row])
    return loading.notes()


class _Loading:
    """Users and groups are looked up once each."""

    def __init__(self, workspace: Workspace, make_people: bool) -> None:
        self._workspace = workspace
        self._make = make_people
        self._users: dict[str, User | None] = {}
        self._groups: dict[str, Group | None] = {}
        self._foreign: set[str] = set()
        self._permissions = {
            p.codename: p
            for p in Permission.objects.filter(content_type__app_label="rbac", content_type__model="guard")
        }

    def user(self, name: str) -> User | None:
        if name not in self._users:
            user = User.objects.filter(username__iexact=name).first()
            if user is None and self._make:
                user = User(username=name, is_active=False)
                user.set_unusable_password()
                user.save()
            self._users[name] = user
        return self._users[name]

    def group(self, name: str) -> Group | None:
        """Of this workspace or of the installation; never another workspace's: its managers name the members."""
        if name not in self._groups:
            group = Group.objects.filter(name=name).select_related("role").first()
            if group is None and self._make:
                group = Group.objects.create(name=name)
            role = getattr(group, "role", None)
            if role is not None and role.workspace_id != self._workspace.pk:
                self._foreign.add(name)
                group = None
            self._groups[name] = group
        return self._groups[name]

    def role(self, name: str, members: Iterable[str]) -> None:
        group, made = Group.objects.get_or_create(name=name)
        if not made:
            self._foreign.add(name)
            self._groups[name] = None
            return
        Role.objects.create(group=group, workspace=self._workspace)
        self._groups[name] = group
        group.user_set.add(*(user for member in members if (user := self.user(member)) is not None))

    def name(self, person: str, name: str) -> None:
        if (user := self.user(person)) is not None:
            NameInTables.objects.create(workspace=self._workspace, user=user, name=name)

    def guards(self, archived: Sequence[Row]) -> None:
        made = Guard.objects.bulk_create(Guard(workspace=self._workspace, **row["guard"]) for row in archived)
        users, groups = [], []
        for guard, row in zip(made, archived, strict=True):
            for user, permission in self._grants(row["users"], self.user):
                users.append(GuardUser(user=user, permission=permission, content_object=guard))
            for group, permission in self._grants(row["groups"], self.group):
                groups.append(GuardGroup(group=group, permission=permission, content_object=guard))
        GuardUser.objects.bulk_create(users)
        GuardGroup.objects.bulk_create(groups)

    def _grants(self, given: Mapping[str, Sequence[str]], find: Any) -> Iterator[tuple[Any, Permission]]:
        for name, codenames in given.items():
            if (who := find(name)) is not None:
                for codename in codenames:
                    yield who, self._permissions[codename]

    def notes(self) -> list[str]:
        found = [
            _("There is no user “%(name)s” here: his grants are left out.") % {"name": name}
            for name, user in self._users.items()
            if user is None
        ]
        for name, group in self._groups.items():
            if name in self._foreign:
                found.append(
                    _("The role “%(name)s” is there already and not of this workspace: left out.") % {"name": name}
                )
            elif group is None:
                found.append(_("There is no group “%(name)s” here: its grants are left out.") % {"name": name})
        return found
