"""Data rows of a sent file, each column's value found and converted as the form's plan says."""

import fnmatch
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from qdm.schema import Term
from qdm.services.modifiers import compiled
from qdm.sheets.body import Area, body, downward, rows_at
from qdm.sheets.convert import Misfit, column_converter, converter, plain_text
from qdm.sheets.errors import BadMapping
from qdm.sheets.export.layout import parted
from qdm.sheets.forms.plan import FormPlan, Source, name_of
from qdm.sheets.headers import SEARCHED, Header, find_header
from qdm.sheets.proposal import ColumnPlan
from qdm.sheets.reading.cells import ERROR, FORMULA, Cell
from qdm.sheets.reading.spool import read_rows, spool_path
from qdm.sheets.supervisor import Reading
from qdm.types.base import BaseType


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one cell; ``cell`` is its address, '' where the value is not from a cell."""

    row: int
    cell: str
    column: str
    value: str
    problem: str


@dataclass(slots=True)
class Line:
    """A data row. ``number``: row of the sheet, from 1; ``values``: column id -> canonical text, texts for links and
    columns of several values, None for empty; ``cells``: column id -> address of the cell it is from."""

    number: int
    values: dict[int, str | list[str] | None] = field(default_factory=dict)
    cells: dict[int, str] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


#: A value as it is found, before texts of links are records.
Stored = str | list[str] | None


@dataclass(frozen=True, slots=True)
class Run:
    """Some data rows, column by column. ``numbers``: rows of the sheet, from 1; ``columns``: column id -> a value for
    each; ``odd``: places of rows that have something wrong in them."""

    numbers: list[int]
    columns: dict[int, list[Stored]]
    odd: set[int]


class Sheet:
    """The sheet a form reads, as the child process has spooled it. ``skipped``: how many rows were no data (totals,
    signatures), once ``runs`` is through."""

    def __init__(self, name: str, path: Path, first: int, merged: Sequence[Area], values: "Sequence[_Value]") -> None:
        self.name = name
        self.skipped = 0
        self._path = path
        self._first = first
        self._merged = merged
        self._values = values
        self._needed = [value for value in values if value.needed and value.index is not None]

    def runs(self, size: int) -> Iterator[Run]:
        """All data rows, ``size`` at a time, without an object for each."""
        self.skipped = 0
        rows = body(self._path, self._first, self._merged)
        while some := list(islice(rows, size)):
            data = [(number, row) for number, row in some if not self._is_other(row)] if self._needed else some
            self.skipped += len(some) - len(data)
            if data:
                yield self._run(data)

    def lines(self, wanted: Collection[int]) -> Iterator[Line]:
        """These of the data rows, with what is wrong in them."""
        numbers = {number - 1 for number in wanted}
        for number, row in rows_at(self._path, self._first, self._merged, numbers):
            line = Line(number + 1)
            for value in self._values:
                value.read(row, line)
            yield line

    def _is_other(self, row: Sequence[Cell]) -> bool:
        return any(value.is_blank(row) for value in self._needed)

    def _run(self, data: Sequence[tuple[int, Sequence[Cell]]]) -> Run:
        columns = list(zip_longest(*(row for _number, row in data)))
        run = Run([number + 1 for number, _row in data], {}, set())
        for value in self._values:
            run.columns[value.source.column], odd = value.of_column(columns, len(data))
            run.odd.update(odd)
        return run


def find(plan: FormPlan, term: Term, reading: Reading, folder: Path, file_name: str) -> Sheet:
    """Raises BadMapping where the file has no such sheet or lacks a heading."""
    number = _sheet(plan, reading)
    facts = reading.sheets[number]
    path = spool_path(folder, number)
    head = list(islice(read_rows(path), SEARCHED + 1))
    header = find_header(head, facts, plan.header - 1 if plan.header else None)
    first = header.last + 1
    values = [_Value(source, plan, term, header, head, file_name) for source in plan.sources]
    return Sheet(facts.name, path, first, downward(facts.merged, first), values)


def _sheet(plan: FormPlan, reading: Reading) -> int:
    for number, facts in enumerate(reading.sheets):
        if facts.visible and facts.rows and fnmatch.fnmatch(facts.name.casefold(), (plan.sheet or "*").casefold()):
            return number
    if plan.sheet:
        raise BadMapping(_("The file has no sheet “%(sheet)s”.") % {"sheet": plan.sheet})
    raise BadMapping(_("There is nothing in this file."))


class _Value:
    """One column: where its values stand in this file, and how they are read."""

    def __init__(
        self,
        source: Source,
        plan: FormPlan,
        term: Term,
        header: Header,
        head: Sequence[Sequence[Cell]],
        file_name: str,
    ) -> None:
        self.source = source
        self.needed = source.column in plan.needs
        self.name = name_of(term, source.column)
        self.index = _index(source, header)
        requisite = term.by_id.get(source.column)
        self._is_link = requisite is not None and requisite.is_reference
        self._is_many = requisite is not None and requisite.multiple
        base = term.base if requisite is None else requisite.base
        self._plan = ColumnPlan(
            index=self.index if self.index is not None else -1,
            header="",
            name=self.name,
            base=BaseType.CHARS if self._is_link else base,
            day_first=source.day_first,
        )
        self._is_edited = bool(source.default or source.template)
        self._convert = converter(self._plan)
        self._convert_all = column_converter(self._plan)
        self._constant = _constant(source, head, file_name, self._plan)
        if source.names and self.index is None and not (self._constant or source.default):
            raise BadMapping(
                _("The file has no column “%(column)s” (headings looked for: %(names)s).")
                % {"column": self.name, "names": ", ".join(source.names)}
            )

    def is_blank(self, row: Sequence[Cell]) -> bool:
        cell = self._cell(row)
        return cell is None or (isinstance(cell, str) and not cell.strip())

    def _cell(self, row: Sequence[Cell]) -> Cell:
        return row[self.index] if self.index is not None and self.index < len(row) else None

    def read(self, row: Sequence[Cell], line: Line) -> None:
        """Put the value into the line, or what is wrong with it."""
        cell: Cell = self._constant if self.index is None else self._cell(row)
        address = "" if self.index is None else f"{get_column_letter(self.index + 1)}{line.number}"
        if address:
            line.cells[self.source.column] = address
        cell = self._filled(cell)
        found = self._stored(cell)
        if isinstance(found, Misfit):
            shown = plain_text(cell, self._plan) or ""
            line.problems.append(Problem(line.number, address, self.name, shown[:100], found.problem))
        else:
            line.values[self.source.column] = found

    def of_column(self, columns: Sequence[Sequence[Cell]], rows: int) -> tuple[list[Stored], list[int]]:
        """The values of so many rows at once, and the places of those that ``read`` would complain of."""
        if self.index is None:
            one = self._stored(self._filled(self._constant))
            return ([None] * rows, list(range(rows))) if isinstance(one, Misfit) else ([one] * rows, [])
        cells = columns[self.index] if self.index < len(columns) else [None] * rows
        if self._is_edited:
            cells = [self._filled(cell) for cell in cells]
        else:  # as ``_stripped``, without a call for each of a million cells
            cells = [cell.strip() or None if type(cell) is str else cell for cell in cells]
        if self._is_many:
            found = [self._stored(cell) for cell in cells]
            odd = [at for at, value in enumerate(found) if isinstance(value, Misfit)]
            return [None if isinstance(value, Misfit) else value for value in found], odd
        texts, misfits = self._convert_all(cells)
        values: list[Stored] = list(texts)
        for at, _misfit in misfits:
            values[at] = None
        return values, [at for at, _misfit in misfits]

    def _filled(self, cell: Cell) -> Cell:
        """The cell, the form's default where it is blank, in the form's template."""
        cell = _stripped(cell)
        if cell is None and self.source.default:
            cell = self.source.default
        if cell is not None and self.source.template:
            cell = self.source.template.replace("{}", plain_text(cell, self._plan) or "")
        return cell

    def _stored(self, cell: Cell) -> Stored | Misfit:
        if cell is None:
            return None
        if isinstance(cell, list) and cell[0] in (ERROR, FORMULA):
            return Misfit(None, _("an error value"))
        if self._is_many:
            return parted(plain_text(cell, self._plan) or "")
        return self._convert(cell)


def _stripped(cell: Cell) -> Cell:
    return cell.strip() or None if type(cell) is str else cell


def _index(source: Source, header: Header) -> int | None:
    """The column under one of the headings: by the whole of it before a part, the first name before the next."""
    wanted = [_folded(name) for name in source.names]
    whole: Mapping[str, int] = _first(enumerate(map(_folded, header.names)))
    last = _first((at, _folded(name.rpartition(" / ")[2])) for at, name in enumerate(header.names))
    return next((found[name] for found in (whole, last) for name in wanted if name in found), None)


def _first(headings: Iterator[tuple[int, str]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, name in headings:
        if name:
            found.setdefault(name, at)
    return found


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _constant(source: Source, head: Sequence[Sequence[Cell]], file_name: str, plan: ColumnPlan) -> Cell:
    """What all rows have: out of a cell above, the file's name, or the form itself."""
    if source.cell:
        row, column = coordinate_to_tuple(source.cell.upper())
        line = head[row - 1] if row <= len(head) else []
        cell = line[column - 1] if column <= len(line) else None
        return _matched(source, plain_text(cell, plan) or "") if source.pattern else cell
    if source.from_name:
        return _matched(source, file_name)
    return source.constant or None


def _matched(source: Source, text: str) -> str | None:
    """The group of the pattern, or all of what it matches."""
    if not source.pattern:
        return text or None
    found = compiled(source.pattern).search(text)
    return None if found is None else str(found.group(1) if found.re.groups else found.group(0))
