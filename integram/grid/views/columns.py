"""A column is made, changed and deleted."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from integram.grid import acts, column_change, column_place, form_page, presenting, sheet_form, shell
from integram.grid.column_forms import ColumnForm, NewColumnForm
from integram.grid.column_place import Place
from integram.grid.door import in_workspace
from integram.grid.forms import DeleteForm, TableForm
from qdm.access import Access, Action
from qdm.errors import RequisiteNotFound
from qdm.schema import Requisite
from qdm.selectors import structure
from qdm.services import column_copies, columns, requisites
from qdm.sheets import bulk
from qdm.types.base import BaseType
from rbac.following import new_columns_start_locked


@in_workspace
def create(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    context = shell.workspace_page(access, heading=_("New column"), submit_label=_("Add"), term=term)
    shown = presenting.read(request, term, access, limit=1)
    context["back_url"] = back = sheet_form.address(access, term_id, shown.said)
    context["address"] = request.get_full_path()
    beside = column_place.read(request.GET, term)
    if new_columns_start_locked(access.workspace, term_id):
        context["lead"] = _("This table has columns that not everybody sees, so the new one starts locked.")

    def carry_out(values: dict[str, Any]) -> str:
        with acts.act(request, access, term_id, "create_columns"):
            spec = column_change.spec(values)
            made = columns.create(term_id, spec, beside=beside.column, before=beside.before, access=access)
        column_place.remember(request.session, shown, term, made, beside, access=access)
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
    context["ways"] = _ways(column, access)

    default = column_change.default_of(column, access=access)
    form = ColumnForm(form_page.posted(request), column=column, default=default)

    def carry_out(values: dict[str, Any]) -> str:
        later = column_change.of_the_worker(column, values, access=access)
        column_change.hold_against_rows(column, values, later=later, access=access)
        with acts.act(request, access, term_id, "change_column"):
            column_change.carry_out(column, values, form.initial, later=later, access=access)
        if later:
            job = bulk.reshape(column_id, flags=later, access=access)
            return reverse("grid:bulk-job", args=[access.workspace, job.pk])
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
        with acts.act(request, access, term_id, "delete_column"):
            requisites.delete(column_id, access=access)
        return _sheet(access, term_id)

    return form_page.serve(request, DeleteForm(form_page.posted(request)), carry_out, context)


@in_workspace
def duplicate(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    column = of_table(access, term_id, column_id)
    term = access.term(term_id)
    access.require(Action.MANAGE, term_id)
    heading = _("Copy of the column “%(name)s”") % {"name": column.name}
    context = shell.workspace_page(access, heading=heading, submit_label=_("Make a copy"), term=term)
    shown = presenting.read(request, term, access, limit=1)
    context |= {"back_url": sheet_form.address(access, term_id, shown.said), "address": request.get_full_path()}

    def carry_out(values: dict[str, Any]) -> str:
        with acts.act(request, access, term_id, "duplicate_column"):
            made = column_copies.duplicate(column_id, values["name"], access=access)
        column_place.remember(request.session, shown, term, made, Place(column_id), access=access)
        return str(context["back_url"])

    form = TableForm(form_page.posted(request), initial={"name": column_change.name_of_copy(column, term)})
    return form_page.serve(request, form, carry_out, context)


def of_table(access: Access, term_id: int, column_id: int) -> Requisite:
    """The column, if the table has it. Raises RequisiteNotFound."""
    column = access.requisite(column_id)
    if column.term_id != term_id:
        raise RequisiteNotFound
    return column


def _ways(column: Requisite, access: Access) -> list[tuple[str, str]]:
    """Addresses and names of what else is done about a column, for whoever has no menu of it."""
    args = [access.workspace, column.term_id, column.id]
    new = reverse("grid:column-create", args=args[:2])
    ways = [
        (f"{new}?left={column.id}", _("Insert a column left")),
        (f"{new}?right={column.id}", _("Insert a column right")),
        (reverse("grid:column-duplicate", args=args), _("Duplicate column…")),
        (reverse("grid:column-colours", args=args), _("Colours…")),
    ]
    if not column.is_reference and column.base is not BaseType.PWD:
        ways.insert(0, (reverse("grid:column-type", args=args), _("Type…")))
    return ways


def _sheet(access: Access, term_id: int) -> str:
    return reverse("grid:sheet", args=[access.workspace, term_id])
