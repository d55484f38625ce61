"""A value set in many rows, many rows deleted or duplicated: the form, the progress of a large one, what came of it."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from integram.grid import acts, bulk_forms, form_page, shell
from integram.grid.door import in_workspace
from qdm.access import Access, Action
from qdm.errors import InvalidRequest
from qdm.models import BulkJob
from qdm.selectors import chosen as choosing
from qdm.sheets import bulk

Kind, Phase = BulkJob.Kind, BulkJob.Phase
RIGHTS = {Kind.SET: Action.CHANGE, Kind.DELETE: Action.DELETE, Kind.DUPLICATE: Action.ADD}
LEADS = {
    Kind.SET: gettext_lazy(
        "Rows that may not be changed, or that the value does not fit, stay as they are and are listed."
    ),
    Kind.DELETE: gettext_lazy("They go to the trash with their rows in sub-tables, and can be brought back."),
    Kind.DUPLICATE: gettext_lazy("Copies hold what the rows hold. Passwords and what has to be unique are left empty."),
}


@in_workspace
def page(request: HttpRequest, access: Access, term_id: int, kind: str) -> HttpResponseBase:
    """The rows that the address names (``bulk_forms.chosen``): how many they are, and what is done with them."""
    term = access.term(term_id)
    access.require(RIGHTS[Kind(kind)], term_id)
    rows = bulk_forms.chosen(term, request.GET, access=access)
    number = choosing.count(term_id, rows, access=access)
    if not number:
        raise InvalidRequest(_("There are no such rows."))
    form = bulk_forms.form(kind, term, request.GET, form_page.posted(request), number, access=access)
    words = bulk_forms.words(kind, number)
    context = shell.workspace_page(access, term=term, lead=LEADS[Kind(kind)], address=request.get_full_path(), **words)
    context |= {"dangerous": kind == Kind.DELETE, "back_url": _sheet(request, access, term_id)}
    if kind == Kind.SET:
        context["form_controller"] = "bulk-value"

    def carry_out(values: dict[str, Any]) -> str:
        job = bulk.start(term_id, rows, form.change(), values["expected"], access=access)
        return reverse("grid:bulk-job", args=[access.workspace, job.pk])

    return form_page.serve(request, form, carry_out, context)


@require_safe
@in_workspace
def job(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    found = bulk.get(job_id, access=access)
    _remember(request, access, found)
    term = access.schema.terms.get(found.term or 0)
    running = found.phase in (Phase.WAITING, Phase.WRITING)
    return render(request, "bulk/job.html", shell.workspace_page(access, job=found, term=term, running=running))


@require_safe
@in_workspace
def state(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """How far it is, for the bar that moves, and what the open sheet takes over when it is done."""
    found = bulk.get(job_id, access=access)
    answer = {"phase": found.phase, "done": found.rows_done, "total": found.rows_total, "message": found.message}
    if found.phase == Phase.DONE:
        _remember(request, access, found)
        answer |= {"batch": found.batch, "written": found.written, "refused": found.refused}
        answer |= {"act": _act(request, access, found), "structure": bulk.changes_structure(found, access=access)}
    return JsonResponse(answer)


@require_POST
@in_workspace
def cancel(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    return redirect("grid:bulk-job", access.workspace, bulk.cancel(job_id, access=access).pk)


@require_POST
@in_workspace
def undo(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """Take back what the job has written."""
    found = bulk.get(job_id, access=access)
    if found.batch is None:
        raise InvalidRequest(_("Nothing was changed."))
    return redirect("grid:bulk-job", access.workspace, bulk.undo(found.batch, access=access).pk)


def _sheet(request: HttpRequest, access: Access, term_id: int) -> str:
    said = {name: text for name, text in request.GET.items() if name not in ("ids", "first", "last", "column", "up")}
    path = reverse("grid:sheet", args=[access.workspace, term_id])
    return f"{path}?{urlencode(said)}" if said else path


def _remember(request: HttpRequest, access: Access, job: BulkJob) -> None:
    """The sheet can take it back when it is shown again."""
    if job.batch and job.term and job.kind not in (Kind.UNDO, Kind.COLUMN) and _act(request, access, job) is None:
        acts.remember(request.session, access.workspace, job.term, {"batch": job.batch})


def _act(request: HttpRequest, access: Access, job: BulkJob) -> acts.Act | None:
    done = acts.of_sheet(request.session, access.workspace, job.term or 0)
    return next((act for act in done if act.get("batch") == job.batch), None)
