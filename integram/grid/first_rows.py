"""The first rows of a sheet as text, for reading without JavaScript; the live grid shows the same."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integram.grid import reading_locale
from qdm.schema import Term
from qdm.types import presentation
from qdm.types.base import BaseType


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell as text.

    ``css``: its classes; ``tick``: '1', '0' or '' of a yes-or-no column, else None; ``chip``: it is a single link.
    """

    text: str
    css: str
    tick: str | None = None
    chip: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One row. ``number``: its place from 1, None where the page does not begin at the first row."""

    id: int
    number: int | None
    url: str
    cells: tuple[Cell, ...]


def lines(
    term: Term,
    columns: Sequence[dict[str, Any]],
    rows: Sequence[list[Any]],
    record_url: str,
    *,
    shown: Sequence[int],
    numbered: bool,
    painted: Mapping[tuple[int, int], str],
) -> tuple[Line, ...]:
    """``columns`` and ``rows`` of the wire, ``shown``: places of the columns to show, in their order; ``record_url``:
    address of the record 0; ``painted``: colours by record and column."""
    bases = (term.base, *(requisite.base for requisite in term.cells))
    return tuple(
        Line(
            record_id,
            at if numbered else None,
            record_url.replace("/0/", f"/{record_id}/"),
            tuple(
                _cell(values[place], columns[place], bases[place], painted.get((record_id, columns[place]["id"])))
                for place in shown
            ),
        )
        for at, (record_id, _version, values) in enumerate(rows, 1)
    )


def _cell(value: Any, column: Mapping[str, Any], base: BaseType, colour: str | None) -> Cell:
    kind, code = column["type"], column.get("format")
    css = f"t-{kind}" + (f" a-{column['align']}" if "align" in column else "") + (f" c-{colour}" if colour else "")
    if kind == "boolean" and (value is None or isinstance(value, str)):
        return Cell(text(value, base), css, value or "")
    if isinstance(value, dict) and "bad" in value:
        css += " bad"
    return Cell(text(value, base, code), css, chip=isinstance(value, dict) and "id" in value)


def text(value: Any, base: BaseType, code: str | None = None) -> str:
    """A value of the wire as people read it; ``code``: the format of its column."""
    match value:
        case None:
            return ""
        case str():
            return presentation.display(value, base, code, reading_locale.current())
        case list():
            return ", ".join(text(item, base, code) for item in value)
        case {"bad": bad}:
            return str(bad)
        case {"label": label}:
            return str(label)
        case _:
            return _("no access")
