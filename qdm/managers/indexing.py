"""Indexes of projections by use: made and dropped while everybody works, one at a time on the whole server.

CREATE INDEX CONCURRENTLY keeps no reader and no writer out, and cannot stand in a transaction. One that was cut short
leaves an invalid index, which is dropped before the next begins.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

from psycopg.sql import SQL

from qdm.managers import statements
from qdm.sql import statement

logger = logging.getLogger(__name__)

#: A smaller table is read as quickly without an index (about 10 ms).
LEAST_ROWS = 20_000
#: Questions after which a column counts as one that is asked by.
LEAST_USES = 5
#: Each is paid for by every write.
PER_TABLE = 12
#: And this many of those that rules are read by.
RULES_PER_TABLE = 6
#: Days without a question after which an index is dropped.
KEEP = 45
_TURN = "qdm.indexes"


@dataclass(frozen=True, slots=True)
class Index:
    """One that stands or is wanted; ``definition``: the statement that makes it."""

    name: str
    definition: str | None
    uses: int
    stands: bool
    valid: bool
    wanted: bool


@dataclass(frozen=True, slots=True)
class Tended:
    made: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()


def look(ws: str) -> list[Index]:
    """Most used first."""
    asked = {"ws": ws, "least_rows": LEAST_ROWS, "least_uses": LEAST_USES, "per_table": PER_TABLE, "keep": KEEP}
    asked["rules_per_table"] = RULES_PER_TABLE
    return [Index(*row) for row in statements.rows(statement("indexes_by_use"), asked)]


def being_built(ws: str) -> dict[str, int]:
    """Name -> percent done."""
    return dict(statements.rows(statement("indexes_being_built"), {"ws": ws}))


def tend(ws: str) -> Tended:
    """Drop what is invalid or unused, make what is wanted. Nothing where somebody else is at it.

    Outside of a transaction only.
    """
    made, dropped = [], []
    with _turn() as mine:
        if not mine:
            return Tended()
        building = being_built(ws)  # left by a worker that was killed, whose statement still runs
        for index in look(ws):
            if index.stands and index.name not in building and not (index.valid and index.wanted):
                statements.run(statement("drop_index", ws=ws, index=index.name))
                dropped.append(index.name)
        for index in look(ws):
            if index.wanted and not index.stands and index.definition:
                logger.info("index %s of %s begins: asked for %d times", index.name, ws, index.uses)
                statements.run(SQL(cast(Any, index.definition)))
                made.append(index.name)
                # An index of an expression has statistics of its own, which are not there yet.
                statements.run(statement("analyze", ws=ws, table="_".join(index.name.split("_")[:2])))
        if made or dropped:
            statements.run(statement("indexes_changed", ws=ws), {"ws": ws})
    return Tended(tuple(made), tuple(dropped))


def forget() -> None:
    """Leave out of the statistics what is gone or long ago."""
    statements.run(statement("forget_uses"), {"keep": KEEP})
    statements.run(statement("forget_rule_uses"), {"keep": KEEP})


@contextmanager
def _turn() -> Iterator[bool]:
    found = statements.row(statement("take_turn"), {"what": _TURN})
    mine = bool(found and found[0])
    try:
        yield mine
    finally:
        if mine:
            statements.row(statement("give_turn"), {"what": _TURN})
