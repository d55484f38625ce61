"""«Почему видно?»: which arms let a user do something with a row or a cell, in words an administrator can act on."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import QdmError
from qdm.query.ast import ID, And, Compare, Op, Query, Unrestricted
from qdm.record import Record
from qdm.schema import ROOT_ID
from qdm.selectors import permissions, records
from rbac import granted
from rbac.access import access_for
from rbac.arms import STOPPED_BY
from rbac.models import Guard, GuardGroup, GuardUser, Kind, Lock, User
from rbac.rules import rows_for, shown


@dataclass(frozen=True, slots=True)
class Arm:
    """One grant: what it says, from whom the user has it, whether it lets him, and if not what stops it."""

    text: str
    source: str
    holds: bool
    stopped: str = ""
    guard_id: int | None = None


@dataclass(frozen=True, slots=True)
class Explanation:
    """``allowed`` is what the engine decides; the arms are why. ``parent``: of the row this one belongs to."""

    allowed: bool
    arms: tuple[Arm, ...]
    parent: "Explanation | None" = None
    notes: tuple[str, ...] = field(default_factory=tuple)


def row(user: User, record_id: int, action: Action, *, access: Access) -> Explanation:
    """Why the user may, or may not, do this with the row. For holders of manage on the workspace.

    Raises Forbidden, RecordNotFound.
    """
    access.require(Action.MANAGE)
    return _Reading(user, records.get(record_id, access=access), access).row(action)


def cell(user: User, record_id: int, requisite_id: int, action: Action, *, access: Access) -> Explanation:
    """Why the user may view or change the cell of a row. Raises as ``row``, RequisiteNotFound."""
    access.require(Action.MANAGE)
    access.requisite(requisite_id)
    return _Reading(user, records.get(record_id, access=access), access).cell(requisite_id, action)


class _Reading:
    """One user and one record, looked at with the rights of whoever asks."""

    def __init__(self, user: User, record: Record, access: Access) -> None:
        self.user = user
        self.record = record
        self.access = access
        self.term = access.term(record.term_id)
        self.person = granted.person(user, granted.load(access.workspace, user.pk))

    def row(self, action: Action) -> Explanation:
        arms = [
            self._arm(guard, source, self._row_stops(guard, action))
            for guard, source, actions in self._grants([ROOT_ID, self.term.id, self.record.id])
            if action in actions
        ]
        parent = None
        if self.record.up != ROOT_ID:
            above = records.get(self.record.up, access=self.access)
            parent = _Reading(self.user, above, self.access).row(Action.VIEW)
        return Explanation(self._decided(action, None), tuple(arms), parent, self._notes())

    def cell(self, requisite_id: int, action: Action) -> Explanation:
        lock = self._locks([requisite_id]).get(requisite_id, "")
        wanted = Action.VIEW if action in (Action.VIEW, Action.EXPORT) else Action.CHANGE
        arms = []
        if lock not in STOPPED_BY[wanted]:
            arms.append(Arm(_("The column is not locked: it follows its row."), "", holds=True))
        for guard, source, actions in self._grants([requisite_id, ROOT_ID, self.term.id]):
            of_column = guard.kind == Kind.FIELD and wanted in actions
            manages = guard.kind != Kind.FIELD and Action.MANAGE in actions and not guard.rows
            if of_column or manages:
                arms.append(self._arm(guard, source, ""))
        return Explanation(self._decided(action, requisite_id), tuple(arms), self.row(action), self._notes())

    def _notes(self) -> tuple[str, ...]:
        notes = []
        if not self.user.is_active:
            notes.append(_("The user is inactive: nothing is allowed."))
        elif self.user.is_superuser:
            notes.append(_("The user is a superuser: everything is allowed."))
        return tuple(notes)

    def _decided(self, action: Action, requisite_id: int | None) -> bool:
        """What the engine says, asked as the user."""
        try:
            own = access_for(self.user, self.access.workspace, via="why")
            requisites = [] if requisite_id is None else [own.requisite(requisite_id)]
            found = permissions.of_records(self.term.id, [self.record.id], action, requisites, access=own)
        except QdmError:
            return False
        permission = found[self.record.id]
        return permission.allowed and not permission.denied

    def _arm(self, guard: Guard, source: str, stopped: str) -> Arm:
        return Arm(self._text(guard), source, not stopped and self._holds(guard), stopped, guard.pk)

    def _text(self, guard: Guard) -> str:
        rows = _(" where %(filter)s") % {"filter": shown(guard.rows, self.term)} if guard.rows else ""
        return f"{guard.get_kind_display()} “{guard.label}”{rows}"

    def _holds(self, guard: Guard) -> bool:
        if not guard.rows:
            return True
        rows = rows_for(guard.rows, self.term, self.access.schema, self.person)
        if not isinstance(rows, Unrestricted):
            return False
        query = Query(filter=And((Compare(ID, Op.EQ, self.record.id), rows.filter)))
        return records.count(self.term.id, query, access=self.access, cap=None).value == 1

    def _row_stops(self, guard: Guard, action: Action) -> str:
        """What keeps the grants of the guard from reaching the row."""
        locks = self._locks([self.term.id, self.record.id])
        if guard.kind == Kind.ROW or self._managed:
            return ""
        if locks.get(self.record.id, "") in STOPPED_BY[action]:
            return _("The row is locked.")
        if guard.kind == Kind.WORKSPACE and locks.get(self.term.id, "") in STOPPED_BY[action]:
            return _("The table is locked.")
        return ""

    @property
    def _managed(self) -> bool:
        return any(
            Action.MANAGE in actions and not guard.rows
            for guard, _source, actions in self._grants([ROOT_ID, self.term.id])
        )

    def _locks(self, nodes: list[int]) -> dict[int, Lock]:
        found = Guard.objects.filter(workspace__slug=self.access.workspace, node_id__in=nodes).exclude(lock="")
        return {guard.node_id: Lock(guard.lock) for guard in found}

    def _grants(self, nodes: list[int]) -> Iterator[tuple[Guard, str, frozenset[Action]]]:
        """Guard, who gives it to the user (himself or a role), and the actions with those they imply."""
        here = Q(content_object__workspace__slug=self.access.workspace, content_object__node_id__in=nodes)
        held: dict[tuple[Guard, str], set[str]] = defaultdict(set)
        for own in GuardUser.objects.filter(here, user=self.user).select_related("content_object", "permission"):
            held[own.content_object, _("himself")].add(own.permission.codename.partition("_")[0])
        groups = GuardGroup.objects.filter(here, group__in=self.user.groups.all())
        for of_group in groups.select_related("content_object", "permission", "group"):
            held[of_group.content_object, of_group.group.name].add(of_group.permission.codename.partition("_")[0])
        for (guard, source), actions in held.items():
            yield guard, source, granted.implied(frozenset(actions))
