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
        "ts": [n.t for n in nodes],
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


def children(ws: str, ids: Collection[int]) -> list[Node]:
    """Nodes whose up is one of these: of a term its requisites and modifiers, of a requisite its modifiers."""
    return [Node(*row) for row in statements.rows(statement("children_of", ws=ws), {"ids": list(ids)})]
