"""Bulk load of ``node``: ids in blocks, rows by COPY. Only the loader of sheets comes here."""

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import chain
from typing import Any, NamedTuple, cast

from django.db import connection

from qdm.managers import statements
from qdm.managers.errors import domain_errors
from qdm.sql import statement

#: What COPY's text format escapes: https://www.postgresql.org/docs/current/sql-copy.html
_ESCAPES = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_TABLE = str.maketrans(_ESCAPES)
#: Runs a function, elsewhere perhaps, and gives its result.
Ask = Callable[[Callable[[], Iterator[int]]], Iterator[int]]
#: Ids drawn at once for ``Ids.next``.
_SPARE = 500


class Ids:
    """New node ids of one workspace.

    ``ask``: runs a function where the connection of the load may be used; while a COPY runs it answers nothing else.
    """

    def __init__(self, ws: str, ask: Ask) -> None:
        self._ws = ws
        self._ask = ask
        self._spare: Iterator[int] = iter(())

    def draw(self, count: int) -> Iterator[int]:
        """So many ids, ascending; consecutive unless somebody else draws meanwhile."""
        drawn = statements.rows(statement("reserve_ranges"), {"ws": self._ws, "count": count}) if count else []
        return chain.from_iterable(range(first, first + number) for first, number in drawn)

    def next(self) -> int:
        """One id, out of a small store."""
        found = next(self._spare, None)
        if found is None:
            self._spare = self._ask(lambda: self.draw(_SPARE))
            found = next(self._spare)
        return found


class Slot(NamedTuple):
    """One node row of each of some records, to be laid side by side with others: a pattern of ``%`` for a row and, for
    each place in it, its values by record. Formatting a record at once is twice as quick as cell by cell."""

    pattern: str
    values: tuple[Sequence[object], ...]


def value_slot(ids: Sequence[int], ups: Sequence[int], t: int, vals: Sequence[str | None]) -> Slot:
    """Node rows of one t; none where there is no value."""
    text = "".join(filter(None, vals))
    if any(special in text for special in _ESCAPES):
        vals = [val and val.translate(_TABLE) for val in vals]
    if None not in vals:
        return Slot(f"%d\t%d\t{t}\t%s\n", (ids, ups, vals))
    rows = zip(ids, ups, vals, strict=True)
    return Slot("%s", ([f"{i}\t{up}\t{t}\t{val}\n" if val is not None else "" for i, up, val in rows],))


def link_slot(ids: Sequence[int], ups: Sequence[int], ts: Sequence[int | None], val: str) -> Slot:
    """Cells of a reference, t and val swapped; none where there is no target."""
    if None not in ts:
        return Slot(f"%d\t%d\t%d\t{val}\n", (ids, ups, ts))
    rows = zip(ids, ups, ts, strict=True)
    return Slot("%s", ([f"{i}\t{up}\t{t}\t{val}\n" if t is not None else "" for i, up, t in rows],))


def copy_lines(slots: Sequence[Slot]) -> str:
    """Lines of COPY, record by record."""
    pattern = "".join(slot.pattern for slot in slots)
    values = chain.from_iterable(slot.values for slot in slots)
    return "".join(map(pattern.__mod__, zip(*values, strict=True)))


@contextmanager
def copy_nodes(ws: str, sure: Mapping[int, int]) -> Iterator[Callable[[str], None]]:
    """A COPY of new records, each with all its cells: the yielded function takes lines.

    The triggers run when the block ends; knowing that the records are whole they need not look for the rest, nor
    whether texts of ``sure`` columns (requisite, the term for its main value -> base type) fit: each is canonical.
    """
    statements.run(statement("whole_records"), {"state": "on", "sure": json.dumps(sure)})
    with domain_errors(), connection.cursor() as cursor, cast(Any, cursor).copy(statement("copy_nodes", ws=ws)) as copy:
        yield copy.write
    statements.run(statement("whole_records"), {"state": "off", "sure": "{}"})


def begin_load(ws: str) -> None:
    """The rest of this transaction is a bulk load; to be called before its batch."""
    statements.row(statement("begin_load"), {"ws": ws})


def load_into(ws: str, terms: Sequence[int]) -> None:
    """The load goes into these terms, made in this transaction and empty: their indexes wait for ``end_load``."""
    statements.row(statement("load_into"), {"ws": ws, "terms": list(terms)})


def end_load(ws: str, terms: Sequence[int]) -> None:
    """Make the indexes that were put off. Raises NotUnique."""
    statements.row(statement("end_load"), {"ws": ws, "terms": list(terms)})


def analyze(ws: str, table: str) -> None:
    statements.run(statement("analyze", ws=ws, table=table))
