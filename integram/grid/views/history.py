"""What was done in the workspace, by whom, and how it is taken back: the history is the trash too."""

from dataclasses import dataclass
from datetime import datetime

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integram.grid import history_words, shell
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.selectors import history
from qdm.selectors.history import Batch, Deed

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
    """One cell of one entry of a record's history."""

    column: str
    before: str
    after: str


@in_workspace
def of_record(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    """What happened to one row, in the columns one may read today."""
    term = access.term(term_id)
    entries = [
        {
            "at": entry.at,
            "who": entry.actor_name,
            "door": history_words.door(entry.via),
            "kind": entry.kind,
            "changes": [
                Change(
                    history_words.column(key, term),
                    *(history_words.values(side.get(key), key, term) for side in (entry.before, entry.after)),
                )
                for key in {**entry.before, **entry.after}
                if key != "up"
            ],
        }
        for entry in history.of_record(record_id, access=access)
    ]
    context = shell.workspace_page(access, heading=_("History of the row"), term=term, record_id=record_id)
    return render(request, "history/record.html", context | {"entries": entries})
