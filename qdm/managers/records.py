"""Rows of projections become ``Record``: cells, labels of what they refer to, texts that do not fit.

However many rows and columns a page has, it is one statement for the rows with the labels of what everybody may see
(one more where an order passes from what is filled to what is empty), at most one for the other labels and, only where
a row has a cell that does not fit, one for those texts.
"""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from qdm import sql
from qdm.access import Access
from qdm.managers import statements
from qdm.managers.statements import Row
from qdm.query import label_searches
from qdm.query.ast import MAX_ID, Query
from qdm.query.compiler import FIXED, Compiler, Layout
from qdm.query.paging import Hunt, Runs
from qdm.query.statement import Statement
from qdm.record import HIDDEN_LINK, Bad, CellValue, Link, Record
from qdm.schema import Requisite, Term

#: Of a row as it is read: requisite id -> text, link, or still the id or the list of the column.
_Cells = dict[int, Any]


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records in the order of the rows, and the sort keys of each."""

    records: list[Record]
    keys: list[tuple[str | None, ...]]


def records(compiler: Compiler, statement: Statement, layout: Layout) -> Fetched:
    """Run a statement of the layout and read its rows."""
    return _read(compiler, layout, statements.rows(*statement))


def page(compiler: Compiler, asked: Runs | Hunt, enough: int) -> Fetched:
    """The first ``enough`` rows of a page, or all there are."""
    rows = _hunted(asked, enough) if isinstance(asked, Hunt) else _in_turn(asked.statements, enough)
    return _read(compiler, asked.layout, rows)


def _in_turn(runs: Sequence[Statement], enough: int) -> list[Row]:
    first, *others = runs
    rows = statements.rows(*first)
    for run in others:
        if len(rows) >= enough:
            break
        rows += _new(rows, statements.rows(*run))
    return rows


def _hunted(hunt: Hunt, enough: int) -> list[Row]:
    rows = statements.rows(*hunt.first())
    if len(rows) >= enough:
        return rows
    likely = statements.expected_rows(hunt.likely)
    further = hunt.further(len(rows), likely, statements.estimated_rows(hunt.table))
    if further:
        rows += _new(rows, statements.rows(*hunt.behind(further, len(rows))))
    return rows if len(rows) >= enough else statements.rows(*hunt.fetched())


def _new(rows: Sequence[Row], others: Iterable[Row]) -> list[Row]:
    """What has moved in the order between two statements would come twice."""
    known = {row[0] for row in rows}
    return [row for row in others if row[0] not in known]


def _read(compiler: Compiler, layout: Layout, rows: Sequence[Row]) -> Fetched:
    cells = _cells(layout, rows)
    _link(compiler, layout, cells)
    _put_bad(compiler, layout, rows, cells)
    term_id, keys = layout.term.id, layout.before_keys
    return Fetched(
        [
            Record(row[0], term_id, row[1], row[2] or "", row[3], found, bool(row[4]) and 0 in row[4])
            for row, found in zip(rows, cells, strict=True)
        ],
        [row[keys:] for row in rows],
    )


def _cells(layout: Layout, rows: Sequence[Row]) -> list[_Cells]:
    """Cells that are not empty, in the order of the layout. Nearly all are texts, and stay what they are."""
    ids = [requisite.id for requisite in layout.cells]
    end = FIXED + len(ids)
    found = [{i: v for i, v in zip(ids, row[FIXED:end], strict=True) if v} for row in rows]
    for place, requisite in enumerate(layout.labelled, end):
        of = requisite.id
        for row, cells in zip(rows, found, strict=True):
            if of in cells:
                cells[of] = HIDDEN_LINK if row[place] is None else Link(cells[of], row[place])
    return found


def _link(compiler: Compiler, layout: Layout, rows: Sequence[_Cells]) -> None:
    """Links for the references whose labels did not come with the row, tuples for lists."""
    late = [r for r in layout.cells if r.multiple or (r.is_reference and r not in layout.labelled)]
    if not late:
        return
    wanted: dict[int, set[int]] = {}
    for requisite in late:
        if requisite.target is not None:
            ids = wanted.setdefault(requisite.target, set())
            for cells in rows:
                ids.update(_listed(cells.get(requisite.id)))
    found = labels(compiler, wanted)
    for requisite in late:
        for cells in rows:
            if requisite.id in cells:
                cells[requisite.id] = _cell(requisite, cells[requisite.id], found)


def _listed(value: Any) -> list[Any]:
    return [v for v in (value if isinstance(value, list) else [value]) if v is not None]


def _cell(requisite: Requisite, value: Any, found: Mapping[int, str]) -> CellValue:
    values = _listed(value)
    if requisite.is_reference:
        values = [Link(v, found[v]) if v in found else HIDDEN_LINK for v in values]
    return tuple(values) if isinstance(value, list) else values[0]


def labels(compiler: Compiler, wanted: Mapping[int, Iterable[int]]) -> dict[int, str]:
    """Label of each of these records that is seen: term id -> record ids."""
    targets = {term_id: ids for term_id, ids in wanted.items() if ids and term_id in compiler.access.schema.terms}
    if not targets:
        return {}
    rows = statements.rows(*compiler.labels(targets))
    return {record_id: "" if label is None else label for record_id, label in rows}


def _put_bad(compiler: Compiler, layout: Layout, rows: Sequence[Row], found: Sequence[_Cells]) -> None:
    """The stored texts of the cells that do not fit, where their column is read."""
    bad: list[tuple[int, Requisite, _Cells]] = []
    for row, cells in zip(rows, found, strict=True):
        misfits = row[FIXED - 1]
        if misfits:
            readable = row[layout.before_guards : layout.before_keys]
            unread = {r.id for r, read in zip(layout.guarded, readable, strict=True) if read is not True}
            bad += [(row[0], r, cells) for r in layout.cells if r.id in misfits and r.id not in unread]
    if not bad:
        return
    texts = _bad_texts(compiler, {record_id for record_id, _r, _c in bad}, {r.id for _id, r, _c in bad})
    for record_id, requisite, cells in bad:
        stored = texts.get((record_id, requisite.id), [])
        if requisite.multiple:
            fits = cells.get(requisite.id, ())
            cells[requisite.id] = tuple(text if text in fits else Bad(text) for text in stored)
        elif stored:
            cells[requisite.id] = Bad(stored[0])


def _bad_texts(compiler: Compiler, records: set[int], requisites: set[int]) -> dict[tuple[int, int], list[str]]:
    """Record and requisite -> stored texts."""
    found: dict[tuple[int, int], list[str]] = {}
    texts = sql.statement("texts_of_cells", ws=compiler.access.schema.pg_schema)
    for record_id, requisite_id, text in statements.rows(
        texts, {"records": sorted(records), "requisites": sorted(requisites)}
    ):
        found.setdefault((record_id, requisite_id), []).append("" if text is None else text)
    return found


def look_up_labels(compiler: Compiler, term: Term, query: Query) -> None:
    """Let the compiler know the records meant by a search in the labels of references, where they are not many."""
    searches = label_searches.searches(compiler, term, query)
    if not searches:
        return
    found: dict[int, list[int]] = {at: [] for at in range(len(searches))}
    for at, record_id in statements.rows(*label_searches.look_up(compiler, searches)):
        found[at].append(record_id)
    for at, search in enumerate(sorted(searches)):
        if len(found[at]) <= label_searches.MOST:
            compiler.links[search] = tuple(found[at])


#: Workspace -> ids of records that were looked for, in order, and the table of each.
_seen: dict[str, tuple[list[int], dict[int, int]]] = {}
#: So many are kept of a workspace.
MOST_SEEN = 1_000


def likely_term(access: Access, record_id: int) -> Term | None:
    """The table the record is probably one of; looking there says for sure. Rows made together stand together, so it
    is that of those on both sides of it. None where these are of two tables."""
    ids, terms = _seen.get(access.schema.pg_schema, ([], {}))
    at = bisect_right(ids, record_id)
    beside = {terms[record_id]} if record_id in terms else {terms[i] for i in ids[max(at - 1, 0) : at + 1]}
    return access.schema.terms.get(beside.pop()) if len(beside) == 1 else None


def _remember(ws: str, record_id: int, term_id: int) -> None:
    ids, terms = _seen.get(ws, ([], {}))
    if record_id not in terms:
        # Made anew, not changed: other threads read them.
        kept = [] if len(ids) >= MOST_SEEN else ids
        _seen[ws] = (sorted([*kept, record_id]), {i: terms[i] for i in kept} | {record_id: term_id})


def term_of(access: Access, record_id: int) -> Term | None:
    """The term the id is a record of, if that is seen. Whether the record is, is another question."""
    if abs(record_id) > MAX_ID:
        return None
    row = statements.row(sql.statement("term_of_record", ws=access.schema.pg_schema), {"record": record_id})
    if row is None:
        return None
    _remember(access.schema.pg_schema, record_id, row[0])
    return access.schema.terms.get(row[0])
