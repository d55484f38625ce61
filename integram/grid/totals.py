"""What is told below the columns of a sheet over all rows of the question: what a column knows, and the numbers."""

from collections.abc import Mapping
from dataclasses import replace

from integram.grid.question import Question
from qdm.access import Access
from qdm.query.ast import Aggregate, Function
from qdm.query.lookups import AGGREGATES, kind_of
from qdm.schema import Requisite, Term
from qdm.selectors import records
from qdm.types.base import BaseType

#: In the order of the menu.
ORDER = (Function.SUM, Function.AVG, Function.MIN, Function.MAX, Function.COUNT, Function.DISTINCT)


def of_column(column: Term | Requisite) -> tuple[Function, ...]:
    """What the column can be asked for; the main value's is its term."""
    known = {Function.COUNT}
    requisite = column if isinstance(column, Requisite) else None
    if requisite is None or not requisite.multiple:
        if column.base is not BaseType.PWD:
            known.add(Function.DISTINCT)
        if requisite is None or not requisite.is_reference:
            known |= AGGREGATES.get(kind_of(column.base), frozenset())
    return tuple(function for function in ORDER if function in known)


def read(asked: Question, address: Mapping[str, str], term: Term, access: Access) -> dict[str, str | None]:
    """The totals ``of=12:sum,15:count`` asks for, in canonical text, by column id: one statement for all of them.

    A column that is not seen, and what a column does not know, is left out. Raises as ``records.totals``.
    """
    by_id: dict[str, Term | Requisite] = {str(r.id): r for r in term.cells}
    by_id[str(term.id)] = term
    wanted: dict[int, Function] = {}
    for part in address.get("of", "").split(","):
        name, _colon, said = part.partition(":")
        column = by_id.get(name)
        function = next((one for one in ORDER if one == said), None)
        if column is not None and function is not None and function in of_column(column):
            wanted[column.id] = function
    if not wanted:
        return {}
    query = replace(asked.query, after=None, before=None)
    aggregates = [Aggregate(function, column_id) for column_id, function in wanted.items()]
    found = records.totals(term.id, query, aggregates, access=access)
    return dict(zip(map(str, wanted), found.totals, strict=True))
