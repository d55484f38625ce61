"""DATE and DATETIME: calendar dates and wall-clock moments of years 1-9999."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from qdm.types.base import BaseType, Locale
from qdm.types.misfit import misfit

#: Two-digit years: below this 20xx, from it on 19xx.
PIVOT = 70
MAX_LENGTH = 60

_MONTHS: Mapping[str, int] = {
    word: number
    for number, words in enumerate(
        (
            "января январь янв january jan",
            "февраля февраль фев февр february feb",
            "марта март мар march mar",
            "апреля апрель апр april apr",
            "мая май may",
            "июня июнь июн june jun",
            "июля июль июл july jul",
            "августа август авг august aug",
            "сентября сентябрь сен сент september sept sep",
            "октября октябрь окт october oct",
            "ноября ноябрь ноя нояб november nov",
            "декабря декабрь дек december dec",
        ),
        start=1,
    )
    for word in words.split()
}

_TIME = re.compile(
    r"(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,6}))?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?"
    r"(?:\s*(?P<zone>Z|UTC|[+-][0-9]{2}(?::?[0-9]{2})?))?",
    re.IGNORECASE,
)
_YEAR_FIRST = re.compile(r"([0-9]{4})([-./])([0-9]{1,2})\2([0-9]{1,2})")
_YEAR_LAST = re.compile(r"([0-9]{1,2})([-./])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
_DAY_WORD = re.compile(r"([0-9]{1,2})[\s.-]+([a-zа-я]{3,9})\.?,?[\s-]+([0-9]{4})", re.IGNORECASE)
_WORD_DAY = re.compile(r"([a-z]{3,9})\.?\s+([0-9]{1,2}),?\s+([0-9]{4})", re.IGNORECASE)
#: Whatever is a date has two numbers at least.
_TWO_NUMBERS = re.compile(r"[0-9][^0-9]+[0-9]")
_TAIL = re.compile(r"(?:\s*T\s*|,?\s+)([0-9]{1,2}:.*)", re.IGNORECASE)


def scan_date(text: str, *, day_first: bool) -> date | None:
    """The calendar date written in the text, or None. The order of a date with dots is always day, month, year."""
    text = text.strip()
    if len(text) > MAX_LENGTH:
        return None
    text = re.sub(r"\s*(?:г\.?|года)$", "", text)
    if m := _YEAR_FIRST.fullmatch(text):
        return _calendar(int(m[1]), int(m[3]), int(m[4]))
    if m := _YEAR_LAST.fullmatch(text):
        first, second = int(m[1]), int(m[3])
        day, month = (first, second) if day_first or m[2] == "." else (second, first)
        return _calendar(_full_year(m[4]), month, day)
    if m := _DAY_WORD.fullmatch(text):
        return _calendar(int(m[3]), _MONTHS.get(m[2].lower(), 0), int(m[1]))
    if m := _WORD_DAY.fullmatch(text):
        return _calendar(int(m[3]), _MONTHS.get(m[1].lower(), 0), int(m[2]))
    return None


def scan_moment(text: str, *, day_first: bool) -> datetime | None:
    """Date and time written in the text, or None; a bare date is midnight, an offset makes the result aware."""
    text = text.strip()
    if len(text) > MAX_LENGTH or not _TWO_NUMBERS.search(text):
        return None
    tail = _TAIL.search(text)
    day = scan_date(text[: tail.start()] if tail else text, day_first=day_first)
    clock = _clock(tail[1]) if tail else time.min
    return None if day is None or clock is None else datetime.combine(day, clock)


def _full_year(digits: str) -> int:
    year = int(digits)
    return year if len(digits) == 4 else year + (2000 if year < PIVOT else 1900)


def _calendar(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _clock(text: str) -> time | None:
    match = _TIME.fullmatch(text.strip())
    if match is None:
        return None
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    try:
        return time(
            hour,
            int(match["minute"]),
            int(match["second"] or 0),
            int((match["fraction"] or "0").ljust(6, "0")),
            tzinfo=_offset(match["zone"]),
        )
    except ValueError:
        return None


def _offset(zone: str | None) -> timezone | None:
    """Raises ValueError for an offset of a day or more."""
    if zone is None:
        return None
    if zone.upper() in ("Z", "UTC"):
        return UTC
    digits = zone[1:].replace(":", "").ljust(4, "0")
    offset = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-offset if zone[0] == "-" else offset)


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def wall_clock(moment: datetime) -> datetime:
    """An aware moment as the clocks of settings.TIME_ZONE show it; a naive one unchanged. Raises OverflowError."""
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(_zone(settings.TIME_ZONE)).replace(tzinfo=None, fold=0)


def _moment(raw: object, locale: Locale) -> datetime | None:
    """A moment, a date (midnight) or a text of them as the wall clock shows it; None for what is none of these."""
    match raw:
        case datetime():
            return _local(raw)
        case date():
            return datetime.combine(raw, time.min)
        case str():
            return _local(scan_moment(raw, day_first=locale.day_first))
    return None


def _date_text(day: date, locale: Locale) -> str:
    if locale.language == "ru":
        return f"{day.day:02}.{day.month:02}.{day.year:04}"
    first, second = (day.day, day.month) if locale.day_first else (day.month, day.day)
    return f"{first:02}/{second:02}/{day.year:04}"


@dataclass(frozen=True, slots=True)
class DateCodec:
    """Canonical ``2025-12-31``."""

    base: BaseType = BaseType.DATE
    sql_type: str = "date"

    def parse(self, raw: object, locale: Locale) -> str | None:
        """Date, or text in one of the usual orders. A time of day other than midnight is refused, not cut off."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        moment = _moment(raw, locale)
        if moment is None or moment.time() != time.min:
            raise misfit(raw, _("a date such as 2025-12-31 or 31.12.2025, without a time"))
        return moment.date().isoformat()

    def display(self, canonical: str, locale: Locale) -> str:
        return _shown(canonical, lambda: _date_text(date.fromisoformat(canonical), locale))


@dataclass(frozen=True, slots=True)
class DateTimeCodec:
    """Canonical ``2025-12-31T13:45:00``, wall clock of settings.TIME_ZONE; microseconds only where not zero."""

    base: BaseType = BaseType.DATETIME
    sql_type: str = "timestamp"

    def parse(self, raw: object, locale: Locale) -> str | None:
        """Moment, date (midnight), or text of them; an offset is converted to the wall clock."""
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        moment = _moment(raw, locale)
        if moment is None:
            raise misfit(raw, _("a date and time such as 2025-12-31 13:45 or 31.12.2025 13:45"))
        return moment.isoformat()

    def display(self, canonical: str, locale: Locale) -> str:
        def text() -> str:
            moment = datetime.fromisoformat(canonical)
            clock = moment.time().isoformat("minutes" if moment.second == moment.microsecond == 0 else "auto")
            return f"{_date_text(moment.date(), locale)} {clock}"

        return _shown(canonical, text)


def _local(moment: datetime | None) -> datetime | None:
    """Wall clock, or None where the conversion leaves years 1-9999."""
    try:
        return None if moment is None else wall_clock(moment)
    except OverflowError:
        return None


def _shown(canonical: str, text: Callable[[], str]) -> str:
    """The text, or what is stored where that is not canonical."""
    try:
        return text()
    except ValueError:
        return canonical
