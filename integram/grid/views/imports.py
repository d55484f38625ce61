"""From a workbook to tables: upload, progress, the proposal and its confirmation, the result and its undoing."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integram.grid import proposal_form, shell
from integram.grid.door import in_workspace, wants_json
from qdm.access import Access
from qdm.errors import InvalidRequest, QdmError
from qdm.models import ImportJob
from qdm.selectors import structure
from qdm.sheets import imports
from qdm.sheets.errors import WrongPhase

Phase = ImportJob.Phase
#: What a text file may be read in beside what was found.
ENCODINGS = ("utf-8", "cp1251", "cp866", "koi8-r", "utf-16")
#: The template of each phase; the phases left out are shown as running.
TEMPLATES = {
    Phase.PROPOSED: "imports/proposal.html",
    Phase.DONE: "imports/result.html",
    Phase.UNDONE: "imports/ended.html",
    Phase.CANCELLED: "imports/ended.html",
    Phase.FAILED: "imports/ended.html",
}


@in_workspace
def upload(request: HttpRequest, access: Access) -> HttpResponseBase:
    """The upload form with the latest imports; a file sent becomes a job."""
    problem = ""
    if request.method == "POST":
        try:
            address = _address(_started(request, access))
            return JsonResponse({"url": address}) if wants_json(request) else redirect(address)
        except QdmError as error:
            if wants_json(request):
                raise
            problem = str(error)
    context = shell.workspace_page(access, jobs=imports.of_workspace(access=access), problem=problem)
    return render(request, "imports/upload.html", context, status=422 if problem else 200)


def _started(request: HttpRequest, access: Access) -> ImportJob:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidRequest(_("Choose a file first."))
    into = request.POST.get("into", "")
    return imports.start(file, access=access, into=int(into) if into.isdigit() else None)


@in_workspace
def job(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """One import in whatever phase it is; a form sent is the proposal, to look at again or to accept."""
    found = imports.get(job_id, access=access)
    context: dict[str, Any] = {"job": found, "step": _step(found)}
    status = 200
    if request.method == "POST":
        if found.phase != Phase.PROPOSED:
            raise WrongPhase
        edits = proposal_form.edits(imports.proposal(found), request.POST)
        try:
            if request.POST.get("act") == "confirm":
                imports.confirm(job_id, edits, access=access)
                return redirect(_address(found))
            plan = imports.edited(found, edits)
        except QdmError as error:
            context["problem"], status = str(error), error.status
            plan = _as_far_as_understood(found, edits)
    elif found.phase == Phase.PROPOSED:
        plan = imports.proposal(found)
    if found.phase == Phase.PROPOSED:
        context |= {
            "plan": plan,
            "forms": proposal_form.tables(plan, structure.tables(access=access)),
            "directories": proposal_form.directories(plan),
            "kinds": proposal_form.kinds(),
            "encodings": sorted({*ENCODINGS, plan.encoding}),
        }
    return render(request, _template(found), shell.workspace_page(access, **context), status=status)


def _as_far_as_understood(found: ImportJob, edits: dict[str, Any]) -> Any:
    """The plan to show beside an error: with the edits where they can be read, else as it was."""
    try:
        return imports.edited(found, edits)
    except QdmError:
        return imports.proposal(found)


@require_POST
@in_workspace
def reread(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """Read the file again: in another encoding, with another separator, with the headings in other rows."""
    options = proposal_form.reading_options(request.POST)
    return redirect(_address(imports.reread(job_id, options, access=access)))


@require_safe
@in_workspace
def state(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """How far it is, for the bar that moves."""
    found = imports.get(job_id, access=access)
    return JsonResponse({"phase": found.phase, "done": found.rows_done, "total": found.rows_total})


@require_POST
@in_workspace
def cancel(request: HttpRequest, access: Access, job_id: int) -> HttpResponse:
    return redirect(_address(imports.cancel(job_id, access=access)))


def _template(found: ImportJob) -> str:
    return TEMPLATES.get(Phase(found.phase), "imports/running.html")


def _step(found: ImportJob) -> int:
    """Which of the four steps it is at: upload, check, import, done."""
    return {Phase.PROPOSED: 2, Phase.ACCEPTED: 3, Phase.LOADING: 3, Phase.DONE: 4, Phase.UNDONE: 4}.get(
        Phase(found.phase), 1
    )


def _address(found: ImportJob) -> str:
    return reverse("grid:import-job", args=[found.workspace.slug, found.pk])
