"""Rows of projections become ``Record``: cells, labels of what they refer to, texts that do not fit.

However many rows and columns a page has, it is one statement for the rows, at most one for all labels and, only where
a row has a cell that does not fit, one for those texts.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from qdm import sql
from qdm.access import Access
from qdm.managers import statements
from qdm.managers.statements import Row
from qdm.query.ast import MAX_ID
from qdm.query.compiler import FIXED, Compiler, Layout
from qdm.query.statement import Statement
from qdm.record import HIDDEN_LINK, Bad, CellValue, Link, Record, Value
from qdm.schema import Requisite, Term


@dataclass(frozen=True, slots=True)
class Fetched:
    """Records in the order of the rows, and the sort keys of each."""

    records: list[Record]
    keys: list[tuple[str | None, ...]]


def records(compiler: Compiler, statement: Statement, layout: Layout) -> Fetched:
    """Run a statement of the layout and read its rows."""
    rows = [_Read(layout, row) for row in statements.rows(*statement)]
    labels = _labels(compiler, layout, rows)
    texts = _bad_texts(compiler, rows)
    return Fetched(
        [row.record(labels, texts) for row in rows],
        [row.keys for row in rows],
    )


class _Read:
    """One row, taken apart."""

    def __init__(self, layout: Layout, row: Row) -> None:
        self._layout = layout
        self.id: int = row[0]
        self._fixed = row[:FIXED]
        end = FIXED + len(layout.cells)
        self.cells = {
            requisite.id: value
            for requisite, value in zip(layout.cells, row[FIXED:end], strict=True)
            if value is not None and value != "" and value != []
        }
        misfits: set[int] = set(row[FIXED - 1] or ())
        self._bad_val = 0 in misfits
        unread = {
            requisite.id
            for requisite, readable in zip(layout.guarded, row[end : end + len(layout.guarded)], strict=True)
            if readable is not True
        }
        self.bad = [r for r in layout.cells if r.id in misfits and r.id not in unread] if misfits else []
        self.keys: tuple[str | None, ...] = row[end + len(layout.guarded) :]

    def record(self, labels: Mapping[int, str], texts: Mapping[tuple[int, int], list[str]]) -> Record:
        _id, up, val, version, _bad = self._fixed
        cells: dict[int, CellValue] = {
            # nearly all are texts, and stay what they are
            requisite.id: value if type(value) is str else _cell(requisite, value, labels)
            for requisite in self._layout.cells
            if (value := self.cells.get(requisite.id)) is not None
        }
        for requisite in self.bad:
            stored = texts.get((self.id, requisite.id), [])
            if requisite.multiple:
                fits = cells.get(requisite.id, ())
                cells[requisite.id] = tuple(
                    text if isinstance(fits, tuple) and text in fits else Bad(text) for text in stored
                )
            elif stored:
                cells[requisite.id] = Bad(stored[0])
        return Record(
            id=self.id,
            term_id=self._layout.term.id,
            up=up,
            val=val or "",
            version=version,
            cells=cells,
            bad_val=self._bad_val,
        )


def _cell(requisite: Requisite, value: object, labels: Mapping[int, str]) -> CellValue:
    if isinstance(value, list):
        return tuple(_value(requisite, v, labels) for v in value if v is not None)
    return _value(requisite, value, labels)


def _value(requisite: Requisite, value: object, labels: Mapping[int, str]) -> Value:
    if requisite.is_reference and isinstance(value, int):
        return Link(value, labels[value]) if value in labels else HIDDEN_LINK
    return str(value)


def _labels(compiler: Compiler, layout: Layout, rows: Sequence[_Read]) -> dict[int, str]:
    """Labels of all records the rows refer to, as far as they are seen."""
    wanted: dict[int, set[int]] = {}
    for requisite in layout.cells:
        if requisite.target is None:
            continue
        ids = wanted.setdefault(requisite.target, set())
        for row in rows:
            value = row.cells.get(requisite.id)
            ids.update(v for v in (value if isinstance(value, list) else [value]) if v is not None)
    return labels(compiler, wanted)


def labels(compiler: Compiler, wanted: Mapping[int, Iterable[int]]) -> dict[int, str]:
    """Label of each of these records that is seen: term id -> record ids."""
    targets = {term_id: ids for term_id, ids in wanted.items() if ids and term_id in compiler.access.schema.terms}
    if not targets:
        return {}
    rows = statements.rows(*compiler.labels(targets))
    return {record_id: "" if label is None else label for record_id, label in rows}


def _bad_texts(compiler: Compiler, rows: Sequence[_Read]) -> dict[tuple[int, int], list[str]]:
    """Record and requisite -> stored texts, for the cells that do not fit."""
    bad = {row.id: [r.id for r in row.bad] for row in rows if row.bad}
    found: dict[tuple[int, int], list[str]] = {}
    if bad:
        texts = sql.statement("texts_of_cells", ws=compiler.access.schema.pg_schema)
        cells = {"records": list(bad), "requisites": sorted({i for requisites in bad.values() for i in requisites})}
        for record_id, requisite_id, text in statements.rows(texts, cells):
            found.setdefault((record_id, requisite_id), []).append("" if text is None else text)
    return found


def term_of(access: Access, record_id: int) -> Term | None:
    """The term the id is a record of, if that is seen. Whether the record is, is another question."""
    if abs(record_id) > MAX_ID:
        return None
    row = statements.row(sql.statement("term_of_record", ws=access.schema.pg_schema), {"record": record_id})
    return access.schema.terms.get(row[0]) if row is not None else None
