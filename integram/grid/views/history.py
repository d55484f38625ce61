"""What was done in the workspace, by whom, and how it is taken back: the history is the trash too."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integram.grid import history_form, history_words, shell
from integram.grid.door import in_workspace
from qdm.access import Access, Action
from qdm.errors import RecordNotFound
from qdm.query.changes import Asked
from qdm.schema import Term
from qdm.selectors import history, records
from qdm.selectors.history import Batch, Deed, Entry

PAGE = 50


@dataclass(frozen=True, slots=True)
class Line:
    """One act as the page tells it; ``deleted``: something of it is in the trash."""

    id: int
    at: datetime
    who: str
    door: str
    deeds: list[str]
    undone: bool
    deleted: bool


@require_safe
@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    """Acts, newest first (``before``: older than this one)."""
    before = request.GET.get("before", "")
    found = history.batches(
        access=access, before=int(before) if before.isdigit() and len(before) < 19 else history.NEWEST, limit=PAGE
    )
    deeds = history.deeds([batch.id for batch in found], access=access)
    lines = [_line(batch, deeds[batch.id], access) for batch in found if deeds.get(batch.id)]
    context = shell.workspace_page(
        access,
        heading=_("History and trash"),
        lines=lines,
        older=found[-1].id if len(found) == PAGE else None,
    )
    return render(request, "history/page.html", context)


def _line(batch: Batch, deeds: list[Deed], access: Access) -> Line:
    return Line(
        id=batch.id,
        at=batch.at,
        who=batch.actor_name,
        door=history_words.door(batch.via),
        deeds=[history_words.deed(deed, access) for deed in deeds],
        undone=batch.undone_by is not None,
        deleted=any(deed.kind == "d" for deed in deeds),
    )


@dataclass(frozen=True, slots=True)
class Change:
    """One cell of one entry of a history."""

    key: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """One entry of the history of rows."""

    entry: Entry
    row: str
    door: str
    changes: list[Change]


@require_safe
@in_workspace
def of_table(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """What happened to the rows of a table, in the columns one may read today."""
    term = access.term(term_id)
    asked = history_form.read(request.GET, term)
    found = history.of_table(term_id, access=access, asked=asked, limit=PAGE)
    return _page(request, access, term, asked, found, heading=_("History of the table"))


@require_safe
@in_workspace
def of_record(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    """What happened to one row; with ``column`` to one cell of it."""
    term = access.term(term_id)
    asked = history_form.read(request.GET, term)
    if not records.by_ids(term_id, [record_id], access=access, fields=()):
        raise RecordNotFound
    found = history.of_record(record_id, access=access, asked=asked, limit=PAGE)
    heading = _("History of the cell") if asked.column else _("History of the row")
    return _page(request, access, term, asked, found, heading=heading, record_id=record_id)


def _page(
    request: HttpRequest,
    access: Access,
    term: Term,
    asked: Asked,
    found: list[Entry],
    *,
    heading: str,
    record_id: int | None = None,
) -> HttpResponseBase:
    context = shell.workspace_page(
        access,
        heading=heading,
        term=term,
        record_id=record_id,
        entries=[_told(entry, term) for entry in found],
        older=history_form.older(request.GET, found[-1]) if len(found) == PAGE else None,
        can_change=record_id is not None and access.can(Action.CHANGE, term.id),
        asked=request.GET,
        **history_form.choices(term, asked.column, request.GET),
    )
    return render(request, "history/rows.html", context)


def _told(entry: Entry, term: Term) -> Told:
    changes = [
        Change(
            key,
            history_words.column(key, term),
            *(history_words.values(side.get(key), key, term) for side in (entry.before, entry.after)),
        )
        for key in {**entry.before, **entry.after}
        if key != "up"
    ]
    row = history_words.values(entry.label, "val", term) or _("(no name)")
    return Told(entry, row, history_words.door(entry.via), changes)
