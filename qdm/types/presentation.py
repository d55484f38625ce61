"""How a column shows its numbers and dates: a format code as spreadsheets write it, of a small closed grammar.

A code is locale-free (``#,##0.00``, ``d mmmm yyyy``); separators and names of months are the reader's. What is stored
and what REST speaks is not touched by it. static/js/sheet/presentation.js does the same in the browser.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation, localcontext

from qdm.types.base import BaseType, Locale
from qdm.types.number import MAX_DIGITS
from qdm.types.registry import codec

_NUMBER = re.compile(r"(?P<prefix>[$€£]?)(?P<grouped>#,##)?0(?:\.(?P<places>0{1,10}))?(?P<suffix>%| ?[₽$€£])?")
_TOKENS = re.compile(r"yyyy|mmmm|hh:mm|mm|dd|d")

NUMBERS = ("0", "#,##0", "0.00", "#,##0.00", "0%", "0.00%", "#,##0 ₽", "#,##0.00 ₽", "$#,##0.00", "#,##0.00 €")
DATES = ("dd.mm.yyyy", "d mmmm yyyy", "mmmm yyyy", "yyyy-mm-dd", "yyyy")
MOMENTS = ("dd.mm.yyyy hh:mm", "d mmmm yyyy hh:mm", "yyyy-mm-dd hh:mm", *DATES, "hh:mm")
#: Base type -> the codes that are offered; of numbers others of the same grammar are taken too.
OFFERED: Mapping[BaseType, Sequence[str]] = {
    BaseType.NUMBER: NUMBERS,
    BaseType.FLOAT: NUMBERS,
    BaseType.DATE: DATES,
    BaseType.DATETIME: MOMENTS,
}
#: Where the values of a column stand; '' leaves it to the type.
ALIGNMENTS = ("left", "center", "right")

_MONTHS_EN = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
_MONTHS_RU = (
    "январь",
    "февраль",
    "март",
    "апрель",
    "май",
    "июнь",
    "июль",
    "август",
    "сентябрь",
    "октябрь",
    "ноябрь",
    "декабрь",
)
_MONTHS_RU_AFTER_DAY = (
    "января",
    "февраля",
    "марта",
    "апреля",
    "мая",
    "июня",
    "июля",
    "августа",
    "сентября",
    "октября",
    "ноября",
    "декабря",
)
#: Months by language: after a day, and alone.
MONTHS: Mapping[str, tuple[Sequence[str], Sequence[str]]] = {
    "ru": (_MONTHS_RU_AFTER_DAY, _MONTHS_RU),
    "en": (_MONTHS_EN, _MONTHS_EN),
}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    places: int
    grouped: bool
    prefix: str
    suffix: str

    @property
    def percent(self) -> bool:
        return self.suffix == "%"


def number_format(code: str) -> NumberFormat | None:
    """The parts of a number's code, None for what is none."""
    match = _NUMBER.fullmatch(code)
    if match is None or (match["prefix"] and match["suffix"] not in (None, "%")):
        return None
    return NumberFormat(
        len(match["places"] or ""), match["grouped"] is not None, match["prefix"], match["suffix"] or ""
    )


def fits(code: str, base: BaseType) -> bool:
    """Whether columns of the type may have the format."""
    if base in (BaseType.NUMBER, BaseType.FLOAT):
        return number_format(code) is not None
    return code in OFFERED.get(base, ())


def display(canonical: str, base: BaseType, code: str | None, locale: Locale) -> str:
    """Canonical text as a person reads it in a column of this format; without one, or where the format or the text does
    not fit the type, as the codec shows it."""
    if code and fits(code, base):
        try:
            if base in (BaseType.NUMBER, BaseType.FLOAT):
                return _number(canonical, code, locale)
            return _moment(datetime.fromisoformat(canonical), code, locale)
        except (ValueError, InvalidOperation):
            pass
    return codec(base).display(canonical, locale)


def _number(canonical: str, code: str, locale: Locale) -> str:
    shape = number_format(code)
    assert shape is not None
    with localcontext(prec=3 * MAX_DIGITS + 400):  # a double may have 308 digits before its point
        value = Decimal(canonical)
        if shape.percent:
            value = value.scaleb(2)
        value = value.quantize(Decimal(1).scaleb(-shape.places), ROUND_HALF_UP)
    russian = locale.language == "ru"
    digits = value.copy_abs()  # abs() would round
    text = f"{digits:,f}" if shape.grouped else f"{digits:f}"
    if russian:
        text = text.replace(",", "\u00a0").replace(".", ",")
    suffix = shape.suffix.replace(" ", "\u00a0")
    return f"{'-' if value < 0 else ''}{shape.prefix}{text}{suffix}"


def _moment(moment: datetime, code: str, locale: Locale) -> str:
    after_day, alone = MONTHS[locale.language]
    months = after_day if "d" in code else alone
    parts = {
        "yyyy": f"{moment.year:04}",
        "mmmm": months[moment.month - 1],
        "mm": f"{moment.month:02}",
        "dd": f"{moment.day:02}",
        "d": str(moment.day),
        "hh:mm": f"{moment.hour:02}:{moment.minute:02}",
    }
    return _TOKENS.sub(lambda found: parts[found[0]], code)


def excel(code: str) -> str:
    """The code as a workbook has it: what is no sign of a format stands in quotes there."""
    shape = number_format(code)
    if shape is None:
        return code
    digits = ("#,##0" if shape.grouped else "0") + (f".{'0' * shape.places}" if shape.places else "")
    prefix = f'"{shape.prefix}"' if shape.prefix else ""
    suffix = shape.suffix if shape.percent or not shape.suffix else f'"{shape.suffix}"'
    return prefix + digits + suffix
