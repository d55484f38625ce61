"""What a sheet is asked: the filter as a text and as a tree, the values of a column, groups of rows."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from integram.grid import (
    filter_tree,
    grouped,
    presenting,
    question,
    sentence,
    sheet_page,
    shell,
    slowness,
    totals,
    wire,
)
from integram.grid.door import in_workspace
from integram.grid.views.sheet import body
from qdm.access import Access
from qdm.errors import InvalidRequest
from qdm.query.ast import Query
from qdm.selectors import records

#: Values of a column offered.
VALUES = 100


@in_workspace
def asked(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """POST ``{"tree"}``: the filter the builder holds, as the text of an address. GET: what the address asks for, in
    words."""
    term = access.term(term_id)
    if request.method == "POST":
        item = filter_tree.read(body(request).get("tree"))
        said = question.filter_of(question.text_of(item), term, access)
        return JsonResponse({"filter": question.text_of(said), "tree": filter_tree.of(said, term, access)})
    found = question.read(term, request.GET, limit=1, access=access)
    counted = sheet_page.total(term_id, found.query, access)
    told = sentence.of(found, term, access, counted, sheet_page.everything(term_id, found, access))
    slow = slowness.said(term_id, found.query, access)
    return JsonResponse({"sentence": told, "slow": slow, "tree": filter_tree.of(found.filter, term, access)})


@require_safe
@in_workspace
def values(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    """The values of a column with their counts in the rows the address asks for, the most frequent first."""
    term = access.term(term_id)
    found = question.read(term, request.GET, limit=1, access=access)
    question.check_group(column_id, term, access)
    query = Query(filter=found.query.filter, up=found.query.up, limit=VALUES + 1)
    search = request.GET.get("find", "").strip()[: question.MAX_SEARCH]
    groups = records.distinct(term_id, column_id, query, search, access=access, by_count=True)
    shown = [
        {"value": wire.group_value(group.values[0], column_id, term), "count": group.count} for group in groups[:VALUES]
    ]
    return JsonResponse({"values": shown, "more": len(groups) > VALUES})


@require_safe
@in_workspace
def groups(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """The groups of the first column the address groups by: value, rows, sums, and the filter that opens the group."""
    term = access.term(term_id)
    found = question.read(term, request.GET, limit=1, access=access)
    if not found.groups:
        raise InvalidRequest
    shown, more = grouped.read(found, term, access)
    return JsonResponse({"groups": shown, "more": more})


@require_safe
@in_workspace
def below(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """What is told below the columns over all rows the address asks for: ``of=12:sum,15:count``, ``{"totals"}``."""
    term = access.term(term_id)
    found = question.read(term, request.GET, limit=1, access=access)
    return JsonResponse({"totals": totals.read(found, request.GET, term, access)})


@require_safe
@in_workspace
def page(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """The filter as a text, for whoever has no JavaScript; the builder stands in its place."""
    term = access.term(term_id)
    shown = presenting.read(request, term, access, limit=1)
    context: dict[str, Any] = shell.workspace_page(
        access,
        term=term,
        filter=sentence.as_typed(shown.asked.filter, term),
        keep={name: text for name, text in shown.said.items() if name != "filter"},
        columns=[term.heading, *(requisite.name for requisite in term.cells)],
        back_url=reverse("grid:sheet", args=[access.workspace, term_id]),
    )
    return render(request, "sheet/filter.html", context)
