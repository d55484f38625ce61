"""What was done in the workspace, by whom, and how it is taken back: the history is the trash too."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integram.grid import shell
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.errors import Conflict, InvalidRequest, QdmError
from qdm.record import Link
from qdm.selectors import history
from qdm.selectors.history import Batch, Deed
from qdm.services import batches
from qdm.types.base import BaseType

PAGE = 50
#: Names of the doors: what ``Access.via`` says.
DOORS = {
    "grid": gettext_lazy("in the table"),
    "api": gettext_lazy("by a program"),
    "import": gettext_lazy("import of a file"),
    "command": gettext_lazy("by a command"),
    "system": gettext_lazy("by Integram itself"),
    "sql": gettext_lazy("in the database"),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One act as the page tells it; ``deleted``: something of it is in the trash."""

    id: int
    at: datetime
    who: str
    door: Any
    deeds: list[str]
    undone: bool
    deleted: bool


@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    """GET: acts, newest first (``before``: older than this one). POST ``undo``, ``force``: take one back."""
    if request.method == "POST":
        _undo(request, access)
        return redirect(request.get_full_path())
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


def _undo(request: HttpRequest, access: Access) -> None:
    text = request.POST.get("undo", "")
    if not text.isdigit() or len(text) > 18:
        raise InvalidRequest
    try:
        done = batches.undo(int(text), access=access, force="force" in request.POST)
    except Conflict as error:
        messages.warning(request, str(error))
    except QdmError as error:
        messages.error(request, str(error))
    else:
        parts = [
            (done.removed, ngettext("%d row removed", "%d rows removed", done.removed)),
            (done.restored, ngettext("%d row restored", "%d rows restored", done.restored)),
            (done.changed, ngettext("%d cell put back", "%d cells put back", done.changed)),
        ]
        messages.success(request, ", ".join(text % count for count, text in parts if count) or _("Undone."))


def _line(batch: Batch, deeds: list[Deed], access: Access) -> Line:
    return Line(
        id=batch.id,
        at=batch.at,
        who=batch.actor_name,
        door=DOORS.get(batch.via, batch.via),
        deeds=[_deed(deed, access) for deed in deeds],
        undone=batch.undone_by is not None,
        deleted=any(deed.kind == "d" for deed in deeds),
    )


def _deed(deed: Deed, access: Access) -> str:
    if deed.kind == "s":
        return _("tables and columns")
    table = access.schema.terms[deed.term_id].title
    count = deed.count
    match deed.kind:
        case "c":
            text = ngettext("%(table)s: %(count)d row added", "%(table)s: %(count)d rows added", count)
        case "d":
            text = ngettext("%(table)s: %(count)d row deleted", "%(table)s: %(count)d rows deleted", count)
        case "r":
            text = ngettext("%(table)s: %(count)d row restored", "%(table)s: %(count)d rows restored", count)
        case "x":
            text = ngettext("%(table)s: %(count)d row erased", "%(table)s: %(count)d rows erased", count)
        case _:
            text = ngettext("%(table)s: %(count)d row changed", "%(table)s: %(count)d rows changed", count)
    return text % {"table": table, "count": count}


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
    names = {str(r.id): r.name for r in term.cells} | {"val": term.heading}
    secret = {str(r.id) for r in term.cells if r.base is BaseType.PWD}
    if term.base is BaseType.PWD:
        secret.add("val")
    entries = [
        {
            "at": entry.at,
            "who": entry.actor_name,
            "door": DOORS.get(entry.via, entry.via),
            "kind": entry.kind,
            "changes": [
                Change(
                    names[key],
                    *("" if key in secret else _texts(side.get(key)) for side in (entry.before, entry.after)),
                )
                for key in {**entry.before, **entry.after}
                if key in names
            ],
        }
        for entry in history.of_record(record_id, access=access)
    ]
    context = shell.workspace_page(access, heading=_("History of the row"), term=term, record_id=record_id)
    return render(request, "history/record.html", context | {"entries": entries})


def _texts(values: object) -> str:
    return ", ".join(_text(value) for value in values if value is not None) if isinstance(values, list) else ""


def _text(value: object) -> str:
    if isinstance(value, Link):
        return _("no access") if value.hidden else value.label or ""
    return str(value)
