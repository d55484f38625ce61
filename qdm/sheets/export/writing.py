"""The rows of a question written to a file, in bounded memory."""

from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.query.ast import Query
from qdm.selectors import records
from qdm.sheets.export.formats import format_of
from qdm.sheets.export.layout import Layout
from qdm.sheets.uncollected import uncollected
from qdm.types.base import Locale

#: Rows read by one statement.
RUN = 5_000


class Pulse(Protocol):
    """Who is told how many rows more are written; raises Cancelled when nobody wants them."""

    def beat(self, rows: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Written:
    """``cut``: cells the format could not hold whole."""

    rows: int
    cut: int


def write(
    path: Path,
    format_name: str,
    term_id: int,
    query: Query,
    *,
    access: Access,
    pulse: Pulse,
    with_ids: bool = False,
    locale: Locale | None = None,
) -> Written:
    """Write the rows that may be exported, all of one state of the table; columns not seen are not there.

    Raises TermNotFound, Forbidden, InvalidRequest for an unknown format, TooLarge, and what ``records.page`` raises.
    """
    term = access.term(term_id)
    access.require(Action.EXPORT, term_id)
    layout = Layout(term, query, access=access, with_ids=with_ids)
    sink = format_of(format_name)(path, term.title, layout.columns, locale or Locale())
    rows = 0
    try:
        # One run is written while the database is at the next.
        with statements.one_state(), uncollected(), ThreadPoolExecutor(1, "export") as beside:
            context, written = copy_context(), None
            for run in records.walk(term_id, query, access=access, size=RUN, locale=locale, action=Action.EXPORT):
                found = layout.rows(run)
                if written is not None:
                    written.result()
                written = beside.submit(context.run, sink.write, found)
                rows += len(run)
                pulse.beat(len(run))
            if written is not None:
                written.result()
    finally:
        sink.close()
    return Written(rows, sink.cut)
