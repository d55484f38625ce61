"""Whether a question is answered by indexes, so that a page can say why it is slow."""

import time
from dataclasses import dataclass

from qdm.access import Access
from qdm.managers import indexing, statements
from qdm.query import inside
from qdm.query.ast import Query
from qdm.query.compiler import Compiler
from qdm.query.uses import Use, uses
from qdm.schema import Term
from qdm.sql import statement

#: Tables below it are quick without.
LARGE = 100_000
#: Seconds for which a process believes what it has seen.
BELIEVED = 20.0
_Seen = tuple[float, int, frozenset[str]]
_seen: dict[tuple[str, str], _Seen] = {}


@dataclass(frozen=True, slots=True)
class Unready:
    """A field that is asked by without an index. ``percent``: how much of one is built; None: it is not begun.
    ``inside``: it is searched inside texts."""

    name: str
    inside: bool
    percent: int | None


def unready(term_id: int, query: Query, *, access: Access) -> list[Unready]:
    """What the question asks a large table by that has no index. Of a small table nothing."""
    term = access.term(term_id)
    compiler = Compiler(access)
    asked = {
        use for use in uses(compiler.binder.filter(query.filter, term), compiler.sorts(term, query))
        if use.term_id == term_id
    }  # fmt: skip
    if not asked:
        return []
    rows, names = _table(access.schema.pg_schema, term)
    whole = (access.whole or access.schema).terms[term_id]
    missing = [use for use in sorted(asked) if not _is_indexed(use, whole, names)] if rows >= LARGE else []
    building = indexing.being_built(access.schema.pg_schema) if missing else {}
    return [Unready(_name(use, term), use.kind != "s", building.get(_index(use, whole))) for use in missing]


def _table(ws: str, term: Term) -> tuple[int, frozenset[str]]:
    now = time.monotonic()
    seen = _seen.get((ws, term.table))
    if seen is None or now - seen[0] > BELIEVED:
        row = statements.row(statement("indexes_of_table"), {"ws": ws, "table": term.table})
        rows, names = row or (0, [])
        seen = _seen[ws, term.table] = now, rows, frozenset(names)
        if len(_seen) > 10_000:
            _seen.clear()
    return seen[1], seen[2]


def _is_indexed(use: Use, term: Term, names: frozenset[str]) -> bool:
    if use.requisite_id == 0 and use.kind == "s":
        return True
    if use.kind == "n":
        return False
    if use.kind == "g":
        covered = use.requisite_id == 0 or inside.is_covered(term.by_id[use.requisite_id])
        return covered and _index(use, term) in names
    return any(f"t_{term.id}_{kind}{use.requisite_id}" in names for kind in ("s", "x", "u"))


def _index(use: Use, term: Term) -> str:
    """Name of the index by use that helps. ``term``: unpruned."""
    return inside.index_name(term) if use.kind == "g" else f"{term.table}_s{use.requisite_id}"


def _name(use: Use, term: Term) -> str:
    return term.by_id[use.requisite_id].name if use.requisite_id else term.title
