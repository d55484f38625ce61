"""Where a row is mentioned, as its page shows it: a tab for each column that links to it, the rows of one by pages."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from integram.grid import record_form
from qdm.access import Access
from qdm.query.ast import Compare, Op, Query
from qdm.query.parser import render
from qdm.record import CountKind
from qdm.selectors import back_references, records
from qdm.selectors.back_references import BackReference

PAGE = 20
#: Parameters of the page's address: the column looked at, and the place in its rows.
COLUMN, AFTER, BEFORE = "mentioned", "mentioned_after", "mentioned_before"


@dataclass(frozen=True, slots=True)
class Mentions:
    """``tabs``: every column that links to the row, with counts; ``chosen`` the one whose ``rows`` are listed."""

    tabs: list[dict[str, Any]] = field(default_factory=list)
    chosen: dict[str, Any] | None = None
    rows: list[dict[str, str]] = field(default_factory=list)
    next: str | None = None
    previous: str | None = None


def of_row(term_id: int, record_id: int, address: Mapping[str, str], access: Access) -> Mentions:
    """Raises InvalidRequest for a place that is none."""
    tabs = [_tab(one, record_id, access) for one in back_references.of_record(term_id, record_id, access=access)]
    if not tabs:
        return Mentions()
    chosen = next((tab for tab in tabs if str(tab["id"]) == address.get(COLUMN)), tabs[0])
    place = address if COLUMN in address else {}
    referring = Compare(chosen["id"], Op.EQ, record_id)
    query = Query(filter=referring, limit=PAGE, after=place.get(AFTER), before=place.get(BEFORE))
    found = records.page(chosen["term"].id, query, access=access)
    rows = [
        {
            "title": record_form.title(chosen["term"], one),
            "url": reverse("grid:record", args=[access.workspace, one.term_id, one.id]),
        }
        for one in found.records
    ]

    def beside(name: str, cursor: str | None) -> str | None:
        return "?" + urlencode({COLUMN: chosen["id"], name: cursor}) if cursor else None

    return Mentions(tabs, chosen, rows, beside(AFTER, found.next), beside(BEFORE, found.previous))


def _tab(one: BackReference, record_id: int, access: Access) -> dict[str, Any]:
    term = access.term(one.requisite.term_id)
    linked = render(Compare(one.requisite.id, Op.EQ, record_id))
    return {
        "id": one.requisite.id,
        "term": term,
        "column": one.requisite.name,
        "count": one.count.value,
        "more": one.count.kind is CountKind.CAPPED,
        "url": reverse("grid:sheet", args=[access.workspace, term.id]) + "?" + urlencode({"filter": linked}),
    }
