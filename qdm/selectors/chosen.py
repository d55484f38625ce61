"""Rows somebody has chosen to do one thing with: all of a question, those between two of them, or some by name."""

from __future__ import annotations  # array[int] is for the types only

from array import array
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import Conflict, RecordNotFound
from qdm.managers import records as manager
from qdm.query.ast import Query
from qdm.query.compiler import Compiler
from qdm.query.plain import as_plain, from_plain
from qdm.record import Record
from qdm.selectors import records

#: Rows read at once.
RUN = 10_000


@dataclass(frozen=True, slots=True)
class Chosen:
    """``ids``, where there are any; else the rows of ``query`` from ``first`` to ``last`` in its order, both included
    (ids; None: all of them). The ends are rows, not places: what others add or delete meanwhile shifts nothing."""

    query: Query
    first: int | None = None
    last: int | None = None
    ids: tuple[int, ...] = ()

    def as_plain(self) -> dict[str, Any]:
        return {"query": as_plain(self.query), "first": self.first, "last": self.last, "ids": list(self.ids)}

    @classmethod
    def from_plain(cls, value: Mapping[str, Any]) -> Chosen:
        return cls(from_plain(value["query"]), value["first"], value["last"], tuple(value["ids"]))


def count(term_id: int, chosen: Chosen, *, access: Access) -> int:
    """How many there are to be seen. Raises as ``ids``."""
    if chosen.ids:
        return len(ids(term_id, chosen, access=access))
    if chosen.first is None:
        return records.count(term_id, chosen.query, access=access, cap=None).value
    return _run(term_id, chosen, access)[1]


def ids(term_id: int, chosen: Chosen, *, access: Access) -> array[int]:
    """In the order of the question. Raises TermNotFound, BadFilter, UnknownField, QueryTimeout; Conflict where an end
    is no longer among the rows of the question."""
    if chosen.ids:
        return array("q", [r.id for r in records.by_ids(term_id, chosen.ids, access=access, fields=())])
    query = replace(chosen.query, fields=(), limit=RUN, offset=0, after=None, before=None)
    left = None
    if chosen.first is not None:
        start, left = _run(term_id, chosen, access)
        query = replace(query, offset=start)
    found = array("q")
    while True:
        page = records.page(term_id, query, access=access)
        found.extend(r.id for r in page.records[:left])
        if left is not None:
            left -= len(page.records)
        if page.next is None or (left is not None and left <= 0):
            return found
        query = replace(query, offset=0, after=page.next)


def below(term_id: int, parents: Sequence[int], *, access: Access) -> list[Record]:
    """The records of a sub-table that belong to these records, by id."""
    compiler = Compiler(access)
    return manager.records(compiler, *compiler.below(access.term(term_id), parents)).records


def _run(term_id: int, chosen: Chosen, access: Access) -> tuple[int, int]:
    """How many rows stand before those between the ends, and how many these are."""
    assert chosen.first is not None
    ends = (chosen.first, chosen.first if chosen.last is None else chosen.last)
    try:
        start, end = sorted(records.position(i, term_id, chosen.query, access=access) for i in ends)
    except RecordNotFound:
        raise Conflict(_("The rows have changed since you chose them: choose them anew.")) from None
    return start, end - start + 1
