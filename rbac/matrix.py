"""Rights of a workspace as a matrix: a line for each place, a column for each role, a tick for each permission."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidRequest
from qdm.schema import ROOT_ID
from qdm.selectors import structure
from rbac import grants, roles
from rbac.grants import ACTIONS_OF, Place
from rbac.models import Guard, GuardGroup, Kind
from rbac.rules import problem, shown

#: Places on a page.
PAGE = 25


@dataclass(frozen=True, slots=True)
class Tick:
    """One permission of one role at one place. ``line``: ``w``, ``t<term>`` or ``g<guard>``."""

    line: str
    role: int
    action: Action
    given: bool
    #: The action in words.
    name: str = ""

    @classmethod
    def read(cls, text: str) -> "Tick":
        """Raises InvalidRequest."""
        try:
            line, role, action, given = text.split(":")
            return cls(line, int(role), Action(action), given == "1")
        except ValueError:
            raise InvalidRequest from None

    @property
    def reversed(self) -> str:
        """What the button sends."""
        return f"{self.line}:{self.role}:{self.action}:{0 if self.given else 1}"


@dataclass(frozen=True, slots=True)
class Line:
    """A place, and for each role its ticks; ``problem``: why its filter cannot be carried out."""

    name: str
    rows: str
    lock: str
    problem: str | None
    cells: tuple[tuple[Tick, ...], ...]


@dataclass(frozen=True, slots=True)
class Matrix:
    """``roles`` are the columns, ``other_roles`` may be added to them. One page of ``pages``."""

    roles: tuple[Group, ...]
    other_roles: tuple[Group, ...]
    lines: tuple[Line, ...]
    page: int
    pages: int


def build(*, access: Access, also: Sequence[str] = (), page: int = 1) -> Matrix:
    """A page of the matrix of the roles that have a grant in the workspace, and of those named in ``also`` (ids).

    Three statements whatever the number of places. Raises Forbidden for whoever does not manage the workspace.
    """
    access.require(Action.MANAGE)
    guards = list(
        Guard.objects.filter(workspace__slug=access.workspace).exclude(kind=Kind.ROW).order_by("label", "rows")
    )
    held: dict[tuple[int, int], set[str]] = defaultdict(set)
    of_roles = GuardGroup.objects.filter(workspace__slug=access.workspace).exclude(kind=Kind.ROW)
    for grant in of_roles.select_related("permission"):
        held[grant.content_object_id, grant.group_id].add(grant.permission.codename.partition("_")[0])
    known = {group for _guard, group in held} | {int(text) for text in also if text.isdigit()}
    every = list(roles.assignable(access))
    shown_roles = tuple(g for g in every if g.pk in known)
    places = _places(guards, access)
    lines = [
        _line(key, kind, name, guard, shown_roles, held, access)
        for key, kind, name, guard in places[(page - 1) * PAGE : page * PAGE]
    ]
    return Matrix(
        shown_roles, tuple(g for g in every if g.pk not in known), tuple(lines), page, -(-len(places) // PAGE)
    )


def _places(guards: Sequence[Guard], access: Access) -> list[tuple[str, Kind, str, Guard | None]]:
    """Key, kind, name and guard, if there is one, of the workspace, then of each table with its parts and columns."""
    plain = {guard.node_id: guard for guard in guards if not guard.rows}
    parts: dict[int, list[Guard]] = defaultdict(list)
    for guard in guards:
        if guard.rows or guard.kind == Kind.FIELD:
            parts[guard.table_id].append(guard)
    found: list[tuple[str, Kind, str, Guard | None]] = [
        ("w", Kind.WORKSPACE, _("The whole workspace"), plain.get(ROOT_ID))
    ]
    for term in structure.tables(access=access):
        found.append((f"t{term.id}", Kind.TABLE, term.title, plain.get(term.id)))
        found += [(f"g{guard.pk}", Kind(guard.kind), guard.label, guard) for guard in parts[term.id]]
    return found


def _line(
    key: str,
    kind: Kind,
    name: str,
    guard: Guard | None,
    shown_roles: Sequence[Group],
    held: Mapping[tuple[int, int], set[str]],
    access: Access,
) -> Line:
    guard_id = guard.pk if guard is not None else 0
    named = [(action, _(action.value)) for action in ACTIONS_OF[kind]]
    ticks = tuple(
        tuple(Tick(key, role.pk, a, a in held.get((guard_id, role.pk), ()), name) for a, name in named)
        for role in shown_roles
    )
    if guard is None:
        return Line(name, "", "", None, ticks)
    term = access.schema.terms.get(guard.table_id)
    lock = str(guard.get_lock_display()) if guard.lock else ""
    if not guard.rows:
        return Line(name, "", lock, None, ticks)
    return Line(name, shown(guard.rows, term), lock, problem(guard.rows, term, access.schema), ticks)


def toggle(tick: Tick, *, access: Access) -> None:
    """Give or take the permission. Raises Forbidden, InvalidRequest, TermNotFound."""
    access.require(Action.MANAGE)
    role = Group.objects.filter(pk=tick.role).first()
    if role is None:
        raise InvalidRequest
    place = _place(tick.line, access)
    if tick.action not in ACTIONS_OF[place.kind]:
        raise InvalidRequest
    (grants.grant if tick.given else grants.revoke)(role, [tick.action], place, access=access)


def _place(line: str, access: Access) -> Place:
    if line == "w":
        return grants.on_workspace(access)
    if line[:1] not in ("t", "g") or not line[1:].isdigit():
        raise InvalidRequest
    if line.startswith("t"):
        return grants.on_table(int(line[1:]), access=access)
    guard = Guard.objects.filter(workspace__slug=access.workspace, pk=int(line[1:])).exclude(kind=Kind.ROW).first()
    if guard is None:
        raise InvalidRequest
    return Place(Kind(guard.kind), guard.node_id, guard.table_id, guard.label, guard.rows)
