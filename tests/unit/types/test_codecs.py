"""What people type becomes canonical text, and an error names the value."""

import uuid
from contextlib import suppress
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.conf import settings
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from qdm.errors import InvalidValue
from qdm.types import codec
from qdm.types.base import BaseType, Locale

RU = Locale("ru", day_first=True)
EN = Locale("en", day_first=True)
US = Locale("en", day_first=False)
N, F, D, DT, B, U, C = (
    BaseType.NUMBER,
    BaseType.FLOAT,
    BaseType.DATE,
    BaseType.DATETIME,
    BaseType.BOOLEAN,
    BaseType.UUID,
    BaseType.CHARS,
)


@pytest.mark.parametrize(
    ("base", "raw", "locale", "canonical"),
    [
        (N, "1 234,50", RU, "1234.50"),
        (N, "1\u00a0234,50", RU, "1234.50"),
        (N, "1\u202f234\u202f567", RU, "1234567"),
        (N, "1\u2009234", EN, "1234"),
        (N, "\u22125", RU, "-5"),
        (N, "12 %", RU, "0.12"),
        (N, "12,5%", RU, "0.125"),
        (N, "1 234,50 ₽", RU, "1234.50"),
        (N, "99 руб.", RU, "99"),
        (N, "$1,234.50", EN, "1234.50"),
        (N, "1,234", EN, "1234"),
        (N, "1,234", RU, "1.234"),
        (N, "1.234", RU, "1.234"),
        (N, "1.234,5", EN, "1234.5"),
        (N, "1.234.567", RU, "1234567"),
        (N, "1,5", EN, "1.5"),
        (N, "0,123", EN, "0.123"),
        (N, ".5", EN, "0.5"),
        (N, "5,", RU, "5"),
        (N, "007", RU, "7"),
        (N, "-0,00", RU, "0.00"),
        (N, "+7", RU, "7"),
        (N, "1e5", RU, "100000"),
        (N, "  7 ", RU, "7"),
        (N, "9" * 38, RU, "9" * 38),
        (N, 42, RU, "42"),
        (N, 42.0, RU, "42"),
        (N, 0.1, RU, "0.1"),
        (N, 1e21, RU, "1000000000000000000000"),
        (N, Decimal("1234.50"), RU, "1234.50"),
        (N, "", RU, None),
        (N, "  ", RU, None),
        (N, None, RU, None),
        (F, "1 234,50", RU, "1234.5"),
        (F, "1e300", RU, "1e+300"),
        (F, 100.0, RU, "100"),
        (F, -0.0, RU, "0"),
        (F, 3, RU, "3"),
        (D, "31.12.2025", RU, "2025-12-31"),
        (D, "1.2.25", RU, "2025-02-01"),
        (D, "1.2.70", RU, "1970-02-01"),
        (D, "31.12.2025 г.", RU, "2025-12-31"),
        (D, "02/01/2025", EN, "2025-01-02"),
        (D, "02/01/2025", US, "2025-02-01"),
        (D, "31.12.2025", US, "2025-12-31"),
        (D, "2025-12-31", US, "2025-12-31"),
        (D, "2025/1/2", RU, "2025-01-02"),
        (D, "31 декабря 2025 г.", RU, "2025-12-31"),
        (D, "9 мая 2025", RU, "2025-05-09"),
        (D, "1 марта 2025", RU, "2025-03-01"),
        (D, "Dec 31, 2025", EN, "2025-12-31"),
        (D, "31-Dec-2025", EN, "2025-12-31"),
        (D, "2025-12-31T00:00:00", EN, "2025-12-31"),
        (D, date(2025, 12, 31), RU, "2025-12-31"),
        (D, datetime(2025, 12, 31), RU, "2025-12-31"),
        (DT, "31.12.2025 13:45", RU, "2025-12-31T13:45:00"),
        (DT, "31.12.2025, 9:05:01", RU, "2025-12-31T09:05:01"),
        (DT, "2025-12-31T13:45:00", RU, "2025-12-31T13:45:00"),
        (DT, "2025-12-31 13:45:00.25", RU, "2025-12-31T13:45:00.250000"),
        (DT, "12/31/2025 1:45 PM", US, "2025-12-31T13:45:00"),
        (DT, "31.12.2025", RU, "2025-12-31T00:00:00"),
        (DT, date(2025, 12, 31), RU, "2025-12-31T00:00:00"),
        (B, "да", RU, "1"),
        (B, "Ложь", RU, "0"),
        (B, "TRUE", EN, "1"),
        (B, "вкл", RU, "1"),
        (B, "x", RU, "1"),
        (B, "0", RU, "0"),
        (B, True, RU, "1"),
        (B, 0, RU, "0"),
        (B, 1.0, RU, "1"),
        (B, " ", RU, None),
        (U, "123E4567-E89B-12D3-A456-426614174000", RU, "123e4567-e89b-12d3-a456-426614174000"),
        (U, "{123e4567e89b12d3a456426614174000}", RU, "123e4567-e89b-12d3-a456-426614174000"),
        (U, uuid.UUID(int=1), RU, str(uuid.UUID(int=1))),
        (C, " 000123 ", RU, " 000123 "),
        (C, "е\u0301", RU, "е\u0301"),
        (C, 42.0, RU, "42"),
        (C, True, RU, "true"),
        (C, "", RU, None),
    ],
)
def test_what_people_type_becomes_canonical(base: BaseType, raw: object, locale: Locale, canonical: str | None) -> None:
    assert codec(base).parse(raw, locale) == canonical


@pytest.mark.parametrize(
    ("base", "raw"),
    [
        pytest.param(N, 10**5000, id="huge int as number"),
        pytest.param(F, 10**5000, id="huge int as float"),
        pytest.param(C, 10**5000, id="huge int as text"),
        (D, "1 Marigold 2025"),
        (N, "abc"),
        (N, "12 34"),
        (N, "1 23"),
        (N, "1,2,3"),
        (N, "--5"),
        (N, "$5 ₽"),
        (N, "٣"),
        (N, "1e999"),
        (N, "1e-999"),
        (N, "9" * 39),
        (N, "1" * 100_000),
        (N, 1e300),
        (N, float("nan")),
        (N, Decimal("Infinity")),
        (N, True),
        (N, [1]),
        (F, float("inf")),
        (F, "1e999"),
        (F, "nan"),
        (F, 5e-324),
        (F, 1.7e308),
        (D, "31.02.2025"),
        (D, "31.12.2025 13:45"),
        (D, "31/31/2025"),
        (D, "0000-01-01"),
        (D, 45000),
        (D, "31 брюмера 2025"),
        (DT, "31.12.2025 25:00"),
        (DT, "31.12.2025 13:45 +99:00"),
        (DT, "9999-12-31T23:59:59-23:00"),
        (DT, "0001-01-01T00:00:00+23:00"),
        (DT, "13:45"),
        (B, "может быть"),
        (B, 2),
        (B, "2"),
        (U, "123e4567-e89b-12d3-a456"),
        (U, "12-3e4567e89b12d3a456426614174000"),
        (C, "a\0b"),
        (C, "\ud800"),
        (C, ["a"]),
        (C, {"a": 1}),
        (C, b"a"),
    ],
)
def test_what_does_not_fit_is_refused(base: BaseType, raw: object) -> None:
    with pytest.raises(InvalidValue):
        codec(base).parse(raw, RU)


def test_an_error_names_the_value_and_what_was_expected() -> None:
    with override("en"), pytest.raises(InvalidValue) as caught:
        codec(N).parse("двенадцать" * 20, EN)
    assert "двенадцать" in str(caught.value)
    assert "1234.50" in str(caught.value)
    assert len(str(caught.value)) < 220


def test_an_offset_is_converted_to_the_wall_clock_of_the_site(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "TIME_ZONE", "Europe/Moscow")
    assert codec(DT).parse("2025-12-31T13:45:00Z", RU) == "2025-12-31T16:45:00"
    assert codec(DT).parse("2025-12-31 13:45 +0500", RU) == "2025-12-31T11:45:00"
    aware = datetime(2025, 7, 1, 12, tzinfo=timezone(timedelta(hours=-4)))
    assert codec(DT).parse(aware, RU) == "2025-07-01T19:00:00"


@pytest.mark.parametrize(
    ("base", "canonical", "ru", "us"),
    [
        (N, "1234567.50", "1\u00a0234\u00a0567,50", "1,234,567.50"),
        (N, "2025", "2025", "2025"),
        (N, "-0.5", "-0,5", "-0.5"),
        (F, "1e+300", "1e+300", "1e+300"),
        (F, "1.5e-07", "1,5e-07", "1.5e-07"),
        (D, "2025-12-31", "31.12.2025", "12/31/2025"),
        (DT, "2025-12-31T13:45:00", "31.12.2025 13:45", "12/31/2025 13:45"),
        (DT, "2025-12-31T13:45:01", "31.12.2025 13:45:01", "12/31/2025 13:45:01"),
        (B, "1", "да", "yes"),
        (BaseType.PWD, "secret", "••••••", "••••••"),
        (N, "abc", "abc", "abc"),
        (D, "abc", "abc", "abc"),
    ],
)
def test_canonical_text_is_shown_in_the_users_way(base: BaseType, canonical: str, ru: str, us: str) -> None:
    assert codec(base).display(canonical, RU) == ru
    assert codec(base).display(canonical, US) == us


_values = {
    N: st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**37), max_value=10**37, places=6),
    F: st.floats(min_value=-1e307, max_value=1e307, allow_subnormal=False).filter(lambda x: x == 0 or abs(x) > 1e-307),
    D: st.dates(),
    DT: st.datetimes(),
    B: st.booleans(),
    U: st.uuids(),
}


@pytest.mark.parametrize("base", _values)
@given(data=st.data(), locale=st.sampled_from([RU, EN, US]))
def test_what_is_shown_can_be_typed_again(base: BaseType, data: st.DataObject, locale: Locale) -> None:
    canonical = codec(base).parse(data.draw(_values[base]), locale)
    assert canonical is not None
    assert codec(base).parse(canonical, locale) == canonical
    assert codec(base).parse(codec(base).display(canonical, locale), locale) == canonical


@pytest.mark.parametrize("base", list(BaseType))
@given(raw=st.one_of(st.text(), st.integers(), st.floats(), st.booleans(), st.none(), st.lists(st.text())))
def test_any_input_is_stored_or_refused_in_words(base: BaseType, raw: object) -> None:
    canonical = None
    with suppress(InvalidValue):
        canonical = codec(base).parse(raw, RU)
    assert canonical is None or (canonical and "\0" not in canonical)
