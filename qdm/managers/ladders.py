"""Ladders that are kept: where every so many-th record of a long table stands, in each order an index follows.

They are made by the worker; what has changed since is told by the history, so their places are exact
(qdm/sql/schema/12_ladders.sql). Who has none climbs one himself (``qdm.selectors.ladder``).
"""

import logging
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from qdm.managers import statements
from qdm.query.ast import Query
from qdm.query.compiler import Compiler
from qdm.query.cursor import Cursor
from qdm.query.lookups import Kind, kind_of
from qdm.schema import Term
from qdm.sql import statement

logger = logging.getLogger(__name__)

#: A shorter table needs none.
LEAST_ROWS = 50_000
#: Records between two rungs, at least, and rungs, at most.
STEP, RUNGS = 1_000, 1_000
#: Changes since that are followed, 20 to 40 µs each. From half of it on a ladder is made anew.
CHANGES = 2_000


@dataclass(frozen=True, slots=True)
class Rung:
    """``place``: how many records stand up to and with the one of the cursor, in the order asked for."""

    place: int
    cursor: Cursor


def of_order(compiler: Compiler, term: Term, query: Query) -> list[Rung] | None:
    """The rungs of the question's order, where it is of all records of the term and they are kept."""
    order = compiler.whole_order(term, query)
    return None if order is None else kept(compiler.access.schema.pg_schema, term.id, order[0], descending=order[1])


def total(compiler: Compiler, term: Term, query: Query) -> int | None:
    """How many records there are, where all are meant and a ladder of the main value says so."""
    if not compiler.is_whole(term, query):
        return None
    rows = _read(compiler.access.schema.pg_schema, term.id, 0)
    return int(rows[0][4]) if rows else None


def last_before(compiler: Compiler, term: Term, query: Query, at: Cursor) -> Rung | None:
    """The last of these at the cursor or before it, among those that are filled as it is, or empty as it is."""
    sort = compiler.sorts(term, query)[0]
    kind = kind_of(sort.path.field.base)

    def stands_before(rung: Cursor) -> bool:
        if (rung.keys[0] is None) != (at.keys[0] is None):
            return False
        one, other = (_comparable(kind, rung), _comparable(kind, at))
        return bool(one >= other if sort.descending else one <= other)

    found = [rung for rung in of_order(compiler, term, query) or [] if stands_before(rung.cursor)]
    return found[-1] if found else None


def _comparable(kind: Kind, cursor: Cursor) -> tuple[Any, int]:
    """In the order of the database: texts go by their characters, days as they are written."""
    key = cursor.keys[0]
    if key is None:
        return 0, cursor.id
    number = {Kind.NUMERIC: Decimal, Kind.FLOAT: float}.get(kind)
    return key if number is None else number(key), cursor.id


def kept(ws: str, term_id: int, requisite: int, *, descending: bool) -> list[Rung] | None:
    """The rungs of an order by one column, 0 for the main value, as they stand now; None where none are kept."""
    rows = _read(ws, term_id, requisite)
    if not rows:
        return None
    filled, total = rows[0][3:]
    ascending = [Rung(place, Cursor((key,), id_)) for place, key, id_, _filled, _total in rows if id_ is not None]
    if not descending:
        return ascending

    def turned(rung: Rung) -> Rung:
        """Empty values stay the last: only among themselves they turn."""
        others = filled if rung.cursor.keys[0] is not None else filled + total
        return Rung(others - rung.place + 1, rung.cursor)

    return sorted(map(turned, ascending), key=lambda rung: rung.place)


def _read(ws: str, term_id: int, requisite: int) -> list[statements.Row]:
    asked = {"ws": ws, "term": term_id, "requisite": requisite, "most": CHANGES}
    return statements.rows(statement("ladder"), asked)


def tend(ws: str) -> int:
    """Make those that are not there or tell hardly any more; how many. Outside of a transaction only."""
    due = statements.rows(statement("ladders_due"), {"ws": ws, "least": LEAST_ROWS, "most": CHANGES // 2})
    for term_id, requisite in due:
        with statements.one_state(writing=True):
            asked = {"ws": ws, "term": term_id, "requisite": requisite, "step": STEP, "most": RUNGS}
            statements.row(statement("keep_ladder"), asked)
        logger.info("ladder of %s made: table %d, column %d", ws, term_id, requisite)
    return len(due)
