"""Columns of a chunk of rows as node rows: column by column, which is several times quicker than cell by cell."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import count, islice

from django.utils.translation import gettext as _

from qdm.errors import InvalidValue, NotUnique
from qdm.managers.bulk import Slot, link_slot, value_slot
from qdm.schema import ROOT_ID, Requisite, Term
from qdm.services.cells import constrain
from qdm.sheets.build import Column, Table
from qdm.sheets.convert import column_converter, plain_text
from qdm.sheets.problems import Problems
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan
from qdm.sheets.reading.cells import ERROR, FORMULA, Cell
from qdm.sheets.targets import Target
from qdm.types.base import BaseType


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


@dataclass(frozen=True, slots=True)
class Rows:
    """Some rows of a sheet: their numbers in it (from 0), their cells by column, and the records they become."""

    numbers: Sequence[int]
    columns: Sequence[Sequence[Cell]]
    records: Sequence[int]

    def column(self, index: int) -> Sequence[Cell]:
        return self.columns[index] if index < len(self.columns) else [None] * len(self.numbers)


@dataclass(frozen=True, slots=True)
class Log:
    """Where the writers of one table count and complain."""

    table: Table
    report: TableReport
    problems: Problems

    def add(self, column: ColumnPlan, number: int, value: str, problem: str) -> None:
        self.problems.add(self.table.plan.sheet, number, column.name, value, problem)

    def refused(self, column: ColumnPlan, number: int, problem: str) -> InvalidValue:
        """The error that ends the import and names the row."""
        return InvalidValue(
            _("“%(sheet)s”, row %(row)d, column “%(column)s”: %(problem)s Nothing was imported.")
            % {"sheet": self.table.plan.sheet, "row": number + 1, "column": column.name, "problem": problem}
        )


class _Texts:
    """The texts of one column of values, converted, constrained, counted."""

    def __init__(self, column: ColumnPlan, owner: Term | Requisite, log: Log) -> None:
        self._column = column
        self._convert = column_converter(column)
        self._log = log
        self._owner = owner
        self._seen: set[str] = set()
        self._constrained = owner.modifier("SIZE") is not None or owner.modifier("VALIDATION") is not None
        #: Whether each text of the last rows is canonical for the owner's base type.
        self.are_sure = False

    def of(self, rows: Rows) -> list[str | None]:
        cells = rows.column(self._column.index)
        texts, misfits = self._convert(cells)
        unstored = 0
        for position, misfit in misfits:
            self._log.add(self._column, rows.numbers[position], misfit.text or "", misfit.problem)
            unstored += misfit.text is None
        if self._constrained or self._owner.unique:
            for number, text in zip(rows.numbers, texts, strict=True):
                if text is not None:
                    self._check(text, number)
        self.are_sure = self._owner.base is self._column.base and unstored == len(misfits)
        blanks = texts.count(None) - unstored
        report = self._log.report
        report.blanks += blanks
        report.unstored += unstored
        report.stored += len(texts) - blanks - unstored
        return texts

    def _check(self, text: str, number: int) -> None:
        if self._constrained:
            try:
                constrain(text, self._owner)
            except InvalidValue as error:
                raise self._log.refused(self._column, number, str(error)) from error
        if self._owner.unique:
            if text in self._seen:
                raise NotUnique(str(self._log.refused(self._column, number, _repeats(text))))
            self._seen.add(text)


class Values:
    """Cells of a plain column."""

    def __init__(self, column: Column, log: Log) -> None:
        self._texts = _Texts(column.plan, column.requisite, log)
        self._requisite = column.requisite

    def slot(self, rows: Rows, ids: Sequence[int]) -> Slot:
        return value_slot(ids, rows.records, self._requisite.id, self._texts.of(rows))

    @property
    def sure(self) -> dict[int, int]:
        """The column and its base type if its last texts were canonical, each of them."""
        return {self._requisite.id: self._requisite.base} if self._texts.are_sure else {}


class Found:
    """The records that the cells of one column mean."""

    def __init__(self, plan: ColumnPlan, target: Target, next_id: Callable[[], int], log: Log) -> None:
        self.plan = plan
        self._target = target
        self._next_id = next_id
        self._log = log

    def of(self, rows: Rows) -> list[int | None]:
        known = self._target.exact.get
        cells = rows.column(self.plan.index)
        found = [known(cell) if type(cell) is str else None for cell in cells]
        report = self._log.report
        if None not in found:
            report.stored += len(found)
            return found
        for position, cell in enumerate(cells):
            if found[position] is not None:
                report.stored += 1
            elif cell is None:
                report.blanks += 1
            else:
                found[position] = self._find(cell, rows.numbers[position])
        return found

    def _find(self, cell: Cell, number: int) -> int | None:
        report = self._log.report
        if type(cell) is list and cell[0] in (ERROR, FORMULA):
            report.unstored += 1
            self._log.add(self.plan, number, cell[1], _("an error value; the link is left empty"))
            return None
        text = (plain_text(cell, self.plan) or "").strip()
        if not text:
            report.blanks += 1
            return None
        record = self._target.find(cell, text, self._next_id)
        if record is None:
            report.unstored += 1
            self._log.add(self.plan, number, text, _("no single row of this name; the link is left empty"))
        else:
            report.stored += 1
        return record


class Fixed:
    """Cells of a column that the file does not have, filled with its default."""

    sure: Mapping[int, int] = {}

    def __init__(self, column: Requisite, value: str | int) -> None:
        self._column = column
        self._value = value

    def slot(self, rows: Rows, ids: Sequence[int]) -> Slot:
        if isinstance(self._value, int):
            return link_slot(ids, rows.records, [self._value] * len(rows.records), str(self._column.id))
        return value_slot(ids, rows.records, self._column.id, [self._value] * len(rows.records))


class Links:
    """Cells of a reference."""

    sure: Mapping[int, int] = {}

    def __init__(self, column: Column, found: Found, log: Log) -> None:
        self._requisite = column.requisite
        self._found = found
        self._log = log
        self._seen: set[int] = set()

    def slot(self, rows: Rows, ids: Sequence[int]) -> Slot:
        records = self._found.of(rows)
        if self._requisite.unique:
            for number, record in zip(rows.numbers, records, strict=True):
                if record in self._seen:
                    raise NotUnique(str(self._log.refused(self._found.plan, number, _repeats(""))))
                if record is not None:
                    self._seen.add(record)
        return link_slot(ids, rows.records, records, str(self._requisite.id))


class Mains:
    """The records themselves: main values, each under the record it belongs to."""

    def __init__(self, table: Table, owner: Found | None, log: Log) -> None:
        self._term = table.term
        self._owner = owner
        self._log = log
        self._numbers = count(1)
        self._column = None if table.plan.main == ROW_NUMBER else table.plan.column(table.plan.main)
        self._texts = None if self._column is None else _Texts(self._column, table.term, log)

    @property
    def sure(self) -> dict[int, int]:
        """The term and its base type if the last main values were canonical, each of them."""
        is_sure = self._term.base is BaseType.NUMBER if self._texts is None else self._texts.are_sure
        return {self._term.id: self._term.base} if is_sure else {}

    def slot(self, rows: Rows) -> Slot:
        texts: list[str | None]
        if self._texts is None or self._column is None:
            texts = [str(number) for number in islice(self._numbers, len(rows.numbers))]
        else:
            texts = self._texts.of(rows)
            if None in texts:
                number = rows.numbers[texts.index(None)]
                raise self._log.refused(self._column, number, _("The row has no name."))
        return value_slot(rows.records, self._ups(rows), self._term.id, texts)

    def _ups(self, rows: Rows) -> list[int]:
        if self._owner is None:
            return [ROOT_ID] * len(rows.numbers)
        ups: list[int] = []
        for number, record in zip(rows.numbers, self._owner.of(rows), strict=True):
            if record is None:
                problem = _("The row belongs to no single row of the other table.")
                raise self._log.refused(self._owner.plan, number, problem)
            ups.append(record)
        return ups


def _repeats(text: str) -> str:
    return _("“%(value)s” repeats.") % {"value": text[:60]}
