"""Relative dates are the days they name, as of the day one asks."""

from datetime import date

import pytest

from qdm.errors import BadFilter
from qdm.query.ast import And, Compare, Not, Op, Or
from qdm.query.parser import Variable, parse, render
from qdm.query.periods import Period, period, resolved

TUESDAY = date(2026, 11, 24)


@pytest.mark.parametrize(
    ("name", "first", "last"),
    [
        ("today", date(2026, 11, 24), date(2026, 11, 24)),
        ("yesterday", date(2026, 11, 23), date(2026, 11, 23)),
        ("tomorrow", date(2026, 11, 25), date(2026, 11, 25)),
        ("this_week", date(2026, 11, 23), date(2026, 11, 29)),
        ("last_week", date(2026, 11, 16), date(2026, 11, 22)),
        ("next_week", date(2026, 11, 30), date(2026, 12, 6)),
        ("this_month", date(2026, 11, 1), date(2026, 11, 30)),
        ("last_month", date(2026, 10, 1), date(2026, 10, 31)),
        ("next_month", date(2026, 12, 1), date(2026, 12, 31)),
        ("this_quarter", date(2026, 10, 1), date(2026, 12, 31)),
        ("last_quarter", date(2026, 7, 1), date(2026, 9, 30)),
        ("this_year", date(2026, 1, 1), date(2026, 12, 31)),
        ("last_year", date(2025, 1, 1), date(2025, 12, 31)),
        ("last_7_days", date(2026, 11, 18), date(2026, 11, 24)),
        ("next_1_days", date(2026, 11, 24), date(2026, 11, 24)),
    ],
)
def test_a_period_is_the_days_it_names(name: str, first: date, last: date) -> None:
    assert period(name, TUESDAY) == Period(first, last)


def test_the_turn_of_the_year_and_a_leap_day_are_no_exception() -> None:
    assert period("next_month", date(2026, 12, 31)) == Period(date(2027, 1, 1), date(2027, 1, 31))
    assert period("this_month", date(2024, 2, 29)) == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert period("this_week", date(2027, 1, 1)) == Period(date(2026, 12, 28), date(2027, 1, 3))


@pytest.mark.parametrize("name", ["me", "someday", "last_0_days", "last_99999_days"])
def test_other_names_are_no_periods(name: str) -> None:
    assert period(name, TUESDAY) is None


def test_a_period_is_compared_as_the_days_it_is_made_of() -> None:
    def asked(text: str) -> object:
        return resolved(parse(text), TUESDAY)

    assert asked("#7 = @this_month") == Compare(7, Op.BETWEEN, ("2026-11-01", "2026-11-30"))
    assert asked("#7 != @today") == Not(Compare(7, Op.BETWEEN, ("2026-11-24", "2026-11-24")))
    assert asked("#7 < @this_month") == Compare(7, Op.LT, "2026-11-01")
    assert asked("#7 <= @this_month") == Compare(7, Op.LE, "2026-11-30")
    assert asked("#7 > @this_month") == Compare(7, Op.GT, "2026-11-30")
    assert asked("#7 between @last_month and 2026-11-05") == Compare(7, Op.BETWEEN, ("2026-10-01", "2026-11-05"))
    assert asked("#7 in (@today, @tomorrow)") == Or(
        (
            Compare(7, Op.BETWEEN, ("2026-11-24", "2026-11-24")),
            Compare(7, Op.BETWEEN, ("2026-11-25", "2026-11-25")),
        )
    )


def test_other_variables_stay_and_a_period_has_no_letters() -> None:
    item = And((Compare(7, Op.EQ, Variable("me")), Compare(8, Op.EQ, "x")))
    assert resolved(item, TUESDAY) == item
    with pytest.raises(BadFilter):
        resolved(parse("#7 contains @today"), TUESDAY)


@pytest.mark.parametrize("text", ["#7 = #15", "#7 in (#15, Казань)", "#7 is bad", "not (#7 is bad)", "#7 = bad"])
def test_ids_of_rows_and_misfits_are_said_and_read_back(text: str) -> None:
    assert render(parse(text)) == text
