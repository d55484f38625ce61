"""The tables of a workspace; a table is made, renamed and deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integram.grid import form_page, shell
from integram.grid.door import in_workspace
from integram.grid.forms import DeleteForm, NewTableForm, TableForm
from qdm.access import Access, Action
from qdm.services import tables
from qdm.types.base import BaseType


@require_safe
@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    return render(request, "tables/list.html", shell.workspace_page(access))


@in_workspace
def create(request: HttpRequest, access: Access) -> HttpResponseBase:
    access.require(Action.MANAGE)
    context = shell.workspace_page(access, heading=_("New table"), submit_label=_("Create"))
    context["back_url"] = reverse("grid:workspace", args=[access.workspace])

    def carry_out(values: dict[str, Any]) -> str:
        made = tables.create(values["name"], base=BaseType(values["base"]), unique=values["unique"], access=access)
        return reverse("grid:sheet", args=[access.workspace, made])

    return form_page.serve(request, NewTableForm(form_page.posted(request)), carry_out, context)


@in_workspace
def rename(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(access, heading=_("Rename table"), submit_label=_("Save"), term=term)
    context["back_url"] = back = reverse("grid:sheet", args=[access.workspace, term_id])

    def carry_out(values: dict[str, Any]) -> str:
        tables.rename(term_id, values["name"], access=access)
        return back

    form = TableForm(form_page.posted(request), initial={"name": term.title})
    return form_page.serve(request, form, carry_out, context)


@in_workspace
def delete(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(access, heading=_("Delete table"), submit_label=_("Delete"), term=term)
    context |= {
        "dangerous": True,
        "back_url": reverse("grid:sheet", args=[access.workspace, term_id]),
        "lead": _("“%(title)s” goes to the trash with its rows and columns.") % {"title": term.title},
    }

    def carry_out(_values: dict[str, Any]) -> str:
        tables.delete(term_id, access=access)
        return reverse("grid:workspace", args=[access.workspace])

    return form_page.serve(request, DeleteForm(form_page.posted(request)), carry_out, context)
