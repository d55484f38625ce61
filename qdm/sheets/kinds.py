"""What a single cell looks like, before anything is known of its column. Rules: IO.md 1.6."""

import re
from enum import StrEnum
from typing import NamedTuple

from qdm.sheets.reading.cells import DATE, ERROR, FORMULA, MOMENT, Cell
from qdm.types.boolean import NO, YES
from qdm.types.number import scan
from qdm.types.temporal import scan_moment

_ENGLISH_ERRORS = ("#n/a", "#ref!", "#div/0!", "#value!", "#name?", "#num!", "#null!", "#spill!", "#calc!")
_RUSSIAN_ERRORS = ("#н/д", "#ссылка!", "#дел/0!", "#знач!", "#имя?", "#число!", "#пусто!")
_ERRORS = frozenset(_ENGLISH_ERRORS + _RUSSIAN_ERRORS)
_WORDS = YES | NO
_DIGIT = re.compile(r"[0-9]")
_LEADING_ZERO = re.compile(r"[+-]?0[0-9]")
_LONG_WHOLE = re.compile(r"[+-]?[0-9]{16,}")
_PHONE = re.compile(r"(?:\+|8[\s(-])[0-9\s()\-]{9,20}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_LONG_TEXT = 255
#: Whole numbers that a double still tells from their neighbours, and that people mean as numbers.
_MAX_NUMBER = 10**15
_MIN_NUMBER = 1e-9


class Kind(StrEnum):
    NULL = "null"
    ERROR = "error"
    BOOL = "bool"
    INT = "int"
    FLOAT = "float"
    SCIENTIFIC = "scientific"  #: very large or small, or written with an exponent
    DATE = "date"
    DATETIME = "datetime"
    PHONE = "phone"
    CODE = "code"  #: digits that are a name: leading zero, more than 15 digits
    UUID = "uuid"
    TEXT = "text"
    LONG = "long"  #: longer than 255 characters, or several lines


class Look(NamedTuple):
    """``unit`` of a number. ``orders`` of a date: which of 'dm' (day, month first) read it, '' where there is one way.

    ``comma``: how the number's comma can be read: 'd' decimal, 'g' grouping, '?' both, '' neither.
    """

    kind: Kind
    unit: str = ""
    orders: str = ""
    comma: str = ""


_PLAIN = {kind: Look(kind) for kind in Kind}
_TAGS = {DATE: Kind.DATE, MOMENT: Kind.DATETIME, ERROR: Kind.ERROR, FORMULA: Kind.ERROR}


def look(cell: Cell) -> Look:
    """Kind of a cell of the spool."""
    if cell is None:
        return _PLAIN[Kind.NULL]
    if isinstance(cell, str):
        return look_at_text(cell)
    if isinstance(cell, bool):
        return _PLAIN[Kind.BOOL]
    if isinstance(cell, int):
        return _PLAIN[Kind.INT if -_MAX_NUMBER < cell < _MAX_NUMBER else Kind.CODE]
    if isinstance(cell, float):
        if cell and not _MIN_NUMBER < abs(cell) < _MAX_NUMBER:
            return _PLAIN[Kind.SCIENTIFIC]
        return _PLAIN[Kind.INT if cell.is_integer() else Kind.FLOAT]
    return _PLAIN[_TAGS[cell[0]]]


def look_at_text(text: str) -> Look:
    """Kind of what a text reads as."""
    if len(text) > _LONG_TEXT or "\n" in text:
        return _PLAIN[Kind.LONG]
    text = text.strip()
    if not text:
        return _PLAIN[Kind.NULL]
    if _DIGIT.search(text) is None or text[0] == "#":
        word = text.lower()
        return _PLAIN[Kind.BOOL if word in _WORDS else Kind.ERROR if word in _ERRORS else Kind.TEXT]
    if _UUID.fullmatch(text):
        return _PLAIN[Kind.UUID]
    if date := _date_look(text):
        return date
    if _LONG_WHOLE.fullmatch(text):
        return _PLAIN[Kind.CODE]
    if _PHONE.fullmatch(text) and 10 <= len(_DIGIT.findall(text)) <= 15:
        return _PLAIN[Kind.PHONE]
    number = scan(text, "ru")
    if number is None:
        return _PLAIN[Kind.TEXT]
    if _LEADING_ZERO.match(text):
        return _PLAIN[Kind.CODE]
    if "e" in text.lower() and not number.unit:
        return _PLAIN[Kind.SCIENTIFIC]
    return Look(Kind.FLOAT if "." in text or "," in text else Kind.INT, number.unit, "", _comma(text))


def _date_look(text: str) -> Look | None:
    day_first = scan_moment(text, day_first=True)
    month_first = scan_moment(text, day_first=False)
    moment = day_first or month_first
    if moment is None:
        return None
    kind = Kind.DATETIME if ":" in text else Kind.DATE
    if day_first == month_first:
        return Look(kind)
    return Look(kind, "", ("d" if day_first else "") + ("m" if month_first else ""))


def _comma(text: str) -> str:
    if "," not in text:
        return ""
    english, russian = scan(text, "en"), scan(text, "ru")
    if english == russian:
        return "g" if text.count(",") > 1 or "." in text.partition(",")[2] else "d"
    return "?"
