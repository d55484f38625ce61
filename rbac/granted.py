"""What the grants say about one user in one workspace, read by one statement (rbac/sql/granted.sql)."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from qdm.access import Action
from rbac.models import Kind, Lock
from rbac.sql import text

#: Up to this many rows granted one by one go into a statement as an array of ids, more as a subquery.
ROWS_AS_IDS = 2000

IMPLIED_BY_MANAGE = frozenset(Action)


def implied(actions: Iterable[str]) -> frozenset[Action]:
    """The actions with those that follow from them: manage means all; change, delete and export mean view."""
    held = frozenset(Action(a) for a in actions)
    if Action.MANAGE in held:
        return IMPLIED_BY_MANAGE
    return held | {Action.VIEW} if held & {Action.CHANGE, Action.DELETE, Action.EXPORT} else held


@dataclass(frozen=True, slots=True)
class Rule:
    """A guard on a workspace, table or column: the actions its grants give this user (perhaps none) and its lock."""

    kind: Kind
    node_id: int
    table_id: int
    rows: str
    lock: Lock
    actions: frozenset[Action]


@dataclass(frozen=True, slots=True)
class RowGrants:
    """Rows of one table granted one by one for one action; ``ids`` None when there are more than ROWS_AS_IDS."""

    table_id: int
    action: Action
    ids: frozenset[int] | None


@dataclass(frozen=True, slots=True)
class Granted:
    workspace_id: int
    user_id: int
    groups: tuple[str, ...]
    rules: tuple[Rule, ...]
    row_locks: frozenset[tuple[int, Lock]]
    row_grants: tuple[RowGrants, ...]


def load(slug: str, user_id: int) -> Granted | None:
    """Everything granted to the user in the workspace; None when there is no such workspace."""
    with connection.cursor() as cursor:
        cursor.execute(text("granted"), {"slug": slug, "user_id": user_id, "row_limit": ROWS_AS_IDS + 1})
        row = cursor.fetchone()
    if row is None:
        return None
    workspace_id, groups, rules, row_locks, row_grants = (json.loads(v) if isinstance(v, str) else v for v in row)
    return Granted(
        workspace_id,
        user_id,
        tuple(groups),
        tuple(
            Rule(Kind(kind), node_id, table_id, rows, Lock(lock), implied(actions or ()))
            for kind, node_id, table_id, rows, lock, actions in rules
        ),
        frozenset((table_id, Lock(lock)) for table_id, lock in row_locks),
        tuple(
            RowGrants(table_id, Action(action), frozenset(ids) if len(ids) <= ROWS_AS_IDS else None)
            for table_id, action, ids in row_grants
        ),
    )
