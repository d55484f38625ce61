"""The link targets of an import before its rows are written: records that are there, rows that will be."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from pathlib import Path

from qdm.managers.bulk import Ids
from qdm.selectors import labels
from qdm.sheets.body import body
from qdm.sheets.build import Built, Table
from qdm.sheets.checking import TERM
from qdm.sheets.convert import plain_text
from qdm.sheets.proposal import ColumnPlan
from qdm.sheets.reading.cells import Cell
from qdm.sheets.reading.spool import spool_path
from qdm.sheets.targets import Target

#: Key of a target and the column of it that is compared, None for its main value.
TargetKey = tuple[str, int | None]
#: Rows looked at together.
_CHUNK = 5_000


def rows_of(table: Table, folder: Path) -> Iterator[tuple[int, list[Cell]]]:
    """Data rows of a sheet of the spool."""
    plan = table.plan
    return body(spool_path(folder, plan.number), plan.first_row, plan.merged)


def _texts(rows: Iterator[tuple[int, list[Cell]]], columns: Sequence[ColumnPlan]) -> Iterator[tuple[ColumnPlan, str]]:
    """What the cells of the columns read as. A text comes once a chunk: a few names stand in all rows."""
    while chunk := [row for _number, row in islice(rows, _CHUNK)]:
        for column in columns:
            at = column.index
            cells = [row[at] for row in chunk if at < len(row)]
            texts: set[str | None] = {cell for cell in cells if type(cell) is str}
            texts.update(plain_text(cell, column) for cell in cells if type(cell) is not str)
            yield from ((column, text.strip()) for text in texts if text and text.strip())


class Known:
    """``targets``, and ``records``: the ids given out beforehand to the rows of sheets that others link to."""

    def __init__(self, built: Built, folder: Path, ids: Ids) -> None:
        self.targets: dict[TargetKey, Target] = {}
        self.records: dict[str, list[int]] = {}
        self._built = built
        self._folder = folder
        self._ids = ids
        self._texts = self._named()
        links = [link for table in built.tables for link in table.plan.links]
        for key, match in dict.fromkeys((link.target, link.match) for link in links):
            self.targets[key, match] = self._target(key, match)

    def _target(self, key: str, match: int | None) -> Target:
        target = Target(self._built.terms[key], can_grow=match is None)
        if key.startswith(TERM):
            term = self._built.access.term(target.term)
            found = labels.ids_of(term, self._texts[key], access=self._built.access).items()
            target.know(chain.from_iterable(((label, record) for record in ids) for label, ids in found))
        elif table := next((t for t in self._built.tables if t.plan.key == key), None):
            target.know(self._keys(table, table.plan.main if match is None else match))
        return target

    def _named(self) -> dict[str, set[str]]:
        """Target that is an existing table -> every text by which the file names records of it. Reads a sheet once."""
        named = defaultdict[str, set[str]](set)
        for table in self._built.tables:
            columns = [link for link in table.plan.links if link.target.startswith(TERM)]
            if columns:
                for column, text in _texts(rows_of(table, self._folder), columns):
                    named[column.target].add(text)
        return named

    def _keys(self, table: Table, index: int) -> Iterator[tuple[Cell, int]]:
        """Key cell and record id of each row of a sheet."""
        if table.plan.key not in self.records:
            self.records[table.plan.key] = list(self._ids.draw(table.plan.rows))
        for (_number, row), record in zip(rows_of(table, self._folder), self.records[table.plan.key], strict=True):
            if index < len(row) and row[index] is not None:
                yield row[index], record
