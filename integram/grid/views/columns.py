"""A column is made, changed and deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from integram.grid import column_change, form_page, shell
from integram.grid.column_forms import ColumnForm, NewColumnForm
from integram.grid.door import in_workspace
from integram.grid.forms import DeleteForm
from qdm.access import Access, Action
from qdm.errors import RequisiteNotFound
from qdm.schema import Requisite
from qdm.selectors import structure
from qdm.services import columns, requisites
from qdm.types.base import BaseType
from rbac.following import new_columns_start_locked


@in_workspace
def create(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(access, heading=_("New column"), submit_label=_("Add"), term=term)
    context["back_url"] = back = _sheet(access, term_id)
    if new_columns_start_locked(access.workspace, term_id):
        context["lead"] = _("This table has columns that not everybody sees, so the new one starts locked.")

    def carry_out(values: dict[str, Any]) -> str:
        columns.create(term_id, column_change.spec(values), access=access)
        return back

    form = NewColumnForm(
        form_page.posted(request), tables=structure.tables(access=access), initial={"type": BaseType.CHARS}
    )
    return form_page.serve(request, form, carry_out, context)


@in_workspace
def change(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    column = of_table(access, term_id, column_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(
        access,
        heading=_("Column “%(name)s”") % {"name": column.name},
        submit_label=_("Save"),
        term=access.term(term_id),
        delete_label=_("Delete column"),
    )
    context["back_url"] = back = _sheet(access, term_id)
    context["access_url"] = reverse("grid:column-access", args=[access.workspace, term_id, column_id])
    context["delete_url"] = reverse("grid:column-delete", args=[access.workspace, term_id, column_id])

    default = column_change.default_of(column, access=access)
    form = ColumnForm(form_page.posted(request), column=column, default=default)

    def carry_out(values: dict[str, Any]) -> str:
        column_change.carry_out(column, values, form.initial, access=access)
        return back

    return form_page.serve(request, form, carry_out, context)


@in_workspace
def delete(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    column = of_table(access, term_id, column_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(access, heading=_("Delete column"), submit_label=_("Delete"))
    context |= {
        "term": access.term(term_id),
        "dangerous": True,
        "back_url": _sheet(access, term_id),
        "lead": _("“%(name)s” goes to the trash with its values.") % {"name": column.name},
    }

    def carry_out(_values: dict[str, Any]) -> str:
        requisites.delete(column_id, access=access)
        return _sheet(access, term_id)

    return form_page.serve(request, DeleteForm(form_page.posted(request)), carry_out, context)


def of_table(access: Access, term_id: int, column_id: int) -> Requisite:
    """The column, if the table has it. Raises RequisiteNotFound."""
    column = access.requisite(column_id)
    if column.term_id != term_id:
        raise RequisiteNotFound
    return column


def _sheet(access: Access, term_id: int) -> str:
    return reverse("grid:sheet", args=[access.workspace, term_id])
