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


def cells(
    ws: str, records: Collection[int], requisites: Collection[int], links: Collection[int], subtables: Collection[int]
) -> list[Node]:
    """Cells of these records, oldest first: of plain ``requisites`` and of ``links``, among them a plain cell that
    happens to read as one; ``subtables``: terms whose records are no cells."""
    if not records:
        return []
    columns = {"requisites": list(requisites), "links": list(map(str, links)), "subtables": list(subtables)}
    found = statements.rows(statement("cells_of", ws=ws), {"records": list(records), **columns})
    return [Node(node_id, up, t, val) for up, node_id, t, val in found]


def versions(ws: str, table: str, ids: Collection[int]) -> dict[int, int]:
    """Version of each of these records of one projection."""
    if not ids:
        return {}
    return dict(statements.rows(statement("versions_of", ws=ws, table=table), {"ids": list(ids)}))


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
