"""A cell of the spool as it will be stored, and what is wrong with it."""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from django.utils.translation import gettext as _

from qdm.errors import InvalidValue
from qdm.sheets.kinds import Kind, look_at_text
from qdm.sheets.proposal import ColumnPlan
from qdm.sheets.reading.cells import DATE, ERROR, FORMULA, MOMENT, Cell
from qdm.types import codec
from qdm.types.base import BaseType
from qdm.types.number import float_text, scan

#: Different texts of one column whose parsed form is remembered.
_CACHED = 10_000
_NUMERIC = (BaseType.NUMBER, BaseType.FLOAT)


class Misfit(NamedTuple):
    """A value that is not what it should be. ``text`` is stored as it reads, and the projection marks it bad: nothing
    is dropped; None where there is nothing to store. ``problem`` says why."""

    text: str | None
    problem: str


Convert = Callable[[Cell], str | Misfit | None]
#: Texts of the cells, and the positions of those that are misfits.
Converted = tuple[list[str | None], list[tuple[int, Misfit]]]


def plain_text(cell: Cell, column: ColumnPlan) -> str | None:
    """A cell as text: numbers without ``.0`` (padded where the column shows leading zeros), dates in ISO form."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        words = ("ИСТИНА", "ЛОЖЬ") if column.language == "ru" else ("TRUE", "FALSE")
        return words[0] if cell else words[1]
    if isinstance(cell, list):
        return str(cell[1])
    text = float_text(cell) if isinstance(cell, float) else str(cell)
    if isinstance(cell, float) and "e+" in text and cell.is_integer() and abs(cell) < 1e22:
        text = str(int(cell))
    return text.zfill(column.zeros) if column.zeros and text.isdigit() else text


def converter(column: ColumnPlan) -> Convert:
    """The function that turns the cells of a column into what is stored. Links are resolved by the loader."""
    if column.base in _NUMERIC:
        return _numbers(column)
    if column.base is BaseType.CHARS or codec(column.base).sql_type == "text":
        return _texts(column)
    return _typed(column)


def column_converter(column: ColumnPlan) -> Callable[[Sequence[Cell]], Converted]:
    """The same for a run of cells of one column: what is as it should be, which is nearly all, without a call each."""
    convert = converter(column)
    quick = _QUICK.get(column.base, _quick_texts)

    def run(cells: Sequence[Cell]) -> Converted:
        texts = quick(cells)
        misfits: list[tuple[int, Misfit]] = []
        if None not in texts:
            return texts, misfits
        for position, cell in enumerate(cells):
            if texts[position] is None and cell is not None:
                found = convert(cell)
                if isinstance(found, Misfit):
                    misfits.append((position, found))
                    found = found.text
                texts[position] = found
        return texts, misfits

    return run


def _quick_texts(cells: Sequence[Cell]) -> list[str | None]:
    """Texts that are stored as they are; None: look closer. So with the other quick ones."""
    return [cell if type(cell) is str and "\0" not in cell else None for cell in cells]


def _quick_numbers(cells: Sequence[Cell]) -> list[str | None]:
    # repr gives ``1e+16`` and ``-0.0`` too
    texts = [repr(cell) if type(cell) is float else "e" for cell in cells]
    return [None if "e" in text or text == "-0.0" else text[:-2] if text.endswith(".0") else text for text in texts]


def _quick_dates(cells: Sequence[Cell]) -> list[str | None]:
    return [cell[1] if type(cell) is list and cell[0] == DATE else None for cell in cells]


def _quick_moments(cells: Sequence[Cell]) -> list[str | None]:
    return [
        None
        if type(cell) is not list
        else cell[1]
        if cell[0] == MOMENT
        else cell[1] + "T00:00:00"
        if cell[0] == DATE
        else None
        for cell in cells
    ]


def _quick_booleans(cells: Sequence[Cell]) -> list[str | None]:
    return [("0", "1")[cell] if type(cell) is bool else None for cell in cells]


_QUICK: Mapping[BaseType, Callable[[Sequence[Cell]], list[str | None]]] = {
    BaseType.NUMBER: _quick_numbers,
    BaseType.FLOAT: _quick_numbers,
    BaseType.DATE: _quick_dates,
    BaseType.DATETIME: _quick_moments,
    BaseType.BOOLEAN: _quick_booleans,
    BaseType.UUID: lambda cells: [None] * len(cells),
}


def _texts(column: ColumnPlan) -> Convert:
    def convert(cell: Cell) -> str | Misfit | None:
        if type(cell) is str:
            return cell if "\0" not in cell else Misfit(cell.replace("\0", ""), _("NUL characters are left out"))
        return _special(cell) or plain_text(cell, column)

    return convert


def _numbers(column: ColumnPlan) -> Convert:
    """Numbers as they are; texts only where they are quantities of the column's own unit: 007 and phones are not."""
    parse, locale = codec(column.base).parse, column.locale

    def convert(cell: Cell) -> str | Misfit | None:
        if type(cell) is float or type(cell) is int:
            try:
                return parse(cell, locale)
            except InvalidValue as error:
                return Misfit(plain_text(cell, column), str(error))
        if not isinstance(cell, str):
            return _special(cell) or _misfit(cell, column)
        found = look_at_text(cell)
        if found.kind is Kind.NULL:
            return None
        if found.kind is Kind.ERROR:
            return Misfit(cell, _("an error value"))
        number = scan(cell, column.language)
        if found.kind in (Kind.CODE, Kind.PHONE) or number is None or number.unit not in ("", column.unit):
            return _misfit(cell, column)
        try:
            return parse(cell, locale)
        except InvalidValue as error:
            return Misfit(cell, str(error))

    return convert


def _typed(column: ColumnPlan) -> Convert:
    parse, locale = codec(column.base).parse, column.locale
    cache: dict[str, str | Misfit | None] = {}

    def convert(cell: Cell) -> str | Misfit | None:
        if type(cell) is list and cell[0] in (ERROR, FORMULA):
            return _special(cell)
        raw = cell[1] if type(cell) is list else cell
        if type(raw) is not str:
            return parsed(raw)
        if raw not in cache:
            if len(cache) >= _CACHED:
                cache.clear()
            cache[raw] = parsed(raw)
        return cache[raw]

    def parsed(raw: object) -> str | Misfit | None:
        try:
            return parse(raw, locale)
        except InvalidValue as error:
            return Misfit(plain_text(raw, column), str(error))

    return convert


def _special(cell: Cell) -> Misfit | None:
    """Error cells are kept as text; a formula nobody calculated has no value to keep."""
    if type(cell) is list:
        if cell[0] == ERROR:
            return Misfit(cell[1], _("an error value"))
        if cell[0] == FORMULA:
            return Misfit(None, _("a formula without a stored value: %(formula)s") % {"formula": cell[1]})
    return None


def _misfit(cell: Cell, column: ColumnPlan) -> Misfit:
    text = plain_text(cell, column)
    return Misfit(text, _("“%(value)s” is not a number") % {"value": (text or "")[:60]})
