"""Upload forms: made and changed, files sent to them, and what becomes of each file."""

from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from integram.grid import plan_form, shell
from integram.grid.door import in_workspace, wants_json
from integram.grid.views.exports import attachment
from qdm.access import Access, Action
from qdm.errors import InvalidRequest, QdmError
from qdm.models import FormRun, UploadForm
from qdm.sheets.forms import definitions, runs
from qdm.sheets.forms.plan import FormPlan, Missing, form_term

#: Where the session keeps the text of a link that was just made: it is shown once.
LINK = "form_link"


@require_safe
@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    context = shell.workspace_page(access, forms=definitions.of_workspace(access=access))
    return render(request, "upload_forms/list.html", context)


@in_workspace
def create(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    return _edit(request, access, term_id, None)


@in_workspace
def change(request: HttpRequest, access: Access, form_id: int) -> HttpResponseBase:
    form = definitions.get(form_id, access=access)
    return _edit(request, access, form.term, form)


def _edit(request: HttpRequest, access: Access, term_id: int, form: UploadForm | None) -> HttpResponseBase:
    term = form_term(term_id, access=access)
    access.require(Action.ADD, term_id)
    plan = FormPlan.from_json(form.plan) if form else None
    problem = ""
    sent = request.POST
    if request.method == "POST":
        plan = plan_form.read(term, sent)
        automatic = plan_form.percentage(sent.get("automatic", ""))
        title = sent.get("title", "").strip() or term.title
        try:
            if form is None:
                form = definitions.create(
                    sent.get("slug", "").strip(), title, term_id, plan, access=access, automatic=automatic
                )
            else:
                is_open = "is_open" in sent
                definitions.change(form.pk, title, plan, access=access, automatic=automatic, is_open=is_open)
            return redirect("grid:form", access.workspace, form.pk)
        except QdmError as error:
            problem = str(error)
    context = shell.workspace_page(
        access,
        form=form,
        term=term,
        plan=plan,
        sent=sent,
        lines=plan_form.lines(term, plan),
        marks=plan_form.marked_columns(term),
        ways=[
            (Missing.KEEP, _("stay as they are")),
            (Missing.MARK, _("are marked")),
            (Missing.DELETE, _("go to the trash")),
        ],
        problem=problem,
    )
    return render(request, "upload_forms/edit.html", context, status=422 if problem else 200)


@in_workspace
def page(request: HttpRequest, access: Access, form_id: int) -> HttpResponseBase:
    """The form itself: a file sent becomes a run; below it what was sent before."""
    form = definitions.get(form_id, access=access)
    problem = ""
    if request.method == "POST":
        try:
            address = reverse("grid:form-run", args=[access.workspace, _sent(request, form, access).pk])
            return JsonResponse({"url": address}) if wants_json(request) else redirect(address)
        except QdmError as error:
            if wants_json(request):
                raise
            problem = str(error)
    text = request.session.pop(LINK, None)
    link = request.build_absolute_uri(reverse("send", args=[text])) if text else None
    context = shell.workspace_page(
        access,
        form=form,
        term=access.term(form.term),
        runs=runs.of_form(form, access=access),
        may_change=definitions.may_change(form, access=access),
        problem=problem,
        link=link,
        inbox=f"var/inbox/{form.slug}/",
    )
    return render(request, "upload_forms/form.html", context, status=422 if problem else 200)


def _sent(request: HttpRequest, form: UploadForm, access: Access) -> FormRun:
    file = request.FILES.get("file")
    if file is None:
        raise InvalidRequest(_("Choose a file first."))
    return runs.send(form, file, access=access, door=FormRun.Door.PAGE)


@require_POST
@in_workspace
def delete(request: HttpRequest, access: Access, form_id: int) -> HttpResponseBase:
    definitions.delete(form_id, access=access)
    return redirect("grid:forms", access.workspace)


@require_POST
@in_workspace
def link(request: HttpRequest, access: Access, form_id: int) -> HttpResponseBase:
    """A new link for outsiders, shown once; or none any more."""
    if request.POST.get("act") == "close":
        definitions.close_link(form_id, access=access)
    else:
        request.session[LINK] = definitions.open_link(form_id, access=access)
    return redirect("grid:form", access.workspace, form_id)


@require_safe
@in_workspace
def run(request: HttpRequest, access: Access, run_id: int) -> HttpResponseBase:
    found = runs.get(run_id, access=access)
    context: dict[str, Any] = shell.workspace_page(
        access,
        run=found,
        form=found.form,
        term=access.schema.terms.get(found.form.term),
        may_change=definitions.may_change(found.form, access=access),
        is_running=found.phase in RUNNING,
    )
    return render(request, "upload_forms/run.html", context)


RUNNING = (FormRun.Phase.QUEUED, FormRun.Phase.CHECKING, FormRun.Phase.ACCEPTED, FormRun.Phase.APPLYING)


@require_safe
@in_workspace
def state(request: HttpRequest, access: Access, run_id: int) -> HttpResponseBase:
    return JsonResponse({"phase": runs.get(run_id, access=access).phase, "done": 0, "total": None})


@require_POST
@in_workspace
def decide(request: HttpRequest, access: Access, run_id: int) -> HttpResponseBase:
    """Apply what the preview shows, refuse it, or take back what was applied: the worker does where it is much."""
    acts = {"accept": runs.accept, "reject": runs.reject, "undo": runs.undo}
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise InvalidRequest
    run = act(run_id, access=access)
    if act == runs.undo and run.phase != FormRun.Phase.UNDONE and (job := runs.undoing(run, access=access)):
        return redirect("grid:bulk-job", access.workspace, job.pk)
    return redirect("grid:form-run", access.workspace, run_id)


@require_safe
@in_workspace
def marked(request: HttpRequest, access: Access, run_id: int) -> FileResponse:
    """The sender's own file with what is wrong in it."""
    found = runs.get(run_id, access=access)
    return attachment(runs.marked(found).open("rb"), runs.marked_name(found), "xlsx")
