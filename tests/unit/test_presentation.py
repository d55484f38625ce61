"""A column shows numbers and dates in its format, in the reader's language; what does not fit stays as it is."""

import pytest

from qdm.types import presentation
from qdm.types.base import BaseType, Locale

RU, EN = Locale("ru"), Locale("en")
NUMBER, FLOAT, DATE, DATETIME = BaseType.NUMBER, BaseType.FLOAT, BaseType.DATE, BaseType.DATETIME


@pytest.mark.parametrize(
    ("text", "code", "russian", "english"),
    [
        ("1234.567", "#,##0.00", "1\u00a0234,57", "1,234.57"),
        ("1234.565", "0.00", "1234,57", "1234.57"),
        ("-0.005", "0.00", "-0,01", "-0.01"),
        ("-0.001", "0.00", "0,00", "0.00"),
        ("0.1234", "0.0%", "12,3%", "12.3%"),
        ("7", "#,##0 ₽", "7\u00a0₽", "7\u00a0₽"),
        ("-1500", "$#,##0.00", "-$1\u00a0500,00", "-$1,500.00"),
        ("12345678901234567890123456789012345678.5", "0", "1" + "2345678901234567890123456789012345679", None),
        ("много", "0.00", "много", "много"),
    ],
)
def test_numbers(text: str, code: str, russian: str, english: str | None) -> None:
    assert presentation.display(text, NUMBER, code, RU) == russian
    assert presentation.display(text, NUMBER, code, EN) == (english or russian)


def test_a_double_of_three_hundred_digits_is_shown() -> None:
    assert len(presentation.display("1e+300", FLOAT, "0.00", RU)) == 304


@pytest.mark.parametrize(
    ("text", "base", "code", "russian", "english"),
    [
        ("2026-05-09", DATE, "d mmmm yyyy", "9 мая 2026", "9 May 2026"),
        ("2026-05-09", DATE, "mmmm yyyy", "май 2026", "May 2026"),
        ("2026-05-09", DATE, "yyyy-mm-dd", "2026-05-09", "2026-05-09"),
        ("2026-05-09T07:05:11", DATETIME, "dd.mm.yyyy hh:mm", "09.05.2026 07:05", "09.05.2026 07:05"),
        ("31.02", DATE, "yyyy", "31.02", "31.02"),
    ],
)
def test_dates(text: str, base: BaseType, code: str, russian: str, english: str) -> None:
    assert presentation.display(text, base, code, RU) == russian
    assert presentation.display(text, base, code, EN) == english


def test_only_codes_of_the_type_are_taken() -> None:
    assert all(presentation.fits(code, base) for base, codes in presentation.OFFERED.items() for code in codes)
    assert not presentation.fits("yyyy", NUMBER)
    assert not presentation.fits("0.00", DATE)
    assert not presentation.fits("0.00", BaseType.CHARS)
    for evil in ("[Red]0", "0;0", "#,##0.00000000000", "$0 €", "=1", "dd mm"):
        assert not presentation.fits(evil, NUMBER)
        assert not presentation.fits(evil, DATE)


def test_workbooks_have_signs_in_quotes() -> None:
    assert presentation.excel("#,##0.00 ₽") == '#,##0.00" ₽"'
    assert presentation.excel("$#,##0.00") == '"$"#,##0.00'
    assert presentation.excel("0.0%") == "0.0%"
    assert presentation.excel("d mmmm yyyy") == "d mmmm yyyy"
