"""Python's codecs and PostgreSQL's casts read every canonical text the same way."""

import math
import uuid
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdm.errors import InvalidValue
from qdm.types import codec
from qdm.types.base import BaseType, Locale

pytestmark = pytest.mark.django_db
RU = Locale()

CASTS = {
    BaseType.NUMBER: "select qdm.to_number(%s)",
    BaseType.FLOAT: "select qdm.to_float(%s)",
    BaseType.DATE: "select qdm.to_date(%s)",
    BaseType.DATETIME: "select qdm.to_timestamp(%s)",
    BaseType.BOOLEAN: "select qdm.to_boolean(%s)",
    BaseType.UUID: "select qdm.to_uuid(%s)",
}
READ: dict[BaseType, Callable[[str], Any]] = {
    BaseType.NUMBER: Decimal,
    BaseType.FLOAT: float,
    BaseType.DATE: date.fromisoformat,
    BaseType.DATETIME: datetime.fromisoformat,
    BaseType.BOOLEAN: lambda text: text == "1",
    BaseType.UUID: uuid.UUID,
}
_digits = st.text("0123456789", min_size=1, max_size=40)
TYPED = {
    BaseType.NUMBER: st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**29), max_value=10**29),
        st.builds("{}{}.{}".format, st.sampled_from(["", "-", "+"]), _digits, _digits),
        st.integers(),
        st.floats(allow_nan=False),
    ),
    BaseType.FLOAT: st.one_of(
        st.floats(), st.integers(), st.builds("{}e{}".format, st.integers(), st.integers(-330, 330))
    ),
    BaseType.DATE: st.one_of(st.dates(), st.dates().map(lambda d: f"{d.day}.{d.month}.{d.year:04}")),
    BaseType.DATETIME: st.one_of(st.datetimes(), st.datetimes(timezones=st.timezones()), st.dates()),
    BaseType.BOOLEAN: st.sampled_from([True, False, "да", "нет", "x", 0, 1.0]),
    BaseType.UUID: st.one_of(st.uuids(), st.uuids().map(lambda u: u.hex.upper())),
}
TEXTS = st.one_of(
    st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    st.from_regex(r"\A[-0-9.:TeE +]{1,30}\Z"),
)


def cast(base: BaseType, text: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(CASTS[base], [text])
        return cursor.fetchone()[0]


def plain_cast(base: BaseType, text: str) -> Any:
    """As a projection gets it from a loader that promises canonical texts."""
    with connection.cursor() as cursor:
        cursor.execute(f"select %s::text::{codec(base).sql_type}", [text])
        return cursor.fetchone()[0]


@pytest.mark.parametrize("base", CASTS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(data=st.data())
def test_what_the_codec_writes_the_database_reads(base: BaseType, data: st.DataObject) -> None:
    raw = data.draw(TYPED[base])
    try:
        text = codec(base).parse(raw, RU)
    except InvalidValue:
        return
    assert text is not None
    value = cast(base, text)
    assert value is not None, text
    assert value == READ[base](text)
    assert value == plain_cast(base, text)
    # and what the projection gives back is the text that was stored
    if base is not BaseType.FLOAT or math.isfinite(value):
        assert codec(base).parse(value, RU) == text


@pytest.mark.parametrize("base", CASTS)
@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.one_of(
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
        st.from_regex(r"\A[-0-9.:TeE +]{1,30}\Z"),
    )
)
def test_any_text_is_read_or_null_and_never_an_error(base: BaseType, text: str) -> None:
    value = cast(base, text)
    if value is not None:
        canonical = codec(base).parse(value, RU)
        assert canonical is not None
        assert cast(base, canonical) == value


@pytest.mark.parametrize("base", list(BaseType))
def test_the_column_types_are_the_same(base: BaseType) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select qdm.sql_type(%s)", [int(base)])
        assert cursor.fetchone()[0].removesuffix(" without time zone") == codec(base).sql_type
