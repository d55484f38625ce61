"""The grants that stand at a place, as a manager sees and takes them."""

from collections import defaultdict
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidRequest, NotFound
from rbac import grants, roles
from rbac.grants import Grantee, Place
from rbac.models import Guard, GuardGroup, GuardUser, Lock, User
from rbac.rules import problem, shown


@dataclass(frozen=True, slots=True)
class Standing:
    """What one person or role has at the place, in all rows or in those of a filter.

    ``key`` names it for ``take``. ``rows``: the filter as it is kept, '' for all rows; ``shown``: with columns by name;
    ``problem``: why it cannot be carried out any more.
    """

    key: str
    who: str
    is_role: bool
    actions: tuple[Action, ...]
    rows: str
    shown: str
    problem: str | None


def at(place: Place, *, access: Access) -> list[Standing]:
    """The grants on the place, those with filters too. Raises Forbidden."""
    grants.require_manage(place, access)
    guards = Guard.objects.filter(workspace__slug=access.workspace, node_id=place.node_id).order_by("rows")
    term = access.schema.terms.get(place.table_id)
    found = []
    for guard in guards:
        held: dict[tuple[str, str, bool], set[str]] = defaultdict(set)
        for of_role in GuardGroup.objects.filter(content_object=guard).select_related("group", "permission"):
            name = of_role.permission.codename.partition("_")[0]
            held[f"{guard.pk}:g{of_role.group_id}", str(of_role.group), True].add(name)
        for own in GuardUser.objects.filter(content_object=guard).select_related("user", "permission"):
            name = own.permission.codename.partition("_")[0]
            held[f"{guard.pk}:u{own.user_id}", str(own.user), False].add(name)
        broken = problem(guard.rows, term, access.schema) if guard.rows else None
        for (key, who, is_role), names in sorted(held.items(), key=lambda item: item[0][1].casefold()):
            actions = tuple(a for a in Action if a in names)
            told = shown(guard.rows, term) if guard.rows else ""
            found.append(Standing(key, who, is_role, actions, guard.rows, told, broken))
    return found


def lock_of(place: Place, *, access: Access) -> Lock:
    guard = Guard.objects.filter(workspace__slug=access.workspace, node_id=place.node_id, rows="").first()
    return Lock(guard.lock) if guard is not None else Lock.NONE


def take(key: str, place: Place, *, access: Access) -> None:
    """Take everything of one ``Standing`` at the place. Raises Forbidden, InvalidRequest, NotFound."""
    guard_id, _colon, who = key.partition(":")
    if not guard_id.isdigit():
        raise InvalidRequest
    guard = Guard.objects.filter(workspace__slug=access.workspace, pk=int(guard_id), node_id=place.node_id).first()
    if guard is None:
        raise NotFound
    there = Place(place.kind, place.node_id, place.table_id, place.label, guard.rows)
    grants.revoke(_anybody(who), tuple(Action), there, access=access)


def grantee(key: str, access: Access) -> Grantee:
    """The role (``g<id>``) or person (``u<id>``) that rights may be given to here. Raises NotFound."""
    found: Grantee | None = None
    if key[:1] in ("g", "u") and key[1:].isdigit():
        known = roles.assignable(access) if key.startswith("g") else roles.people(access)
        found = known.filter(pk=int(key[1:])).first()
    if found is None:
        raise NotFound(_("There is no such person or role."))
    return found


def _anybody(key: str) -> Grantee:
    """Whoever has the grant, still active or not."""
    found: Grantee | None = None
    if key[:1] in ("g", "u") and key[1:].isdigit():
        model: type[Group] | type[User] = Group if key.startswith("g") else User
        found = model._default_manager.filter(pk=int(key[1:])).first()
    if found is None:
        raise NotFound
    return found
