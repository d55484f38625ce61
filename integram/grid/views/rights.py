"""«Доступ…»: who may do what with the workspace, a table, a column, a row; given and taken by whoever manages it."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from integram.grid import rights_told, rows_builder, shell
from integram.grid.door import in_workspace
from integram.grid.forms import show_or_raise
from integram.grid.rights_form import GiveForm
from qdm.access import Access, Action
from qdm.errors import BadFilter, QdmError, RecordNotFound, RequisiteNotFound, UnknownField
from qdm.selectors import records
from rbac import grants, standing
from rbac.grants import Place
from rbac.models import Kind, Lock


@in_workspace
def workspace(request: HttpRequest, access: Access) -> HttpResponseBase:
    access.require(Action.MANAGE)
    back = reverse("grid:workspace", args=[access.workspace])
    return _serve(request, access, grants.on_workspace(access), back, _("Access to the workspace"))


@in_workspace
def table(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    place = grants.on_table(term_id, access=access)
    heading = _("Access to the table “%(name)s”") % {"name": access.term(term_id).title}
    return _serve(request, access, place, reverse("grid:sheet", args=[access.workspace, term_id]), heading)


@in_workspace
def column(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    requisite = access.requisite(column_id)
    if requisite.term_id != term_id:
        raise RequisiteNotFound
    place = grants.on_field(column_id, access=access)
    heading = _("Access to the column “%(name)s”") % {"name": requisite.name}
    return _serve(request, access, place, reverse("grid:sheet", args=[access.workspace, term_id]), heading)


@in_workspace
def record(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    if not records.by_ids(term_id, [record_id], access=access, fields=()):
        raise RecordNotFound
    place = grants.on_record(record_id, access=access)
    back = reverse("grid:record", args=[access.workspace, term_id, record_id])
    return _serve(request, access, place, back, _("Access to the row “%(name)s”") % {"name": place.label})


def _serve(request: HttpRequest, access: Access, place: Place, back: str, heading: str) -> HttpResponseBase:
    """POST ``do``: give, take (``key``) or lock (``lock``)."""
    grants.require_manage(place, access)
    term = access.term(place.table_id) if place.kind != Kind.WORKSPACE else None
    doing = request.POST.get("do") if request.method == "POST" else None
    form = GiveForm(request.POST if doing == "give" else None, place=place, access=access)
    try:
        if _carry_out(doing, request, form, place, access):
            return redirect(request.get_full_path())
    except (BadFilter, UnknownField) as error:
        form.add_error("rows", str(error))
    except QdmError as error:
        show_or_raise(form, error)
    context = shell.workspace_page(
        access,
        heading=heading,
        back_url=back,
        term=term,
        form=form,
        standing=rights_told.at(place, term, access),
        above=rights_told.above(place, term, access),
        builder=rows_builder.config(term, access) if term is not None and "rows" in form.fields else None,
        lock=standing.lock_of(place, access=access),
        locks=Lock.choices if place.kind != Kind.WORKSPACE else [],
    )
    return render(request, "rights/page.html", context, status=422 if form.errors else 200)


def _carry_out(doing: Any, request: HttpRequest, form: GiveForm, place: Place, access: Access) -> bool:
    """Whether something was done; the form keeps its errors."""
    match doing:
        case "give" if form.is_valid():
            given = form.cleaned_data
            there = _with_rows(place, given.get("rows", ""), access)
            actions = [Action(name) for name in given["actions"]]
            grants.grant(standing.grantee(given["who"], access), actions, there, access=access)
            return True
        case "take":
            standing.take(request.POST.get("key", ""), place, access=access)
            return True
        case "lock" if request.POST.get("lock") in Lock.values and place.kind != Kind.WORKSPACE:
            grants.lock(place, Lock(request.POST["lock"]), access=access)
            return True
    return False


def _with_rows(place: Place, rows: str, access: Access) -> Place:
    if place.kind == Kind.TABLE:
        return grants.on_table(place.node_id, rows, access=access)
    return grants.on_field(place.node_id, rows, access=access) if place.kind == Kind.FIELD else place
