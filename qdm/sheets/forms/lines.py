"""Data rows of a sent file, each column's value found and converted as the form's plan says."""

import fnmatch
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from django.utils.translation import gettext as _
from openpyxl.utils import coordinate_to_tuple, get_column_letter

from qdm.schema import Term
from qdm.services.modifiers import compiled
from qdm.sheets.body import body, downward
from qdm.sheets.convert import Misfit, converter, plain_text
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


@dataclass(frozen=True, slots=True)
class Found:
    """The sheet that was read, and how many of its rows are no data (totals, signatures)."""

    sheet: str
    lines: list[Line]
    skipped: int


def read(plan: FormPlan, term: Term, reading: Reading, folder: Path, file_name: str) -> Found:
    """Raises BadMapping where the file has no such sheet or lacks a heading."""
    number = _sheet(plan, reading)
    facts = reading.sheets[number]
    path = spool_path(folder, number)
    head = list(islice(read_rows(path), SEARCHED + 1))
    header = find_header(head, facts, plan.header - 1 if plan.header else None)
    values = [_Value(source, term, header, head, file_name) for source in plan.sources]
    needed = [value for value in values if value.source.column in plan.needs and value.index is not None]
    lines, skipped = [], 0
    for row_number, row in body(path, header.last + 1, downward(facts.merged, header.last + 1)):
        if any(value.is_blank(row) for value in needed):
            skipped += 1
            continue
        line = Line(row_number + 1)
        for value in values:
            value.read(row, line)
        lines.append(line)
    return Found(facts.name, lines, skipped)


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
        self, source: Source, term: Term, header: Header, head: Sequence[Sequence[Cell]], file_name: str
    ) -> None:
        self.source = source
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
        self._convert = converter(self._plan)
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
        if isinstance(cell, str):
            cell = cell.strip() or None
        if cell is None and self.source.default:
            cell = self.source.default
        if cell is not None and self.source.template:
            cell = self.source.template.replace("{}", plain_text(cell, self._plan) or "")
        found = self._stored(cell)
        if isinstance(found, Misfit):
            shown = plain_text(cell, self._plan) or ""
            line.problems.append(Problem(line.number, address, self.name, shown[:100], found.problem))
        else:
            line.values[self.source.column] = found

    def _stored(self, cell: Cell) -> str | list[str] | Misfit | None:
        if cell is None:
            return None
        if isinstance(cell, list) and cell[0] in (ERROR, FORMULA):
            return Misfit(None, _("an error value"))
        if self._is_many:
            return parted(plain_text(cell, self._plan) or "")
        return self._convert(cell)


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
