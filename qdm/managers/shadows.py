"""A projection made anew while everybody reads and writes it: the steps of qdm/sql/schema/09_shadow.sql.

Each step is a transaction of its own; whoever was cut short begins again with the first and goes on from where the
pieces ended. Nothing is held for longer than a piece takes.
"""

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypedDict, cast

from psycopg.sql import SQL

from qdm.managers import statements
from qdm.sql import statement

#: Nodes of the first piece; the next are as large as takes about SECONDS.
SPAN = 20_000
SECONDS = 0.3
#: Seconds between two looks at what has to be waited for.
PAUSE = 0.05

Beat = Callable[[int], None]  #: told of so many rows more; may raise to stop


class Shape(TypedDict, total=False):
    """What of a column is to be otherwise."""

    base: int
    multiple: bool
    uniq: bool


class ShadowGone(Exception):
    """The table was altered meanwhile: the shadow does not fit it any more."""


@dataclass
class Pace:
    """How many nodes a piece may take, so that it takes no longer than ``SECONDS``."""

    span: int = field(default_factory=lambda: SPAN)

    def took(self, seconds: float) -> None:
        self.span = max(100, min(2_000_000, int(self.span * min(2.0, max(0.25, SECONDS / max(seconds, 0.001))))))


def make(ws: str, term_id: int, as_if: Mapping[int, Shape], beat: Beat) -> None:
    """The shadow, filled, with its indexes; ``as_if``: columns in the shape they are to have. Outside of a
    transaction only.

    Raises ShadowGone, NotUnique where values repeat, and what ``beat`` raises.
    """
    statements.row(statement("begin_shadow"), {"ws": ws, "term": term_id, "as_if": json.dumps(as_if, sort_keys=True)})
    while not _known(ws, term_id):
        beat(0)
        time.sleep(PAUSE)
    _fill(ws, term_id, beat)
    _index(ws, term_id, beat)


def swap(ws: str, term_id: int, as_if: Mapping[int, Shape]) -> None:
    """In the transaction that gives the catalogue the shape it was made for, ``as_if`` as for ``make``. Raises
    ShadowGone, also where another shape is being made by now; Conflict after waiting half a minute for readers.
    """
    found = statements.row(
        statement("swap_shadow"), {"ws": ws, "term": term_id, "as_if": json.dumps(as_if, sort_keys=True)}
    )
    if not found or not found[0]:
        raise ShadowGone


def drop(ws: str, term_id: int) -> None:
    """Whether there is one or not."""
    statements.row(statement("drop_shadow"), {"ws": ws, "term": term_id})


def rows(ws: str, term_id: int) -> int:
    """About how many the projection has."""
    return statements.estimated_rows(f"{ws}.t_{term_id}")


def last_node(ws: str) -> int:
    found = statements.row(statement("last_node", ws=ws))
    return int(found[0]) if found and found[0] is not None else 0


def _known(ws: str, term_id: int) -> bool:
    found = statements.row(statement("is_shadow_known"), {"ws": ws, "term": term_id})
    if not found or found[0] is None:
        raise ShadowGone
    return bool(found[0])


def _fill(ws: str, term_id: int, beat: Beat) -> None:
    last, pace, filled = last_node(ws), Pace(), 0
    while filled < last:
        began = time.monotonic()
        row = statements.row(statement("fill_shadow"), {"ws": ws, "term": term_id, "span": pace.span})
        if not row or row[0] is None:
            raise ShadowGone
        filled, rows, skipped = row
        beat(rows)
        pace.took(time.monotonic() - began)
        if skipped:
            time.sleep(PAUSE)


def _index(ws: str, term_id: int, beat: Beat) -> None:
    for name, definition in statements.rows(statement("shadow_indexes"), {"ws": ws, "term": term_id}):
        if definition is None:
            statements.run(statement("drop_index", ws=ws, index=name))
    for _name, definition in statements.rows(statement("shadow_indexes"), {"ws": ws, "term": term_id}):
        beat(0)
        statements.run(SQL(cast(Any, definition)))
    statements.run(statement("analyze", ws=ws, table=f"n_{term_id}"))
