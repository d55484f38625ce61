"""One cell in the spool, and what a reader's Python value becomes.

In JSON: null blank; text, number, true/false as such; ``["d", "2025-12-31"]`` a date; ``["t", "2025-12-31T13:45:00"]``
a moment; ``["e", "#N/A"]`` an error; ``["f", "=A1*2"]`` a formula whose value the file does not hold. A time of day or
a duration has no base type and is text (``13:45``, ``30:00:00``).
"""

from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple

#: A decoded cell: None, str, int, float, bool, or a two-item list of a tag and text.
Cell = Any

DATE, MOMENT, ERROR, FORMULA = "d", "t", "e", "f"


class Special(NamedTuple):
    """What stands in a cell without being its value: an error, or a formula nobody has calculated."""

    tag: str
    text: str


def encode(value: object) -> object:
    """What orjson cannot write by itself: its ``default``."""
    if type(value) is date:
        return [DATE, value.isoformat()]
    if type(value) is datetime and not value.microsecond:
        return [MOMENT, value.isoformat()]
    match value:
        case datetime():
            return [MOMENT, rounded(value).isoformat()]
        case time():
            return clock(timedelta(hours=value.hour, minutes=value.minute, seconds=value.second))
        case timedelta():
            return clock(value)
        case Special():
            return [value.tag, value.text]
        case int():  # beyond 64 bits: exact as text
            return str(value)
    raise TypeError(type(value).__name__)


def rounded(moment: datetime) -> datetime:
    """To the millisecond: all a spreadsheet's day fraction holds."""
    extra = (moment.microsecond + 500) // 1000 * 1000 - moment.microsecond
    return moment + timedelta(microseconds=extra) if extra else moment


def clock(span: timedelta) -> str:
    """``13:45``, ``13:45:10``, ``30:00:00``; hours may exceed a day."""
    seconds = round(span.total_seconds())
    sign, seconds = ("-", -seconds) if seconds < 0 else ("", seconds)
    hours, rest = divmod(seconds, 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{sign}{hours:02}:{minutes:02}:{seconds:02}" if seconds or hours >= 24 else f"{sign}{hours:02}:{minutes:02}"
