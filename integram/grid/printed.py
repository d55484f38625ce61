"""A sheet on paper: the rows and columns it shows, in its order, as one plain table."""

from dataclasses import dataclass, replace
from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from integram.grid import colouring, first_rows, grouped, presenting, sentence, sheet_page, wire
from qdm.access import Access
from qdm.query.ast import Query
from qdm.record import Record
from qdm.schema import Term
from qdm.selectors import records

#: Rows on paper; who needs more exports them.
MOST = 2000
#: Columns from which the paper lies on its side.
WIDE = 7
_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Printed:
    """``groups``: in the place of ``lines`` where rows are grouped. ``rows``: how many the question has, as text;
    ``more``: whether not all of them are here. ``said``: the sheet's address."""

    columns: list[dict[str, Any]]
    lines: tuple[first_rows.Line, ...]
    groups: tuple[grouped.Line, ...]
    sentence: str
    rows: str
    more: bool
    said: dict[str, str]

    @property
    def wide(self) -> bool:
        return len(self.columns) >= WIDE


def build(request: HttpRequest, access: Access, term: Term) -> Printed:
    """Raises as ``presenting.read``."""
    presented = presenting.read(request, term, access, limit=_AT_ONCE)
    asked, layout = presented.asked, presented.layout
    counted = sheet_page.total(term.id, asked.query, access)
    columns = wire.columns(term, access, layout.widths)
    places = {column["id"]: place for place, column in enumerate(columns)}
    shown = [places[column] for column in layout.arranged(list(places)) if column not in layout.hidden] or [0]
    in_order = [columns[place] for place in shown]
    groups, more = grouped.lines(presented, in_order, term, access) if asked.groups else ((), False)
    found: list[Record] = []
    if not asked.groups:
        found, more = _rows(term.id, asked.query, access)
    ids = [record.id for record in found]
    return Printed(
        columns=in_order,
        lines=first_rows.lines(
            term,
            columns,
            [wire.row(record, term) for record in found],
            reverse("grid:record", args=[access.workspace, term.id, 0]),
            shown=shown,
            numbered=True,
            painted=colouring.paint(layout.colours, list(places), ids, term, access),
        ),
        groups=groups,
        sentence=sentence.of(asked, term, access, counted, sheet_page.everything(term.id, asked, access)),
        rows=sentence.number(counted),
        more=more,
        said=presented.said,
    )


def _rows(term_id: int, query: Query, access: Access) -> tuple[list[Record], bool]:
    """The first rows, and whether there are more."""
    found: list[Record] = []
    query = replace(query, limit=_AT_ONCE, offset=0, after=None, before=None)
    while True:
        page = records.page(term_id, query, access=access)
        found += page.records
        if page.next is None or len(found) >= MOST:
            return found, page.next is not None
        query = replace(query, after=page.next)
