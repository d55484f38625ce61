"""The first picture of a sheet: rows for reading without JavaScript, and the configuration of the live grid."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from integram.grid import (
    acts,
    colouring,
    filter_tree,
    filter_words,
    first_rows,
    grouped,
    presenting,
    question,
    reading_locale,
    sentence,
    slowness,
    wire,
)
from integram.grid.live.seal import seal
from integram.grid.presenting import Presented
from integram.grid.templatetags.interface import sprite_url
from integram.grid.view_words import view_words
from integram.grid.words import sheet_words
from qdm.access import Access, Action
from qdm.query.ast import EVERYTHING, Query
from qdm.record import CountKind
from qdm.schema import Term
from qdm.selectors import changes, records, views
from qdm.types import presentation
from qdm.view_spec import layout_from_plain

FIRST_ROWS = 50
#: Up to here a page counts its rows before it is shown; more are counted when it is there.
COUNTED_AT_ONCE = records.CAP
#: Up to here the number of rows is counted exactly; a sheet needs it for its scroll bar.
COUNTED = 20_000_000
#: Cells that one gesture may touch.
MOST_CELLS = 50_000
#: Pages a sheet asks by address, as they are named in ``urls``.
_ADDRESSES = ("rows", "ladder", "batch", "undo", "layout", "asked", "groups", "totals", "find", "find-count")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sheet:
    """What templates/sheet/sheet.html draws; ``config`` goes to the browser as JSON.

    ``columns``: those shown, in their order. ``sentence``: what is shown, '' for all rows; ``slow``: why it takes
    long, '' where it does not. ``groups``: in the place of ``lines`` where rows are grouped. ``next``, ``previous``:
    addresses of the pages beside this one; ``keep``: parameters that a new search keeps; ``asked``: the question as an
    address; ``said``: the same beside the view that is open.
    """

    columns: list[Json]
    lines: tuple[first_rows.Line, ...]
    groups: tuple[grouped.Line, ...]
    more_groups: bool
    config: Json
    total: Json
    search: str
    sentence: str
    slow: str
    next: str | None
    previous: str | None
    keep: dict[str, str]
    asked: str
    said: str
    can: dict[str, bool]
    presented: Presented

    @property
    def rows(self) -> str:
        """How many, in words."""
        return sentence.number(self.total)


def build(request: HttpRequest, access: Access, term: Term, *, parent: int | None = None) -> Sheet:
    """The sheet of a table, or of the sub-rows of ``parent``, as the address asks for it.

    A page in the middle (``after`` or ``before`` a cursor) knows no row numbers: the live grid starts at the top.
    """
    presented = presenting.read(request, term, access, limit=FIRST_ROWS, up=parent)
    asked, layout = presented.asked, presented.layout
    point = changes.point(access=access)
    found = records.page(term.id, asked.query, access=access)
    counted = total(term.id, asked.query, access)
    columns = wire.columns(term, access, layout.widths)
    rows = [wire.row(record, term) for record in found.records]
    at_top = asked.query.after is None and asked.query.before is None
    urls = _urls(access.workspace, term.id)
    can = {str(action): access.can(action, term.id) for action in Action}
    if can[Action.MANAGE]:
        urls["insert"] = reverse("grid:column-create", args=[access.workspace, term.id])
    places = {column["id"]: place for place, column in enumerate(columns)}
    order = layout.arranged(list(places))
    shown = [places[column] for column in order if column not in layout.hidden] or [0]
    config: Json = {
        "language": get_language() or "ru",
        "months": presentation.MONTHS[reading_locale.current().language],
        "nonce": getattr(request, "csp_nonce", ""),
        "icons": sprite_url(),
        "urls": urls,
        "can": can,
        "columns": columns,
        "layout": {
            "order": order,
            "hidden": sorted(layout.hidden),
            "frozen": layout.frozen,
            "colours": colouring.as_wire(layout.colours, term, access),
            "totals": layout.totals,
        },
        "rowNumberWidth": max(44, 20 + 8 * len(str(counted["total"] if _is_exact(counted) else COUNTED))),
        "sorts": [{"column": column, "descending": down} for column, down in asked.sorts],
        "search": asked.search,
        "filter": question.text_of(asked.filter),
        "tree": filter_tree.of(asked.filter, term, access),
        "groups": list(asked.groups),
        "view": presented.view.pk if presented.view is not None else 0,
        "saved": presented.saved_said,
        "opensWithView": views.first(presented.views) is not None,
        "vocabulary": filter_words.vocabulary(),
        "parent": asked.query.up,
        "acts": _acts(request, term, access),
        "mostCells": MOST_CELLS,
        "window": counted | {"offset": 0, "rows": rows} if at_top else None,
        "live": live(access, term.id, [record.id for record in found.records], point),
        "words": sheet_words() | view_words(),
    }
    said = presented.said
    in_order = [columns[place] for place in shown]
    groups, more_groups = grouped.lines(presented, in_order, term, access) if asked.groups else ((), False)
    return Sheet(
        columns=[column | _heading(column["id"], presented) for column in in_order],
        groups=groups,
        more_groups=more_groups,
        lines=first_rows.lines(
            term,
            columns,
            rows,
            urls["record"],
            shown=shown,
            numbered=at_top,
            painted=colouring.paint(layout.colours, list(places), [r.id for r in found.records], term, access),
        ),
        config=config,
        total=counted,
        search=asked.search,
        sentence=sentence.of(asked, term, access, counted, everything(term.id, asked, access)),
        slow=slowness.said(term.id, asked.query, access),
        next="?" + urlencode(said | {"after": found.next}) if found.next and not groups else None,
        previous="?" + urlencode(said | {"before": found.previous}) if found.previous and not groups else None,
        keep={name: value for name, value in said.items() if name != "q"},
        asked=urlencode(asked.address),
        said=urlencode(said),
        can=can,
        presented=presented,
    )


def live(access: Access, term_id: int, ids: list[int], point: str) -> Json:
    """What a page needs for the table's socket: where it is, the point its rows are from, proof of having got them."""
    return {
        "url": f"/w/{access.workspace}/t/{term_id}/live",
        "since": point,
        "have": ids,
        "seal": seal(access.actor.id or 0, access.workspace, term_id, ids),
        "words": {
            "changes": _("Rows have changed: load anew"),
            "structure": _("The columns have changed: open the table anew"),
            "meanwhile": _("%s changed this cell meanwhile."),
            "mine": _("Mine"),
            "theirs": _("Theirs"),
            "gone": _("This row is gone"),
        },
    }


def total(term_id: int, query: Query, access: Access, *, at_once: bool = True) -> Json:
    """How many rows the question has: ``{"total", "kind"}``; ``at_once``: exactly only where that takes no time."""
    count = records.count(term_id, query, access=access, cap=COUNTED_AT_ONCE if at_once else COUNTED)
    return {"total": count.value, "kind": str(count.kind)}


def everything(term_id: int, asked: question.Question, access: Access) -> Json | None:
    """How many rows there are without the filter; None where there is none, or where nothing is known but that they
    are many."""
    if asked.filter == EVERYTHING and not asked.search:
        return None
    found = total(term_id, Query(up=asked.query.up), access)
    return None if found["kind"] == CountKind.CAPPED else found


def _is_exact(counted: Json) -> bool:
    return bool(counted["kind"] == CountKind.EXACT)


def _urls(workspace: str, term_id: int) -> dict[str, str]:
    urls = {name: reverse(f"grid:{name}", args=[workspace, term_id]) for name in _ADDRESSES}
    urls["values"] = reverse("grid:values", args=[workspace, term_id, 0])
    urls["colours"] = reverse("grid:column-colours", args=[workspace, term_id, 0])
    return urls | {"record": reverse("grid:record", args=[workspace, term_id, 0])}


def _acts(request: HttpRequest, term: Term, access: Access) -> list[Json]:
    """What was done by forms, colours with their tests."""
    return [
        one | {"colours": colouring.as_wire(layout_from_plain(one).within(_known(term)).colours, term, access)}
        if "colours" in one
        else one
        for one in acts.of_sheet(request.session, access.workspace, term.id)
    ]


def _known(term: Term) -> frozenset[int]:
    return frozenset({term.id, *term.by_id})


def _heading(column: int, presented: Presented) -> dict[str, str]:
    """How the column is sorted, and where its link leads: ascending, then descending, then the table's own order."""
    present = next((down for sorted_, down in presented.asked.sorts if sorted_ == column), None)
    sort = "" if present else str(column) if present is None else f"-{column}"
    state = "" if present is None else "descending" if present else "ascending"
    return {"sort_url": "?" + urlencode(presented.said_with(sort=sort)), "sorted": state}
