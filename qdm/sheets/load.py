"""The bulk loader: rows of the spool become node rows by COPY, all of an import in one transaction."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, count, islice
from pathlib import Path
from typing import Protocol

from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import InvalidValue, NotUnique
from qdm.managers.bulk import Ids, NodeRow, copy_nodes
from qdm.schema import ROOT_ID, Requisite, Term
from qdm.selectors import labels
from qdm.services.cells import constrain
from qdm.services.transaction import batch
from qdm.sheets.body import body
from qdm.sheets.build import Built, Column, Table, build
from qdm.sheets.checking import TERM
from qdm.sheets.convert import Misfit, converter, plain_text
from qdm.sheets.problems import Problems
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal
from qdm.sheets.reading.cells import ERROR, FORMULA, Cell
from qdm.sheets.reading.spool import spool_path
from qdm.sheets.targets import Target

#: Records of one COPY: the triggers project them at its end, so this is also the step of the progress bar.
CHUNK = 10_000

#: Writes the node rows of one cell; what it could not store it adds to the problems.
_Write = Callable[[int, list[Cell], int], None]


class Pulse(Protocol):
    """Whom the loader tells how far it is; raises Cancelled when the user wants no more."""

    def beat(self, rows: int) -> None: ...


@dataclass(slots=True)
class TableReport:
    """``cells`` = ``stored`` + ``blanks`` + what is in the problems as not stored (``unstored``)."""

    term: int
    name: str
    rows: int = 0
    cells: int = 0
    stored: int = 0
    blanks: int = 0
    unstored: int = 0


@dataclass(slots=True)
class Report:
    """What an import wrote. ``entries``: term id -> records made because a cell named them; ``spellings``: entry ->
    other spellings taken for it."""

    batch: int
    tables: list[TableReport]
    problems: Problems
    entries: dict[int, int] = field(default_factory=dict)
    spellings: dict[str, list[str]] = field(default_factory=dict)


def load(plan: Proposal, folder: Path, access: Access, pulse: Pulse) -> Report:
    """Carry out a checked mapping: one transaction, one batch of the history.

    Raises the errors of the services, NotUnique and InvalidValue that name the row; then nothing was written.
    """
    with batch(access, f"import {plan.file}") as batch_id:
        loader = _Loader(build(plan, access), folder, pulse)
        loader.run()
        targets = loader.targets.values()
        return Report(
            batch_id,
            loader.reports,
            loader.problems,
            {target.term: len(target.grown) for target in targets if target.grown},
            {entry: sorted(others) for target in targets for entry, others in target.spellings.items()},
        )


class _Loader:
    def __init__(self, built: Built, folder: Path, pulse: Pulse) -> None:
        self.problems = Problems()
        self.reports: list[TableReport] = []
        self.targets: dict[tuple[str, int | None], Target] = {}
        self._built = built
        self._folder = folder
        self._pulse = pulse
        self._ws = built.access.schema.pg_schema
        self._ids = Ids(self._ws)
        self._records: dict[str, list[range]] = {}
        self._write_row: Callable[[NodeRow], None]
        self._next_id: Callable[[], int]

    def run(self) -> None:
        self._know_targets()
        for table in _owners_first(self._built.tables):
            self._load(table)

    # -- what links point to

    def _know_targets(self) -> None:
        links = [link for table in self._built.tables for link in table.plan.links]
        for key, match in dict.fromkeys((link.target, link.match) for link in links):
            can_grow = match is None
            target = self.targets[key, match] = Target(self._built.terms[key], can_grow)
            if key.startswith(TERM):
                wanted = {text for text in self._texts_for(key) if text}
                term = self._built.access.term(target.term)
                for label, ids in labels.ids_of(term, wanted, access=self._built.access).items():
                    target.know((label, record) for record in ids)
            elif table := next((t for t in self._built.tables if t.plan.key == key), None):
                target.know(self._keys(table, table.plan.main if match is None else match))

    def _texts_for(self, key: str) -> Iterator[str]:
        """Every text by which the file names records of an existing table."""
        for table in self._built.tables:
            columns = [link for link in table.plan.links if link.target == key]
            if columns:
                for _number, row in self._rows(table):
                    for column in columns:
                        if column.index < len(row) and (text := plain_text(row[column.index], column)):
                            yield text.strip()

    def _keys(self, table: Table, index: int) -> Iterator[tuple[Cell, int]]:
        """Key cell and record id of each row of a sheet that others link to: its ids are given out beforehand."""
        if table.plan.key not in self._records:
            self._records[table.plan.key] = self._ids.block(table.plan.rows)
        ids = chain.from_iterable(self._records[table.plan.key])
        for (_number, row), record in zip(self._rows(table), ids, strict=False):
            if index < len(row) and row[index] is not None:
                yield row[index], record

    # -- rows

    def _rows(self, table: Table) -> Iterator[tuple[int, list[Cell]]]:
        plan = table.plan
        return body(spool_path(self._folder, plan.number), plan.first_row, plan.merged)

    def _load(self, table: Table) -> None:
        report = TableReport(table.term.id, table.term.title)
        self.reports.append(report)
        given = self._records.get(table.plan.key)
        records = chain.from_iterable(given) if given is not None else None
        main = self._main(table, report)
        writers = [
            self._link(table, column, report) if column.plan.target else self._cell(table, column, report)
            for column in table.columns
        ]
        most = 1 + len(table.columns) + len(table.plan.links)  # each link may make a record of its target
        rows = self._rows(table)
        while chunk := list(islice(rows, CHUNK)):
            self._ids.ensure(len(chunk) * most)
            with self._ids.take() as self._next_id, copy_nodes(self._ws) as self._write_row:
                for number, row in chunk:
                    record = self._next_id() if records is None else next(records)
                    main(record, row, number)
                    for write in writers:
                        write(record, row, number)
            report.rows += len(chunk)
            self._pulse.beat(len(chunk))
        named = (table.plan.main != ROW_NUMBER) + (table.plan.owner is not None)
        report.cells = report.rows * (len(writers) + named)

    def _main(self, table: Table, report: TableReport) -> _Write:
        """The record itself with its main value, under the record it belongs to."""
        term, plan = table.term, table.plan
        above = self._above(table, report)
        if plan.main == ROW_NUMBER:
            numbers = count(1)
            return lambda record, row, number: self._write_row(
                (record, above(row, number), term.id, str(next(numbers)))
            )
        column = plan.column(plan.main)
        convert, checks = converter(column), self._checks(table, column, term)

        def write(record: int, row: list[Cell], number: int) -> None:
            found = convert(row[column.index]) if column.index < len(row) else None
            text = self._judged(found, table, column, number)
            if text is None:
                raise _at(table, column, number, _("The row has no name."))
            checks(text, number)
            report.stored += 1
            self._write_row((record, above(row, number), term.id, text))

        return write

    def _above(self, table: Table, report: TableReport) -> Callable[[list[Cell], int], int]:
        """Which record a row belongs to: in a sub-table the one its owner column names."""
        plan = table.plan.owner
        if plan is None:
            return lambda row, number: ROOT_ID
        target, index = self.targets[plan.target, plan.match], plan.index

        def find(row: list[Cell], number: int) -> int:
            cell = row[index] if index < len(row) else None
            text = "" if cell is None else (plain_text(cell, plan) or "").strip()
            found = target.find(cell, text, self._make) if text else None
            if found is None:
                raise _at(table, plan, number, _("The row belongs to no single row of the other table."))
            report.stored += 1
            return found

        return find

    def _make(self, term: int, text: str) -> int:
        """A record that is only known by the name a cell calls it by."""
        record = self._next_id()
        self._write_row((record, ROOT_ID, term, text))
        return record

    def _cell(self, table: Table, column: Column, report: TableReport) -> _Write:
        plan, requisite = column.plan, column.requisite
        convert, checks = converter(plan), self._checks(table, plan, requisite)
        index, requisite_id = plan.index, requisite.id

        def write(record: int, row: list[Cell], number: int) -> None:
            cell = row[index] if index < len(row) else None
            if cell is None:
                report.blanks += 1
                return
            text = convert(cell)
            if isinstance(text, Misfit):
                text = self._judged(text, table, plan, number)
                if text is None:
                    report.unstored += 1
                    return
            if text is None:  # nothing but spaces
                report.blanks += 1
                return
            if checks is not _unchecked:
                checks(text, number)
            report.stored += 1
            self._write_row((self._next_id(), record, requisite_id, text))  # type: ignore[arg-type]

        return write

    def _link(self, table: Table, column: Column, report: TableReport) -> _Write:
        """A cell of a reference: type and value are swapped, t is the record it points to."""
        plan = column.plan
        target = self.targets[plan.target, plan.match]
        index, requisite_text = plan.index, str(column.requisite.id)
        seen: set[int] | None = set() if column.requisite.unique else None

        def write(record: int, row: list[Cell], number: int) -> None:
            cell = row[index] if index < len(row) else None
            if cell is None:
                report.blanks += 1
                return
            if type(cell) is list and cell[0] in (ERROR, FORMULA):
                report.unstored += 1
                self._add(table, plan, number, cell[1], _("an error value; the link is left empty"))
                return
            text = (plain_text(cell, plan) or "").strip()
            if not text:
                report.blanks += 1
                return
            found = target.find(cell, text, self._make)
            if found is None:
                report.unstored += 1
                self._add(table, plan, number, text, _("no single row of this name; the link is left empty"))
                return
            if seen is not None:
                if found in seen:
                    raise NotUnique(str(_at(table, plan, number, _("“%(value)s” repeats.") % {"value": text[:60]})))
                seen.add(found)
            report.stored += 1
            self._write_row((self._next_id(), record, found, requisite_text))

        return write

    # -- what is wrong

    def _judged(self, found: str | Misfit | None, table: Table, column: ColumnPlan, number: int) -> str | None:
        if isinstance(found, Misfit):
            self._add(table, column, number, found.text or "", found.problem)
            return found.text
        return found

    def _add(self, table: Table, column: ColumnPlan, number: int, value: str, problem: str) -> None:
        self.problems.add(table.plan.sheet, number, column.name, value, problem)

    def _checks(self, table: Table, column: ColumnPlan, owner: Term | Requisite) -> Callable[[str, int], None]:
        """Constraints of the column: SIZE, VALIDATION, UNIQUE. A violation stops the import and names the row."""
        unique = owner.unique
        if not unique and owner.modifier("SIZE") is None and owner.modifier("VALIDATION") is None:
            return _unchecked
        seen: set[str] = set()

        def check(text: str, number: int) -> None:
            try:
                constrain(text, owner)
            except InvalidValue as error:
                raise _at(table, column, number, str(error)) from error
            if unique:
                if text in seen:
                    problem = _("“%(value)s” repeats.") % {"value": text[:60]}
                    raise NotUnique(str(_at(table, column, number, problem)))
                seen.add(text)

        return check


def _owners_first(tables: Iterable[Table]) -> list[Table]:
    """A record is told from structure by the one above it, which therefore has to be there first."""
    rest, ordered = list(tables), list[Table]()
    while rest:
        waiting = {table.plan.key for table in rest}
        ready = [t for t in rest if t.plan.owner is None or t.plan.owner.target not in waiting]
        ordered += ready
        rest = [t for t in rest if t not in ready]
    return ordered


def _unchecked(text: str, number: int) -> None:
    """No constraint to check."""


def _at(table: Table, column: ColumnPlan, number: int, problem: str) -> InvalidValue:
    return InvalidValue(
        _("“%(sheet)s”, row %(row)d, column “%(column)s”: %(problem)s Nothing was imported.")
        % {"sheet": table.plan.sheet, "row": number + 1, "column": column.name, "problem": problem}
    )
