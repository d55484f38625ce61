"""The groups of a sheet: value, rows, sums, and the filter of what is inside; as the live grid reads them, and as lines
of the page for whoever has no JavaScript."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from integram.grid import first_rows, question, wire
from integram.grid.presenting import Presented
from integram.grid.question import Question
from qdm.access import Access
from qdm.query.ast import EVERYTHING, Aggregate, And, Compare, Filter, Function, Op
from qdm.query.lookups import AGGREGATES, kind_of
from qdm.record import Link, Value
from qdm.schema import Term
from qdm.selectors import records

#: Groups of one level shown.
MOST = 1000

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Line:
    """A group on the page: ``name`` of its column and value, ``url`` of the sheet that shows what is inside, ``totals``
    as texts, one for each column shown."""

    name: str
    count: int
    url: str
    totals: tuple[str, ...]


def read(asked: Question, term: Term, access: Access) -> tuple[list[Json], bool]:
    """The groups of the first column asked for, and whether there are more. Raises as ``records.groups``."""
    column = asked.groups[0]
    summed = [r.id for r in term.cells if not r.multiple and Function.SUM in AGGREGATES.get(kind_of(r.base), ())]
    summed = [column_id for column_id in summed if not term.by_id[column_id].is_reference]
    query = replace(asked.query, limit=MOST + 1, offset=0, after=None, before=None)
    wanted = [Aggregate(Function.SUM, column_id) for column_id in summed]
    made = records.groups(term.id, query, [column], wanted, access=access)
    shown = [
        {
            "value": wire.group_value(group.values[0], column, term),
            "count": group.count,
            "totals": {str(i): total for i, total in zip(summed, group.totals, strict=True) if total is not None},
            "filter": question.text_of(_inside(asked.filter, column, group.values[0])),
        }
        for group in made[:MOST]
    ]
    return shown, len(made) > MOST


def lines(presented: Presented, columns: Sequence[Json], term: Term, access: Access) -> tuple[tuple[Line, ...], bool]:
    """``columns``: those shown, of the wire. A group leads to the groups in it, the last ones to their rows."""
    groups, more = read(presented.asked, term, access)
    column, *rest = presented.asked.groups
    own = term if column == term.id else term.by_id[column]
    name = term.heading if column == term.id else term.by_id[column].name
    code = None if column == term.id else term.by_id[column].modifier("FORMAT")
    bases = {term.id: term.base, **{r.id: r.base for r in term.cells}}
    found = []
    for group in groups:
        value = _("(empty)") if group["value"] is None else first_rows.text(group["value"], own.base, code)
        said = presented.said_with(filter=group["filter"], group=",".join(map(str, rest)))
        totals = (group["totals"].get(str(c["id"])) for c in columns)
        texts = tuple(
            first_rows.text(total, bases[c["id"]], c.get("format")) for total, c in zip(totals, columns, strict=True)
        )
        found.append(Line(f"{name}: {value or _('(no name)')}", group["count"], "?" + urlencode(said), texts))
    return tuple(found), more


def _inside(filter_: Filter, column: int, value: Value | None) -> Filter:
    """The filter of the rows of one group."""
    match value:
        case None:
            own = Compare(column, Op.EMPTY)
        case Link(id=int() as record_id):
            own = Compare(column, Op.EQ, record_id)
        case _:
            own = Compare(column, Op.EQ, str(value))
    if filter_ == EVERYTHING:
        return own
    return And((*filter_.items, own)) if isinstance(filter_, And) else And((filter_, own))
