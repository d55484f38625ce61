"""Relative dates: ``@today``, ``@this_month``, ``@last_30_days`` in the place of a date, as of the day one asks.

A period is compared as the days it is made of: ``=`` means on one of them, ``<`` before the first, ``>`` after the
last. ``@last_N_days`` ends today, ``@next_N_days`` begins today; weeks begin on Monday.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.utils.translation import gettext as _

from qdm.errors import BadFilter
from qdm.query.ast import Compare, Filter, Not, Op, Or, with_tests
from qdm.query.parser import Variable

DAY = timedelta(days=1)
#: Days of the longest period that can be named by their number.
MOST_DAYS = 3660
_DAYS = re.compile(r"(last|next)_([1-9][0-9]{0,3})_days")


@dataclass(frozen=True, slots=True)
class Period:
    """Both days belong to it."""

    first: date
    last: date


def _day(shift: int) -> Callable[[date], Period]:
    def period(today: date) -> Period:
        return Period(today + shift * DAY, today + shift * DAY)

    return period


def _week(shift: int) -> Callable[[date], Period]:
    def period(today: date) -> Period:
        first = today - today.weekday() * DAY + 7 * shift * DAY
        return Period(first, first + 6 * DAY)

    return period


def _months(length: int, shift: int) -> Callable[[date], Period]:
    """Calendar periods of so many months: 1, a quarter's 3, a year's 12."""

    def period(today: date) -> Period:
        start = (today.year * 12 + today.month - 1) // length * length + shift * length
        return Period(_month(start), _month(start + length) - DAY)

    return period


def _month(number: int) -> date:
    return date(number // 12, number % 12 + 1, 1)


#: Name of the variable -> the period as of a day, in the order they are offered.
PERIODS: Mapping[str, Callable[[date], Period]] = {
    "today": _day(0),
    "yesterday": _day(-1),
    "tomorrow": _day(1),
    "this_week": _week(0),
    "last_week": _week(-1),
    "next_week": _week(1),
    "this_month": _months(1, 0),
    "last_month": _months(1, -1),
    "next_month": _months(1, 1),
    "this_quarter": _months(3, 0),
    "last_quarter": _months(3, -1),
    "this_year": _months(12, 0),
    "last_year": _months(12, -1),
}


def days(name: str) -> tuple[str, int] | None:
    """``last`` or ``next`` and the number of days of ``last_30_days``; None for another name."""
    match = _DAYS.fullmatch(name)
    if match is None or int(match[2]) > MOST_DAYS:
        return None
    return match[1], int(match[2])


def period(name: str, today: date) -> Period | None:
    """The days a variable stands for, None where it names no period."""
    if name in PERIODS:
        return PERIODS[name](today)
    if (counted := days(name)) is None:
        return None
    side, number = counted
    reach = (number - 1) * DAY
    return Period(today - reach, today) if side == "last" else Period(today, today + reach)


def resolved(item: Filter, today: date) -> Filter:
    """The filter with its periods as dates; other variables stay. Raises BadFilter."""
    return with_tests(item, lambda test: _compare(test, today) if isinstance(test, Compare) else test)


def _compare(item: Compare, today: date) -> Filter:
    if isinstance(item.value, tuple):
        ends = tuple(_period(one, today) for one in item.value)
        if not any(ends):
            return item
        if item.op is Op.IN:
            return Or(tuple(_compare(replace(item, op=Op.EQ, value=one), today) for one in item.value))
        low, high = (
            one if found is None else found for one, found in zip(item.value, ends, strict=True)
        )  # of BETWEEN: the parser gives it two values
        first = low.first.isoformat() if isinstance(low, Period) else low
        last = high.last.isoformat() if isinstance(high, Period) else high
        return replace(item, value=(first, last))
    found = _period(item.value, today)
    if found is None:
        return item
    first, last = found.first.isoformat(), found.last.isoformat()
    match item.op:
        case Op.EQ:
            return replace(item, op=Op.BETWEEN, value=(first, last))
        case Op.NE:
            return Not(replace(item, op=Op.BETWEEN, value=(first, last)))
        case Op.LT | Op.GE:
            return replace(item, value=first)
        case Op.LE | Op.GT:
            return replace(item, value=last)
    raise BadFilter(_("A period like @this_month can be compared with =, !=, <, <=, > and >=."))


def _period(value: object, today: date) -> Period | None:
    return period(value.name, today) if isinstance(value, Variable) else None
