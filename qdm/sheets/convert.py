"""A cell of the spool as it will be stored, and what is wrong with it."""

from collections.abc import Callable
from typing import NamedTuple

from django.utils.translation import gettext as _

from qdm.errors import InvalidValue
from qdm.sheets.kinds import Kind, look_at_text
from qdm.sheets.proposal import ColumnPlan
from qdm.sheets.reading.cells import ERROR, FORMULA, Cell
from qdm.types import codec
from qdm.types.base import BaseType
from qdm.types.number import float_text, scan
from qdm.types.text import storable

_NUMERIC = (BaseType.NUMBER, BaseType.FLOAT)


class Stored(NamedTuple):
    """``text``: what ``node.val`` gets, None for nothing; ``problem``: why it is not what it should be, else ''.

    A value that does not fit is stored as it reads, and the projection marks it bad: nothing is dropped.
    """

    text: str | None
    problem: str = ""


Convert = Callable[[Cell], Stored]


def plain_text(cell: Cell, column: ColumnPlan) -> str | None:
    """A cell as text: numbers without ``.0`` (padded where the column shows leading zeros), dates in ISO form."""
    if cell is None:
        return None
    if isinstance(cell, str):
        return storable(cell.replace("\0", "")) or None
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


def _texts(column: ColumnPlan) -> Convert:
    def convert(cell: Cell) -> Stored:
        if type(cell) is str:
            return Stored(storable(cell))
        return _special(cell) or Stored(plain_text(cell, column))

    return convert


def _numbers(column: ColumnPlan) -> Convert:
    """Numbers as they are; texts only where they are quantities of the column's own unit: 007 and phones are not."""
    parse, locale = codec(column.base).parse, column.locale

    def convert(cell: Cell) -> Stored:
        if type(cell) is float or type(cell) is int:
            try:
                return Stored(parse(cell, locale))
            except InvalidValue as error:
                return Stored(plain_text(cell, column), str(error))
        if not isinstance(cell, str):
            return _special(cell) or _misfit(cell, column, _("a number"))
        found = look_at_text(cell)
        if found.kind is Kind.NULL:
            return Stored(None)
        if found.kind is Kind.ERROR:
            return Stored(cell, _("an error value"))
        number = scan(cell, column.language)
        if found.kind in (Kind.CODE, Kind.PHONE) or number is None or number.unit not in ("", column.unit):
            return _misfit(cell, column, _("a number"))
        try:
            return Stored(parse(cell, locale))
        except InvalidValue as error:
            return Stored(cell, str(error))

    return convert


def _typed(column: ColumnPlan) -> Convert:
    parse, locale = codec(column.base).parse, column.locale
    cache: dict[str, Stored] = {}

    def convert(cell: Cell) -> Stored:
        if special := _special(cell):
            return special
        raw = cell[1] if isinstance(cell, list) else cell
        if isinstance(raw, str):
            if (known := cache.get(raw)) is None:
                known = _parsed(raw)
                if len(cache) < 10_000:
                    cache[raw] = known
            return known
        return _parsed(raw)

    def _parsed(raw: object) -> Stored:
        try:
            return Stored(parse(raw, locale))
        except InvalidValue as error:
            return Stored(plain_text(raw, column), str(error))

    return convert


def _special(cell: Cell) -> Stored | None:
    """Error cells are kept as text; a formula nobody calculated has no value to keep."""
    if type(cell) is list:
        if cell[0] == ERROR:
            return Stored(cell[1], _("an error value"))
        if cell[0] == FORMULA:
            return Stored(None, _("a formula without a stored value: %(formula)s") % {"formula": cell[1]})
    return None


def _misfit(cell: Cell, column: ColumnPlan, expected: str) -> Stored:
    text = plain_text(cell, column)
    return Stored(text, _("“%(value)s” is not %(expected)s") % {"value": (text or "")[:60], "expected": expected})
