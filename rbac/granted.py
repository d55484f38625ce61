"""What the grants say about one user in one workspace, read by one statement (rbac/sql/granted.sql)."""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from qdm.access import Action
from qdm.managers import statements
from qdm.managers.statements import Row
from rbac.models import Kind, Lock, User
from rbac.rules import Person
from rbac.sql import text

#: Up to this many rows granted one by one go into a statement as an array of ids, more as a subquery.
ROWS_AS_IDS = 100

IMPLIED_BY_MANAGE = frozenset(Action)
_KINDS: Mapping[str, Kind] = {kind.value: kind for kind in Kind}


@cache
def implied(actions: frozenset[str]) -> frozenset[Action]:
    """The actions with those that follow from them: manage means all; change, delete and export mean view."""
    held = frozenset(Action(a) for a in actions)
    if Action.MANAGE in held:
        return IMPLIED_BY_MANAGE
    return held | {Action.VIEW} if held & {Action.CHANGE, Action.DELETE, Action.EXPORT} else held


@dataclass(frozen=True, slots=True)
class Rule:
    """What a workspace, table or column says to this user: actions granted there, or a lock and no action."""

    kind: Kind
    node_id: int
    table_id: int
    rows: str = ""
    lock: Lock = Lock.NONE
    actions: frozenset[Action] = frozenset()


@dataclass(frozen=True, slots=True)
class RowGrants:
    """Rows of one table granted one by one for one action; ``ids`` None when there are more than ROWS_AS_IDS."""

    table_id: int
    action: Action
    ids: frozenset[int] | None


@dataclass(frozen=True, slots=True, eq=False)
class Granted:
    """``permissions``: the id Django's table of permissions has for each action; ``name``: of the user in the tables
    of the workspace."""

    workspace_id: int
    user_id: int
    permissions: Mapping[Action, int]
    groups: tuple[str, ...]
    name: str | None
    rules: tuple[Rule, ...]
    row_locks: frozenset[tuple[int, Lock]]
    row_grants: tuple[RowGrants, ...]


def load(slug: str, user_id: int) -> Granted | None:
    """Everything granted to the user in the workspace; None when there is no such workspace."""
    row = statements.row(text("granted"), {"slug": slug, "user_id": user_id, "row_limit": ROWS_AS_IDS + 1})
    return None if row is None else _read(row, user_id, ROWS_AS_IDS)


@lru_cache(maxsize=512)
def _read(row: Row, user_id: int, rows_as_ids: int) -> Granted:
    """What the answer says. Answers that say the same are one value: nothing in it is older than the answer."""
    workspace_id, permissions, groups, name, rules, locks, row_locks, row_grants = (
        json.loads(value) if isinstance(value, str) else value for value in row
    )
    return Granted(
        workspace_id,
        user_id,
        {Action(action): permission_id for action, permission_id in permissions.items()},
        tuple(groups),
        name,
        (*_rules(rules), *(Rule(Kind(kind), node, table, lock=Lock(lock)) for kind, node, table, lock in locks)),
        frozenset((table_id, Lock(lock)) for table_id, lock in row_locks),
        tuple(
            RowGrants(table_id, Action(action), frozenset(ids) if len(ids) <= rows_as_ids else None)
            for table_id, action, ids in row_grants
        ),
    )


def person(user: User, facts: Granted | None) -> Person:
    """What ``@me`` and ``@groups`` mean for the user in the workspace of the facts."""
    if facts is None:
        return Person(user.names, ())
    return Person((*user.names, facts.name) if facts.name else user.names, facts.groups)


def _rules(rows: Iterable[Sequence[Any]]) -> Iterator[Rule]:
    """One rule for each guard, with all actions granted on it."""
    held: dict[tuple[str, int, int, str], set[str]] = defaultdict(set)
    for kind, node_id, table_id, rows_text, action in rows:
        held[kind, node_id, table_id, rows_text].add(action)
    for (kind, node_id, table_id, rows_text), actions in held.items():
        yield Rule(_KINDS[kind], node_id, table_id, rows_text, actions=implied(frozenset(actions)))
