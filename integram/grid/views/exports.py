"""A table as a file: what is wanted, the file itself, the progress of a large one and the fetching of it."""

from typing import IO

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST, require_safe

from integram.grid import as_shown, form_page, shell
from integram.grid.door import in_workspace
from integram.grid.forms import add_error
from qdm.access import Access, Action
from qdm.errors import QdmError
from qdm.models import ExportJob
from qdm.sheets.export import jobs
from qdm.sheets.export.formats import CONTENT_TYPES
from qdm.sheets.export.jobs import Order

#: Formats as they are offered.
CHOICES = (
    ("xlsx", _("Excel (.xlsx)")),
    ("csv", _("CSV, opens in Excel (.csv)")),
    ("ods", _("OpenDocument (.ods)")),
    ("json", _("JSON, for programs (.json)")),
    ("pdf", _("PDF, for printing; small tables only (.pdf)")),
)


class ExportForm(forms.Form):
    """``format`` and whether a column of ids is wanted, by which the file can be imported again."""

    format = forms.ChoiceField(label=_("Format"), choices=CHOICES, widget=forms.RadioSelect)
    ids = forms.BooleanField(
        label=_("With the ids of the rows"), required=False, help_text=_("To match the rows when the file comes back.")
    )
    template = forms.FileField(
        label=_("Workbook to fill in"),
        required=False,
        help_text=_(
            "Your own .xlsx with {{Column}} in the row that is repeated. Then the format above does not matter."
        ),
    )


@in_workspace
def page(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """The rows that the address asks for, as the sheet does: the form, and what comes of it."""
    term = access.term(term_id)
    access.require(Action.EXPORT, term_id)
    asked = as_shown.read(term, request.GET, access=access)
    form = ExportForm(form_page.posted(request), request.FILES or None, initial={"format": "xlsx"})
    if form.is_valid():
        order = Order(term_id, asked.query, form.cleaned_data["format"], form.cleaned_data["ids"])
        try:
            if (template := form.cleaned_data["template"]) is not None:
                file, name, _written = jobs.filled(template.chunks(), order, access=access)
                return attachment(file, name, "xlsx")
            if jobs.is_small(order, access=access):
                file, name, _written = jobs.at_once(order, access=access)
                return attachment(file, name, order.format)
            return redirect("grid:export-job", access.workspace, jobs.start(order, access=access).pk)
        except QdmError as error:
            add_error(form, error)
    back = f"{reverse('grid:sheet', args=[access.workspace, term_id])}?{request.GET.urlencode()}".rstrip("?")
    context = shell.workspace_page(
        access, term=term, form=form, asked=asked, back_url=back, jobs=jobs.mine(access=access)
    )
    return render(request, "exports/form.html", context, status=422 if form.errors else 200)


@require_safe
@in_workspace
def job(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    found = jobs.get(job_id, access=access)
    term = access.schema.terms.get(found.term)
    context = shell.workspace_page(access, job=found, term=term, is_over=jobs.is_over(found))
    return render(request, "exports/job.html", context)


@require_safe
@in_workspace
def state(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    """How far it is, for the bar that moves."""
    found = jobs.get(job_id, access=access)
    return JsonResponse({"phase": found.phase, "done": found.rows_done, "total": found.rows_total})


@require_POST
@in_workspace
def cancel(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    return redirect("grid:export-job", access.workspace, jobs.cancel(job_id, access=access).pk)


@require_safe
@in_workspace
def download(request: HttpRequest, access: Access, job_id: int) -> HttpResponseBase:
    found: ExportJob = jobs.get(job_id, access=access)
    return attachment(jobs.file_of(found, access=access), found.file_name, found.format)


def attachment(file: IO[bytes], name: str, format_name: str) -> FileResponse:
    """A file to be saved, never shown and never kept on the way."""
    response = FileResponse(file, as_attachment=True, filename=name, content_type=CONTENT_TYPES[format_name])
    response["Cache-Control"] = "private, no-store"
    return response
