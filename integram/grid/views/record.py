"""One row on a page of its own: its cells in a form, its sub-tables as tabs."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from integram.grid import form_page, mentions, record_form, sheet_page, shell
from integram.grid.door import in_workspace
from integram.grid.forms import DeleteForm
from qdm.access import Access, Action
from qdm.errors import RecordNotFound
from qdm.record import Record
from qdm.schema import ROOT_ID, Term
from qdm.selectors import changes, records
from qdm.services import records as writing


@in_workspace
def page(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    """The row; ``?tab=<requisite id>`` shows one of its sub-tables beneath.

    With ``panel``: only what the sheet shows beside its rows (static/js/sheet/panel.js).
    """
    point = changes.point(access=access)
    term, record = _record(access, term_id, record_id)
    fields = record_form.fields(term, record, access)
    saved = True
    if request.method == "POST":
        saved = record_form.save(term, record, fields, request.POST, access, request.FILES)
        if saved:
            return redirect(request.get_full_path())
    tabs = _tabs(term, record, access)
    chosen = next((tab for tab in tabs if str(tab["id"]) == request.GET.get("tab")), tabs[0] if tabs else None)
    panel = "panel" in request.GET
    # What could not be saved is not followed: it is nowhere but on the page.
    live = None if panel or not saved else json.dumps(sheet_page.live(access, term_id, [record_id], point))
    around = shell.workspace_part if panel else shell.workspace_page
    context = around(
        access,
        parent_term=term,
        record=record,
        fields=fields,
        can_change=any(field.editable for field in fields),
        can_delete=access.can(Action.DELETE, term_id),
        parent=_parent(record, access),
        tabs=tabs,
        chosen=chosen,
        mentions=mentions.of_row(term_id, record_id, request.GET, access),
        panel=panel,
        live=live,
    )
    if chosen:
        sub = access.term(chosen["term_id"])
        context |= {"term": sub, "sheet": sheet_page.build(request, access, sub, parent=record_id)}
    template = "record/record.html" if panel else "record/page.html"
    return render(request, template, context, status=200 if saved else 422)


@in_workspace
def delete(request: HttpRequest, access: Access, term_id: int, record_id: int) -> HttpResponseBase:
    term, record = _record(access, term_id, record_id)
    access.require(Action.DELETE, term_id)
    context = shell.workspace_page(access, heading=_("Delete row"), submit_label=_("Delete"), term=term)
    context |= {
        "dangerous": True,
        "back_url": reverse("grid:record", args=[access.workspace, term_id, record_id]),
        "lead": _("“%(name)s” goes to the trash with its sub-rows.") % {"name": record_form.title(term, record)},
    }

    def carry_out(_values: dict[str, Any]) -> str:
        writing.delete(record_id, access=access, note="grid")
        return reverse("grid:sheet", args=[access.workspace, term_id])

    return form_page.serve(request, DeleteForm(form_page.posted(request)), carry_out, context)


def _record(access: Access, term_id: int, record_id: int) -> tuple[Term, Record]:
    term = access.term(term_id)
    found = records.by_ids(term_id, [record_id], access=access)
    if not found:
        raise RecordNotFound
    return term, found[0]


def _tabs(term: Term, record: Record, access: Access) -> list[dict[str, Any]]:
    counts = records.subtable_counts(term.id, [record.id], access=access).get(record.id, {})
    return [
        {"id": r.id, "term_id": r.type_id, "name": r.name, "count": counts.get(r.id, 0)}
        for r in term.requisites
        if r.is_subtable
    ]


def _parent(record: Record, access: Access) -> dict[str, Any] | None:
    """The row this one belongs to, for the way back."""
    if record.up == ROOT_ID:
        return None
    parent = records.get(record.up, access=access)
    term = access.term(parent.term_id)
    return {
        "title": record_form.title(term, parent),
        "url": reverse("grid:record", args=[access.workspace, term.id, parent.id]),
    }
