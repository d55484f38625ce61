"""The first picture of a sheet: rows for reading without JavaScript, and the configuration of the live grid."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integram.grid import question, reading_locale, wire
from integram.grid.templatetags.interface import sprite_url
from integram.grid.words import sheet_words
from qdm.access import Access, Action
from qdm.query.ast import Query
from qdm.record import Record
from qdm.schema import Term
from qdm.selectors import records
from qdm.types.base import BaseType
from qdm.types.registry import codec

FIRST_ROWS = 50
#: Up to here the number of rows is counted exactly; a sheet needs it for its scroll bar.
COUNTED = 20_000_000
WIDTHS = "sheet_widths"
NARROWEST, WIDEST, REMEMBERED = 48, 1200, 200
MOST_CELLS = 50_000


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
    id: int
    number: int | None
    url: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What templates/sheet/sheet.html draws. ``config`` goes to the browser as JSON."""

    columns: list[dict[str, Any]]
    lines: tuple[Line, ...]
    config: dict[str, Any]
    total: int
    search: str
    next: str | None
    previous: str | None
    can_add: bool
    can_delete: bool
    can_manage: bool
    keep: dict[str, str]  #: parameters of the address that a new search keeps


def build(request: HttpRequest, access: Access, term: Term, *, parent: int | None = None) -> Sheet:
    """The sheet of a table, or of the sub-rows of ``parent``, as the address asks for it."""
    asked = question.read(term, request.GET, limit=FIRST_ROWS, up=parent)
    query = asked.query
    found = records.page(term.id, query, access=access)
    counted = total(term.id, query, access)
    columns = wire.columns(term, access, _widths(request.session, access.workspace, term.id))
    sort = ",".join(f"{'-' if down else ''}{column}" for column, down in asked.sorts)
    keep = {name: text for name, text in (("sort", sort),) if text}
    base = keep | ({"q": asked.search} if asked.search else {})
    first_page = query.after is None and query.before is None
    for column in columns:
        column["sort_url"] = "?" + urlencode(_with_sort(base, column["id"], asked.sorts))
        column["sorted"] = next(
            ("descending" if down else "ascending" for c, down in asked.sorts if c == column["id"]), ""
        )
    urls = _urls(access.workspace, term.id)
    config = {
        "language": get_language() or "ru",
        "nonce": getattr(request, "csp_nonce", ""),
        "icons": sprite_url(),
        "urls": urls,
        "can": {
            "add": access.can(Action.ADD, term.id),
            "change": access.can(Action.CHANGE, term.id),
            "delete": access.can(Action.DELETE, term.id),
        },
        "columns": columns,
        "rowNumberWidth": _number_width(counted["total"]),
        "sorts": [{"column": column, "descending": down} for column, down in asked.sorts],
        "search": asked.search,
        "parent": parent if parent is not None else query.up,
        "mostCells": MOST_CELLS,
        "window": counted | {"offset": 0, "rows": [wire.row(r, term) for r in found.records]} if first_page else None,
        "words": sheet_words(),
    }
    return Sheet(
        columns=columns,
        lines=tuple(_line(r, term, columns, urls, i if first_page else None) for i, r in enumerate(found.records, 1)),
        config=config,
        total=counted["total"],
        search=asked.search,
        next="?" + urlencode(base | {"after": found.next}) if found.next else None,
        previous="?" + urlencode(base | {"before": found.previous}) if found.previous else None,
        can_add=config["can"]["add"],
        can_delete=config["can"]["delete"],
        can_manage=access.can(Action.MANAGE, term.id),
        keep=keep,
    )


def total(term_id: int, query: Query, access: Access) -> dict[str, Any]:
    """How many rows the question has: ``{"total", "kind"}``."""
    count = records.count(term_id, query, access=access, cap=COUNTED)
    return {"total": count.value, "kind": str(count.kind)}


def remember_widths(session: SessionBase, workspace: str, term_id: int, sent: Any) -> None:
    """Keep the widths that are numbers a column can have; forget the longest unused sheets."""
    if not isinstance(sent, dict):
        return
    widths = {
        str(column): int(width)
        for column, width in list(sent.items())[:1000]
        if isinstance(width, int | float) and NARROWEST <= width <= WIDEST
    }
    held = session.get(WIDTHS, {})
    held.pop(f"{workspace}/{term_id}", None)
    held[f"{workspace}/{term_id}"] = widths
    session[WIDTHS] = dict(list(held.items())[-REMEMBERED:])


def _widths(session: SessionBase, workspace: str, term_id: int) -> Mapping[str, int]:
    found: Mapping[str, int] = session.get(WIDTHS, {}).get(f"{workspace}/{term_id}", {})
    return found


def _number_width(total: int) -> int:
    return max(44, 20 + 8 * len(str(total)))


def _urls(workspace: str, term_id: int) -> dict[str, str]:
    urls = {name: reverse(f"grid:{name}", args=[workspace, term_id]) for name in ("rows", "batch", "undo", "widths")}
    return urls | {"record": reverse("grid:record", args=[workspace, term_id, 0])}


def _with_sort(base: Mapping[str, str], column: int, sorts: tuple[tuple[int, bool], ...]) -> dict[str, str]:
    """Parameters of the link in a header: ascending, then descending, then the table's own order."""
    present = next((down for c, down in sorts if c == column), None)
    others = {name: text for name, text in base.items() if name != "sort"}
    if present is None:
        return others | {"sort": str(column)}
    return others if present else others | {"sort": f"-{column}"}


def _line(
    record: Record, term: Term, columns: list[dict[str, Any]], urls: Mapping[str, str], number: int | None
) -> Line:
    _id, _version, values = wire.row(record, term)
    bases = (term.base, *(r.base for r in term.cells))
    return Line(
        record.id,
        number,
        urls["record"].replace("/0/", f"/{record.id}/"),
        tuple(_cell(v, c["type"], base) for v, c, base in zip(values, columns, bases, strict=True)),
    )


def _cell(value: Any, kind: str, base: BaseType) -> Cell:
    css = f"t-{kind}"
    if kind == "boolean" and (value is None or isinstance(value, str)):
        return Cell(codec(base).display(value, reading_locale.current()) if value else "", css, value or "")
    if isinstance(value, dict) and "bad" in value:
        css += " bad"
    return Cell(text(value, base), css, chip=isinstance(value, dict) and "id" in value)


def text(value: Any, base: BaseType) -> str:
    """A value of the wire as people read it."""
    match value:
        case None:
            return ""
        case str():
            return codec(base).display(value, reading_locale.current())
        case list():
            return ", ".join(text(item, base) for item in value)
        case {"bad": bad}:
            return str(bad)
        case {"label": label}:
            return str(label)
        case _:
            return _("no access")


