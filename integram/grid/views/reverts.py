"""Taking back: what would happen is shown first, with every conflict by name, and done when it is confirmed."""

from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integram.grid import history_form, history_words, shell
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.errors import Conflict, NotFound, QdmError, RecordNotFound
from qdm.selectors import reverts
from qdm.selectors.reverts import Preview
from qdm.services import batches, row_history
from qdm.services.batches import Undone
from qdm.sheets import bulk


@dataclass(frozen=True, slots=True)
class Line:
    """One conflict as the page tells it; ``column`` '' and ``returns`` None where it is about the whole row."""

    term_id: int
    record_id: int
    table: str
    row: str
    column: str
    who: str
    at: datetime
    now: str
    returns: str | None


@in_workspace
def batch(request: HttpRequest, access: Access, batch_id: int) -> HttpResponseBase:
    """GET: what undoing the batch would do. POST: do it; with ``force`` over the conflicts seen, up to the stamp
    ``seen``."""
    found = reverts.batch(batch_id, access=access)
    status = 200
    if request.method == "POST":
        try:
            force, seen = "force" in request.POST, _stamp(request)
            if bulk.is_large(batch_id, access=access):
                job = bulk.undo(batch_id, access=access, force=force, seen=seen)
                return redirect("grid:bulk-job", access.workspace, job.pk)
            done = batches.undo(batch_id, access=access, force=force, seen=seen)
        except Conflict as error:
            messages.warning(request, str(error))
        except QdmError as error:
            messages.error(request, str(error))
        else:
            messages.success(request, _told(done))
            return redirect("grid:history", access.workspace)
        status = 409
    preview = reverts.of_batch(batch_id, access=access)
    context = shell.workspace_page(
        access,
        heading=_("Undo"),
        batch=found,
        door=history_words.door(found.via),
        effects=_effects(preview),
        preview=preview,
        conflicts=_lines(preview, access),
    )
    return render(request, "history/undo.html", context, status=status)


@in_workspace
def row(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    """GET: which cells of the row held something else at the stamp ``at``; ``column``: that cell alone. POST: put them
    back, if the row is still at ``version``."""
    term = access.term(term_id)
    key = history_form.read(request.GET, term).column
    to = history_form.number(request.GET.get("at", ""))
    record, back = reverts.of_row(record_id, to, key, access=access)
    if record.term_id != term_id:
        raise RecordNotFound
    error = ""
    if request.method == "POST":
        try:
            version = history_form.number(request.POST.get("version", ""))
            row_history.restore(record_id, to, key, access=access, version=version)
        except NotFound:
            raise
        except QdmError as refused:
            error = str(refused)
        else:
            return redirect("grid:record", access.workspace, term_id, record_id)
    lines = [
        {
            "column": history_words.column(one.key, term),
            "now": history_words.values(one.now, one.key, term),
            "returns": history_words.values(one.returns, one.key, term),
            "who": one.who,
            "at": one.at,
        }
        for one in back
    ]
    heading = _("Put the cell back") if key else _("Put the row back")
    context = shell.workspace_page(
        access, heading=heading, term=term, record=record, lines=lines, error=error, address=request.get_full_path()
    )
    return render(request, "history/row_back.html", context, status=409 if error else 200)


def _stamp(request: HttpRequest) -> int:
    text = request.POST.get("seen", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _effects(preview: Preview) -> list[str]:
    rows = _counted(
        [
            (preview.removed, ngettext("%d row goes to the trash", "%d rows go to the trash", preview.removed)),
            (
                preview.below,
                ngettext(
                    "%d row that was added below them later goes too",
                    "%d rows that were added below them later go too",
                    preview.below,
                ),
            ),
            (preview.restored, ngettext("%d row comes back", "%d rows come back", preview.restored)),
            (
                preview.changed,
                ngettext("%d cell gets back what it held", "%d cells get back what they held", preview.changed),
            ),
            (
                preview.erased,
                ngettext(
                    "%d row has been erased from the trash and cannot come back",
                    "%d rows have been erased from the trash and cannot come back",
                    preview.erased,
                ),
            ),
        ]
    )
    return [*rows, *([_("Tables and columns become what they were.")] if preview.structure else [])]


def _told(done: Undone) -> str:
    parts = _counted(
        [
            (done.removed, ngettext("%d row removed", "%d rows removed", done.removed)),
            (done.restored, ngettext("%d row restored", "%d rows restored", done.restored)),
            (done.changed, ngettext("%d cell put back", "%d cells put back", done.changed)),
        ]
    )
    return ", ".join(parts) or _("Undone.")


def _counted(parts: list[tuple[int, str]]) -> list[str]:
    return [text % count for count, text in parts if count]


def _lines(preview: Preview, access: Access) -> list[Line]:
    found = []
    for one in preview.conflicts:
        term = access.schema.terms[one.term_id]
        key = one.key
        found.append(
            Line(
                one.term_id,
                one.record_id,
                term.title,
                one.label or _("(no name)"),
                history_words.column(key, term) if key else "",
                one.who,
                one.at,
                history_words.values(one.now, key, term) if key else "",
                history_words.values(one.returns, key, term) if key and one.returns is not None else None,
            )
        )
    return found
