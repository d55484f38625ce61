"""Tables and columns go back to what they were before a batch."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from qdm.access import Access
from qdm.errors import Conflict
from qdm.managers import nodes, statements
from qdm.managers.nodes import Node
from qdm.managers.shadows import Shape
from qdm.schema import MODIFIERS
from qdm.selectors import structure
from qdm.services.terms import TRASH
from qdm.sql import statement
from qdm.types.base import BaseType

#: Node id, and up, t, val before and after the batch wrote it (None: there was none).
Written = tuple[int, Mapping[str, object] | None, Mapping[str, object] | None]
_MODIFIER_IDS = frozenset(MODIFIERS.values())


def shapes(written: Sequence[Written], *, access: Access) -> dict[int, dict[int, Shape]]:
    """What of columns that stand will be otherwise when this is undone: term id -> column id -> shape."""
    ws, columns = access.schema.pg_schema, structure.schema(access.workspace).requisites
    oldest = {node_id: before for node_id, before, _after in written}
    found: dict[int, dict[int, Shape]] = defaultdict(lambda: defaultdict(Shape))
    for node_id, before, after in written:
        node = before or after or {}
        column = columns.get(node_id) or columns.get(_number(node.get("up")))
        if column is None or oldest[node_id] != before:
            continue
        is_there = before is not None and before["up"] == column.id
        if node.get("t") == MODIFIERS["MULTIPLE"] and is_there != column.multiple:
            found[column.term_id][column.id]["multiple"] = is_there
        elif node.get("t") == MODIFIERS["UNIQUE"] and is_there != column.unique:
            found[column.term_id][column.id]["uniq"] = is_there
        elif node_id == column.id and before is not None and before["up"] == column.term_id:
            was = _base(ws, _number(before["t"]), oldest)
            if was is not None and was != column.base and not column.is_reference:
                found[column.term_id][column.id]["base"] = was
    return {term_id: dict(shape) for term_id, shape in found.items()}


def _base(ws: str, type_id: int, oldest: Mapping[int, Mapping[str, object] | None]) -> BaseType | None:
    row, node = oldest.get(type_id), nodes.get(ws, type_id)
    t = _number(row["t"]) if row is not None else node.t if node is not None else 0
    return BaseType(t) if t in list(BaseType) else None


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def undo(written: Sequence[Written], *, access: Access) -> None:
    """``written``: newest first. What the batch made goes to the trash unless something else uses it by now; what it
    changed is changed back. Raises Conflict where a later batch has changed it."""
    ws = access.schema.pg_schema
    oldest: dict[int, Mapping[str, object] | None] = {}
    newest: dict[int, Mapping[str, object] | None] = {}
    for node_id, before, after in written:
        newest.setdefault(node_id, after)
        oldest[node_id] = before
    now = nodes.lock(ws, oldest)
    drop: list[int] = []
    change: list[Node] = []
    add: list[Node] = []
    heads: list[Node] = []
    for node_id, before in oldest.items():
        node, left = now.get(node_id), newest[node_id]
        if node is not None and left is not None and _row(node) != dict(left):
            raise Conflict
        if node is None:
            if before is not None and left is None:
                add.append(_node(node_id, before))
        elif before is not None:
            change.append(_node(node_id, before))
        elif node.t in _MODIFIER_IDS:
            drop.append(node_id)
        elif node.up > 0:
            change.append(Node(node.id, -node.up, node.t, node.val))
        elif node.up == 0:
            heads.append(node)
    nodes.delete(ws, drop)
    nodes.update(ws, change)
    nodes.insert(ws, add)
    _to_trash(ws, heads)


def _to_trash(ws: str, heads: list[Node]) -> None:
    """Terms and references: each once nothing is of its type any more, links before what they point to."""
    left = sorted(heads, key=lambda node: -node.id)
    while left:
        free = [node for node in left if not _used(ws, node.id)]
        if not free:
            return
        nodes.update(ws, [Node(node.id, TRASH, node.t, node.val) for node in free])
        left = [node for node in left if node not in free]


def _used(ws: str, term_id: int) -> bool:
    row = statements.row(statement("term_use", ws=ws), {"id": term_id})
    return bool(row and (row[0] or row[1]))


def _row(node: Node) -> dict[str, object]:
    return {"up": node.up, "t": node.t, "val": node.val}


def _node(node_id: int, row: Mapping[str, object]) -> Node:
    up, t, val = row["up"], row["t"], row["val"]
    assert isinstance(up, int)
    assert isinstance(t, int)
    return Node(node_id, up, t, None if val is None else str(val))
