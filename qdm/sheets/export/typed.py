"""Values as the types a spreadsheet knows, as far as it can hold them exactly; else as text."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache

from qdm.record import CellValue, Value
from qdm.sheets.export.layout import Column, joined, text_of
from qdm.types.base import BaseType
from qdm.types.files import name_of
from qdm.types.text import MASK

#: Characters of a cell: Excel refuses a file with more.
LONGEST = 32_767
#: Before it, Excel counts days that never were (29.02.1900), and other programs do not.
FIRST_DAY = date(1900, 3, 1)
#: Texts of one export whose typed form is remembered.
_CACHED = 20_000
#: A text of so many characters is a double exactly, whatever its digits.
_EXACT = 15

#: What a spreadsheet's cell may hold.
Typed = str | float | bool | date | None


class Exact(float):
    """A number that is written as its text says: the library would cut it at the sixteenth digit."""

    __slots__ = ("text",)
    text: str

    def __format__(self, _spec: str) -> str:
        return self.text


def typed(value: CellValue | None, column: Column) -> Typed:
    """A cell of the column: numbers, dates and flags as such, anything else as text."""
    if type(value) is str:
        reader = _READERS.get(column.base)
        return value if reader is None else reader(value)
    if value is None:
        return None
    if isinstance(value, tuple):
        return joined(text_of(one, column.base, None) for one in value) or None
    return text_of(value, column.base, None) or None


def _number(text: str) -> Typed:
    """A double where that is the same number: not for long ones, of which Excel shows fifteen digits and zeros."""
    number = Exact(text)
    number.text = text
    if len(text) <= _EXACT:
        return number
    is_short = abs(number) < 1e15 or "e" in text
    return number if is_short and Decimal(repr(float(number))) == Decimal(text) else text


@lru_cache(_CACHED)
def _day(text: str) -> Typed:
    day = date.fromisoformat(text)
    return day if day >= FIRST_DAY else text


@lru_cache(_CACHED)
def _moment(text: str) -> Typed:
    moment = datetime.fromisoformat(text)
    # A day's fraction in a double is good for milliseconds.
    return moment if moment.date() >= FIRST_DAY and moment.microsecond % 1000 == 0 else text


_READERS: Mapping[BaseType, Callable[[str], Typed]] = {
    BaseType.NUMBER: _number,
    BaseType.FLOAT: _number,
    BaseType.DATE: _day,
    BaseType.DATETIME: _moment,
    BaseType.BOOLEAN: lambda text: text == "1",
    BaseType.PWD: lambda text: MASK,
    BaseType.FILE: name_of,
    BaseType.MEDIA: name_of,
}


def decimals(value: Value) -> int:
    """Digits after the point of a canonical number."""
    return len(value.partition(".")[2]) if isinstance(value, str) and "e" not in value else 0
