"""Give and take rights. Whoever does it needs ``manage`` on the place himself."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission

from qdm.access import Access, Action
from qdm.errors import Forbidden, WorkspaceNotFound
from qdm.models import Workspace
from qdm.schema import ROOT_ID
from rbac.audit import acting
from rbac.models import Guard, GuardGroup, GuardUser, Kind, Lock, User

Grantee = User | Group


@dataclass(frozen=True, slots=True)
class Place:
    """A node rights are given on: a workspace, a table, a column or a row, with a filter text for the middle two."""

    kind: Kind
    node_id: int
    table_id: int
    label: str
    rows: str = ""


def on_workspace(access: Access) -> Place:
    return Place(Kind.WORKSPACE, ROOT_ID, 0, access.workspace)


def on_table(term_id: int, *, access: Access) -> Place:
    """Raises TermNotFound for a table the granting person does not see."""
    return Place(Kind.TABLE, term_id, term_id, access.term(term_id).title)


def require_manage(place: Place, access: Access) -> None:
    """Raise Forbidden unless the actor manages the place."""
    allowed = access.can(Action.MANAGE) if place.kind == Kind.WORKSPACE else access.can(Action.MANAGE, place.table_id)
    if not allowed:
        raise Forbidden


def _guard(place: Place, access: Access) -> Guard:
    try:
        workspace = Workspace.objects.get(slug=access.workspace)
    except Workspace.DoesNotExist:
        raise WorkspaceNotFound from None
    guard, _created = Guard.objects.get_or_create(
        workspace=workspace,
        node_id=place.node_id,
        rows=place.rows,
        defaults={"kind": place.kind, "table_id": place.table_id, "label": place.label[:255]},
    )
    return guard


def _permissions(actions: Iterable[Action]) -> list[Permission]:
    codenames = [f"{action}_node" for action in actions]
    return list(
        Permission.objects.filter(
            content_type__app_label="rbac", content_type__model="guard", codename__in=codenames
        ).order_by("id")
    )


def grant(grantee: Grantee, actions: Iterable[Action], place: Place, *, access: Access) -> Guard:
    """Give a user or a group (role) the actions on the place; what is given already stays."""
    require_manage(place, access)
    with acting(access.actor.id):
        guard = _guard(place, access)
        permissions = _permissions(actions)
        if isinstance(grantee, Group):
            GuardGroup.objects.bulk_create(
                [GuardGroup(group=grantee, permission=p, content_object=guard) for p in permissions],
                ignore_conflicts=True,
            )
        else:
            GuardUser.objects.bulk_create(
                [GuardUser(user=grantee, permission=p, content_object=guard) for p in permissions],
                ignore_conflicts=True,
            )
        return guard


def revoke(grantee: Grantee, actions: Iterable[Action], place: Place, *, access: Access) -> None:
    """Take the actions from the user or group; what was not given stays not given."""
    require_manage(place, access)
    with acting(access.actor.id):
        at = {
            "content_object__workspace__slug": access.workspace,
            "content_object__node_id": place.node_id,
            "content_object__rows": place.rows,
            "permission__in": _permissions(actions),
        }
        if isinstance(grantee, Group):
            GuardGroup.objects.filter(group=grantee, **at).delete()
        else:
            GuardUser.objects.filter(user=grantee, **at).delete()


def lock(place: Place, value: Lock, *, access: Access) -> Guard:
    """Set what the place does not inherit; ``Lock.NONE`` lifts it."""
    require_manage(place, access)
    with acting(access.actor.id):
        guard = _guard(place, access)
        if guard.lock != value:
            guard.lock = value
            guard.save(update_fields=["lock"])
        return guard
