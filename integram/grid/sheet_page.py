"""The first picture of a sheet: rows for reading without JavaScript, and the configuration of the live grid."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integram.grid import column_widths, first_rows, question, wire
from integram.grid.live.seal import seal
from integram.grid.question import Question
from integram.grid.templatetags.interface import sprite_url
from integram.grid.words import sheet_words
from qdm.access import Access, Action
from qdm.query.ast import Query
from qdm.schema import Term
from qdm.selectors import changes, records

FIRST_ROWS = 50
#: Up to here the number of rows is counted exactly; a sheet needs it for its scroll bar.
COUNTED = 20_000_000
#: Cells that one gesture may touch.
MOST_CELLS = 50_000
#: Pages a sheet asks by address, as they are named in ``urls``.
_ADDRESSES = ("rows", "batch", "undo", "widths", "find", "find-count")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What templates/sheet/sheet.html draws; ``config`` goes to the browser as JSON.

    ``next``, ``previous``: addresses of the pages beside this one; ``keep``: parameters that a new search keeps.
    """

    columns: list[Json]
    lines: tuple[first_rows.Line, ...]
    config: Json
    total: int
    search: str
    next: str | None
    previous: str | None
    keep: dict[str, str]
    can: dict[str, bool]


def build(request: HttpRequest, access: Access, term: Term, *, parent: int | None = None) -> Sheet:
    """The sheet of a table, or of the sub-rows of ``parent``, as the address asks for it.

    A page in the middle (``after`` or ``before`` a cursor) knows no row numbers: the live grid starts at the top.
    """
    asked = question.read(term, request.GET, limit=FIRST_ROWS, up=parent, access=access)
    point = changes.point(access=access)
    found = records.page(term.id, asked.query, access=access)
    counted = total(term.id, asked.query, access)
    columns = wire.columns(term, access, column_widths.of_sheet(request.session, access.workspace, term.id))
    rows = [wire.row(record, term) for record in found.records]
    at_top = asked.query.after is None and asked.query.before is None
    urls = _urls(access.workspace, term.id)
    can = {str(action): access.can(action, term.id) for action in Action}
    config: Json = {
        "language": get_language() or "ru",
        "nonce": getattr(request, "csp_nonce", ""),
        "icons": sprite_url(),
        "urls": urls,
        "can": can,
        "columns": columns,
        "rowNumberWidth": max(44, 20 + 8 * len(str(counted["total"]))),
        "sorts": [{"column": column, "descending": down} for column, down in asked.sorts],
        "search": asked.search,
        "parent": asked.query.up,
        "mostCells": MOST_CELLS,
        "window": counted | {"offset": 0, "rows": rows} if at_top else None,
        "live": _live(access, term.id, [record.id for record in found.records], point),
        "words": sheet_words(),
    }
    address = _address(asked)
    return Sheet(
        columns=[column | _heading(column["id"], asked) for column in columns],
        lines=first_rows.lines(term, columns, rows, urls["record"], numbered=at_top),
        config=config,
        total=counted["total"],
        search=asked.search,
        next="?" + urlencode(address | {"after": found.next}) if found.next else None,
        previous="?" + urlencode(address | {"before": found.previous}) if found.previous else None,
        keep={name: value for name, value in address.items() if name != "q"},
        can=can,
    )


def _live(access: Access, term_id: int, ids: list[int], point: str) -> Json:
    """What the sheet's socket needs: where it is, the point its rows are from, proof of having been given them."""
    return {
        "url": f"/w/{access.workspace}/t/{term_id}/live",
        "since": point,
        "have": ids,
        "seal": seal(access.actor.id or 0, access.workspace, term_id, ids),
        "words": {
            "changes": _("Rows have changed: load anew"),
            "structure": _("The columns have changed: open the table anew"),
            "meanwhile": _("%s changed this cell meanwhile."),
            "theirs": _("Take theirs"),
            "gone": _("This row is gone"),
        },
    }


def total(term_id: int, query: Query, access: Access) -> Json:
    """How many rows the question has: ``{"total", "kind"}``."""
    count = records.count(term_id, query, access=access, cap=COUNTED)
    return {"total": count.value, "kind": str(count.kind)}


def _urls(workspace: str, term_id: int) -> dict[str, str]:
    urls = {name: reverse(f"grid:{name}", args=[workspace, term_id]) for name in _ADDRESSES}
    return urls | {"record": reverse("grid:record", args=[workspace, term_id, 0])}


def _address(asked: Question) -> dict[str, str]:
    """The question as parameters of an address."""
    sort = ",".join(f"{'-' if down else ''}{column}" for column, down in asked.sorts)
    return {name: value for name, value in (("sort", sort), ("q", asked.search)) if value}


def _heading(column: int, asked: Question) -> dict[str, str]:
    """How the column is sorted, and where its link leads: ascending, then descending, then the table's own order."""
    present = next((down for sorted_, down in asked.sorts if sorted_ == column), None)
    address = {name: value for name, value in _address(asked).items() if name != "sort"}
    if not present:
        address["sort"] = str(column) if present is None else f"-{column}"
    state = "" if present is None else "descending" if present else "ascending"
    return {"sort_url": "?" + urlencode(address), "sorted": state}
