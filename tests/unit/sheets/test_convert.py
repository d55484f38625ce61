"""A column converted at once is what its cells are one by one; nothing is damaged on the way."""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qdm.sheets.convert import Misfit, column_converter, converter, plain_text
from qdm.sheets.proposal import ColumnPlan
from qdm.types.base import BaseType

CELLS = st.one_of(
    st.none(),
    st.text(min_size=1),
    st.sampled_from(["1 234,50", "12 %", "007", "да", "31.12.2025", "#N/A", " ", "x\0y", "1e5", "5 ₽"]),
    st.integers(-(10**20), 10**20),
    st.floats(allow_nan=False, allow_infinity=False),
    st.booleans(),
    st.dates().map(lambda d: ["d", d.isoformat()]),
    st.datetimes().map(lambda d: ["t", d.replace(microsecond=0).isoformat()]),
    st.sampled_from([["e", "#N/A"], ["f", "=A1"]]),
)


def plan(base: BaseType, **more: Any) -> ColumnPlan:
    return ColumnPlan(0, "c", "c", base, **more)


@pytest.mark.parametrize("base", list(BaseType))
@given(cells=st.lists(CELLS))
def test_a_column_at_once_is_its_cells_one_by_one(base: BaseType, cells: list[Any]) -> None:
    column = plan(base)
    texts, misfits = column_converter(column)(cells)
    single = [None if cell is None else converter(column)(cell) for cell in cells]
    assert texts == [found.text if isinstance(found, Misfit) else found for found in single]
    assert [position for position, _misfit in misfits] == [n for n, c in enumerate(single) if isinstance(c, Misfit)]


@pytest.mark.parametrize("base", list(BaseType))
@given(cells=st.lists(CELLS))
def test_what_is_not_stored_is_a_problem_or_blank(base: BaseType, cells: list[Any]) -> None:
    texts, misfits = column_converter(plan(base))(cells)
    told = {position for position, _misfit in misfits}
    for position, (cell, text) in enumerate(zip(cells, texts, strict=True)):
        assert text is not None or cell is None or position in told or (isinstance(cell, str) and not cell.strip())


@given(number=st.floats(min_value=-1e15, max_value=1e15))
def test_numbers_of_a_sheet_are_stored_exactly(number: float) -> None:
    for base in (BaseType.NUMBER, BaseType.CHARS):
        (text,), _misfits = column_converter(plan(base))([number])
        assert text is not None
        assert float(text) == number or abs(number) < 1e-37
    (text,), _misfits = column_converter(plan(BaseType.NUMBER))([number])
    assert text is None or "e" not in text or Decimal(text)


@given(day=st.dates(), moment=st.datetimes())
def test_dates_of_a_sheet_are_stored_as_they_are(day: date, moment: datetime) -> None:
    texts, misfits = column_converter(plan(BaseType.DATE))([["d", day.isoformat()]])
    assert (texts, misfits) == ([day.isoformat()], [])
    texts, misfits = column_converter(plan(BaseType.DATETIME))([["t", moment.isoformat()], ["d", day.isoformat()]])
    assert (texts, misfits) == ([moment.isoformat(), f"{day.isoformat()}T00:00:00"], [])


@pytest.mark.parametrize("text", ["007", "+7 (900) 123-45-67", "1234567890123456", "5 $"])
def test_a_number_column_does_not_damage_what_is_no_number(text: str) -> None:
    texts, misfits = column_converter(plan(BaseType.NUMBER, unit="₽"))([text])
    assert (texts, len(misfits)) == ([text], 1)


def test_numbers_as_text() -> None:
    assert plain_text(42.0, plan(BaseType.CHARS)) == "42"
    assert plain_text(123.0, plan(BaseType.CHARS, zeros=6)) == "000123"
    assert plain_text(1e20, plan(BaseType.CHARS)) == "100000000000000000000"
    assert plain_text(True, plan(BaseType.CHARS)) == "ИСТИНА"
