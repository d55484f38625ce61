"""A column gets another type: first what will not fit is shown, then it is done."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integram.grid import acts, reading_locale, shell
from integram.grid.column_forms import TypeForm
from integram.grid.door import in_workspace
from integram.grid.forms import show_or_raise
from integram.grid.views.columns import of_table
from qdm.access import Access, Action
from qdm.errors import QdmError
from qdm.selectors import fitting
from qdm.selectors.fitting import Fitting
from qdm.services import columns
from qdm.sheets import bulk
from qdm.sheets.reshaping import is_large


@in_workspace
def change(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    """GET: which type. POST: what it would do to the values; posted once more with ``seen``: done."""
    term = access.term(term_id)
    column = of_table(access, term_id, column_id)
    access.require(Action.MANAGE, term_id)
    form = TypeForm(request.POST or None, initial={"type": str(int(column.base))})
    found, status = None, 200
    if request.method == "POST":
        try:
            if form.is_valid():
                wanted = form.cleaned_data["type"]
                found = fitting.under(column_id, wanted, access=access, locale=reading_locale.current())
                if form.cleaned_data["seen"] == str(int(wanted)):
                    if column.base != wanted and is_large(column_id, access=access):
                        job = bulk.reshape(column_id, base=wanted, access=access)
                        return redirect("grid:bulk-job", access.workspace, job.pk)
                    with acts.act(request, access, term_id, "change_column_type"):
                        columns.change_type(column_id, base=wanted, access=access, locale=reading_locale.current())
                    _tell(request, found)
                    return redirect("grid:sheet", access.workspace, term_id)
        except QdmError as error:
            show_or_raise(form, error)
        status = 422 if form.errors else 200
    context: dict[str, Any] = shell.workspace_page(
        access,
        heading=_("Type of the column “%(name)s”") % {"name": column.name},
        term=term,
        form=form,
        fitting=found if status == 200 else None,
        back_url=reverse("grid:sheet", args=[access.workspace, term_id]),
    )
    return render(request, "columns/type.html", context, status=status)


def _tell(request: HttpRequest, found: Fitting) -> None:
    if found.misfits:
        text = ngettext(
            "%(count)d cell does not fit the type: it is kept as it was and marked.",
            "%(count)d cells do not fit the type: they are kept as they were and marked.",
            found.misfits,
        )
        messages.warning(request, text % {"count": found.misfits})
