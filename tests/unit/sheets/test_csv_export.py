"""A CSV is written column by column; each cell is what it would be alone."""

from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qdm.record import Bad, Link
from qdm.sheets.export.delimited import Delimited
from qdm.sheets.export.layout import Column
from qdm.types import codec
from qdm.types.base import BaseType, Locale

RU = Locale("ru")
LIKELY = ["", "a", "=1+1", "'=x", "+7 900 000-00-00", "-5", "@x", "\tx", "a;b", 'a"b', "a\nb"]
CELLS = {
    BaseType.CHARS: st.sampled_from(LIKELY),
    BaseType.NUMBER: st.decimals(allow_nan=False, allow_infinity=False, places=3).map(lambda d: format(d, "f")),
    BaseType.DATE: st.dates(min_value=date(1000, 1, 1)).map(date.isoformat),
    BaseType.DATETIME: st.datetimes(min_value=datetime(1000, 1, 1)).map(
        lambda m: m.replace(microsecond=m.microsecond // 1000 * 1000 if m.second % 2 else 0).isoformat()
    ),
    BaseType.BOOLEAN: st.sampled_from(["0", "1"]),
}
OTHER = st.sampled_from([None, Bad("=плохо"), Link(1, "Ссылка"), Link(2, None), ("a", "b;c")])


def written(base: BaseType, cells: Sequence[Any], path: Path) -> str:
    """The lines of one column, in chunks as they come."""
    sink = Delimited(path, "Т", [Column("Имя", base, lambda record: None)], RU)
    for at in range(0, len(cells), 3):
        sink.write([[cell] for cell in cells[at : at + 3]])
    sink.close()
    return path.read_text(encoding="utf-8-sig").removeprefix("Имя\n")


@pytest.mark.parametrize("base", CELLS)
@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_a_cell_does_not_depend_on_its_neighbours(
    base: BaseType, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    cells = data.draw(st.lists(st.one_of(CELLS[base], CELLS[base], OTHER), max_size=7))
    path = tmp_path_factory.getbasetemp() / "a.csv"
    assert written(base, cells, path) == "".join(written(base, [cell], path) for cell in cells)


@settings(deadline=None)
@given(cell=CELLS[BaseType.DATETIME])
def test_a_moment_is_written_as_it_is_displayed(cell: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.getbasetemp() / "a.csv"
    assert written(BaseType.DATETIME, [cell], path).rstrip("\n") == codec(BaseType.DATETIME).display(cell, RU)


def test_no_rows_are_no_lines(tmp_path: Path) -> None:
    assert written(BaseType.CHARS, [], tmp_path / "a.csv") == ""
