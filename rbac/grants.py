"""Give and take rights. Whoever does it needs ``manage`` on the place himself."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib.auth.models import Group, Permission

from qdm.access import Access, Action
from qdm.errors import Forbidden, WorkspaceNotFound
from qdm.models import Workspace
from qdm.schema import ROOT_ID
from qdm.selectors import permissions, records
from rbac.audit import acting
from rbac.models import Guard, GuardGroup, GuardUser, Kind, Lock, User
from rbac.rules import normalise

Grantee = User | Group

#: The actions that mean something on each kind of place.
ACTIONS_OF: Mapping[Kind, tuple[Action, ...]] = {
    Kind.WORKSPACE: tuple(Action),
    Kind.TABLE: tuple(Action),
    Kind.FIELD: (Action.VIEW, Action.CHANGE),
    Kind.ROW: tuple(action for action in Action if action is not Action.ADD),
}


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


def on_table(term_id: int, rows: str = "", *, access: Access) -> Place:
    """A table, or those of its rows the filter text is true for.

    Raises TermNotFound for a table the granting person does not see, BadFilter or UnknownField for the text.
    """
    term = access.term(term_id)
    return Place(Kind.TABLE, term_id, term_id, term.title, normalise(rows, term, access.schema) if rows else "")


def on_field(requisite_id: int, rows: str = "", *, access: Access) -> Place:
    """A column, or its cells in the rows the filter text is true for. Raises RequisiteNotFound and as ``on_table``."""
    requisite = access.requisite(requisite_id)
    term = access.term(requisite.term_id)
    label = f"{term.title} / {requisite.name}"
    return Place(Kind.FIELD, requisite_id, term.id, label, normalise(rows, term, access.schema) if rows else "")


def on_record(record_id: int, *, access: Access) -> Place:
    """A row. Raises RecordNotFound for one the granting person does not see."""
    record = records.get(record_id, access=access, fields=())
    return Place(Kind.ROW, record_id, record.term_id, f"{access.term(record.term_id).title} / {record.val}")


def require_manage(place: Place, access: Access) -> None:
    """Raise Forbidden unless the actor manages the place: the workspace, the whole table, or at least the row."""
    if access.can(Action.MANAGE, None if place.kind == Kind.WORKSPACE else place.table_id):
        return
    if place.kind == Kind.ROW:
        found = permissions.of_records(place.table_id, [place.node_id], Action.MANAGE, access=access)
        if found[place.node_id].allowed:
            return
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
