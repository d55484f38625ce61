"""Rows of ``node``, read under lock and written in bulk. Only services come here."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from qdm.managers import statements
from qdm.sql import statement


@dataclass(frozen=True, slots=True)
class Node:
    """One row of ``node``."""

    id: int
    up: int
    t: int
    val: str | None


def reserve(ws: str, count: int) -> list[int]:
    """So many new node ids, ascending."""
    return [row[0] for row in statements.rows(statement("reserve_ids", ws=ws), {"count": count})] if count else []


def _columns(nodes: Sequence[Node]) -> dict[str, list[object]]:
    return {
        "ids": [n.id for n in nodes],
        "ups": [n.up for n in nodes],
        "ts": [int(n.t) for n in nodes],  # a base type is a number too, but the driver takes lists of one kind
        "vals": [n.val for n in nodes],
    }


def insert(ws: str, nodes: Sequence[Node]) -> None:
    if nodes:
        statements.run(statement("insert_nodes", ws=ws), _columns(nodes))


def update(ws: str, nodes: Sequence[Node]) -> None:
    """Write up, t and val of the nodes with these ids."""
    if nodes:
        statements.run(statement("update_nodes", ws=ws), _columns(nodes))


def delete(ws: str, ids: Collection[int]) -> None:
    if ids:
        statements.run(statement("delete_nodes", ws=ws), {"ids": list(ids)})


def lock(ws: str, ids: Iterable[int]) -> dict[int, Node]:
    """Lock the nodes in id order until the end of the transaction; those that exist, by id."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    found = statements.rows(statement("lock_records", ws=ws), {"ids": wanted})
    return {row[0]: Node(*row) for row in found}


def get(ws: str, node_id: int) -> Node | None:
    """One node, unlocked."""
    row = statements.row(statement("node", ws=ws), {"id": node_id}) if 0 < node_id < 2**63 else None
    return Node(*row) if row else None


@dataclass(frozen=True, slots=True)
class Asked:
    """Which cells: of ``plain`` requisites and of ``links``, among them a plain cell that happens to read as one;
    ``subtables``: terms whose records are no cells."""

    plain: Collection[int]
    links: Collection[int]
    subtables: Collection[int]

    @property
    def values(self) -> dict[str, object]:
        links = list(map(str, self.links))
        return {"plain": _array(self.plain), "links": links, "subtables": _array(self.subtables)}


def cells(ws: str, records: Collection[int], asked: Asked) -> list[Node]:
    """Cells of these records, oldest first."""
    if not records:
        return []
    found = statements.rows(statement("cells_of", ws=ws), {"records": _array(records), **asked.values})
    return [Node(node_id, up, t, val) for up, node_id, t, val in found]


def versions(ws: str, table: str, ids: Collection[int]) -> dict[int, int]:
    """Version of each of these records of one projection."""
    if not ids:
        return {}
    return dict(statements.rows(statement("versions_of", ws=ws, table=table), {"ids": list(ids)}))


@dataclass(frozen=True, slots=True)
class Held:
    """``nodes`` under lock, the ``versions`` of those that are records, and ``cells``, oldest first."""

    nodes: dict[int, Node]
    versions: dict[int, int]
    cells: list[Node]


def held(ws: str, table: str, ids: Collection[int], owners: Collection[int], asked: Asked) -> Held:
    """As ``lock``, with the versions of those that are records of the projection, and with the cells of ``owners`` as
    they are behind the locks."""
    found = Held({}, {}, [])
    if ids:
        values = {"ids": _array(ids), "owners": _array(owners), **asked.values}
        for kind, node_id, up, t, val in statements.rows(statement("held_rows"), {"ws": ws, "rows": table, **values}):
            if kind == "v":
                found.versions[node_id] = up
            elif kind == "n":
                found.nodes[node_id] = Node(node_id, up, t, val)
            else:
                found.cells.append(Node(node_id, up, t, val))
    return found


@dataclass(slots=True)
class Changes:
    """What is done to nodes at once. Of ``insert`` (up, t, val) an up of -n is the n-th of them."""

    delete: Collection[int] = ()
    update: Sequence[Node] = ()
    insert: Sequence[tuple[int, int, str]] = ()
    flip: Collection[int] = ()


def write(ws: str, table: str, changes: Changes, records: Collection[int]) -> tuple[list[int], dict[int, int]]:
    """Make the changes: ids of the new nodes, versions of these records of the projection and of the new ones."""
    values = {
        "gone": _array(changes.delete),
        **{name: _array(column) if name != "vals" else column for name, column in _columns(changes.update).items()},
        "new_ups": _array(n[0] for n in changes.insert),
        "new_ts": _array(n[1] for n in changes.insert),
        "new_vals": [n[2] for n in changes.insert],
        "flipped": _array(changes.flip),
        "records": _array(records),
    }
    made: list[int] = []
    versions: dict[int, int] = {}
    for kind, node_id, version in statements.rows(statement("write_rows"), {"ws": ws, "rows": table, **values}):
        if kind == "i":
            made.append(node_id)
        else:
            versions[node_id] = version
    return made, versions


def _array(ids: Iterable[object]) -> str:
    """Whole numbers as one text: the driver would write them one by one, and one kind of array for each size."""
    return "{" + ",".join(map(str, ids)) + "}"


def with_descendants(ws: str, ids: Collection[int]) -> list[tuple[int, int, int]]:
    """These live records and all live records below them: which of these it hangs on, id and term of each."""
    if not ids:
        return []
    return [(r[0], r[1], r[2]) for r in statements.rows(statement("with_descendants", ws=ws), {"ids": list(ids)})]


def referred_to(ws: str, ids: Collection[int]) -> set[int]:
    """Those of the records to which a live record that is none of them has a reference."""
    return {r[0] for r in statements.rows(statement("referred_to", ws=ws), {"ids": list(ids)})} if ids else set()


def flip(ws: str, ids: Collection[int]) -> None:
    """Move records into the trash, or out of it."""
    if ids:
        statements.run(statement("flip_records", ws=ws), {"ids": list(ids)})


def children(ws: str, ids: Collection[int]) -> list[Node]:
    """Nodes whose up is one of these: of a term its requisites and modifiers, of a requisite its modifiers."""
    return [Node(*row) for row in statements.rows(statement("children_of", ws=ws), {"ids": list(ids)})]
