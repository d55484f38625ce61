"""The spreadsheet of one table: the page, and what it asks for while it is open."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, cast
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from integram.grid import batch, picking, printed, question, sheet_page, shell, wire
from integram.grid.door import in_workspace
from integram.grid.live.seal import seal
from integram.repeats import idempotency
from qdm.access import Access
from qdm.errors import InvalidRequest
from qdm.selectors import records, structure
from qdm.selectors.ladder import ladder as rungs
from qdm.services import batches
from qdm.sheets import bulk
from rbac.models import User

#: Seconds for one answer of a ladder, about.
LADDER_SECONDS = 0.2


@require_safe
@in_workspace
def page(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """The live sheet; with ``print`` what of it goes on paper."""
    term = access.term(term_id)
    if "print" in request.GET:
        made = printed.build(request, access, term)
        around = shell.workspace_page(access, term=term, printed=made, said=urlencode(made.said))
        return render(request, "sheet/print.html", around)
    sheet = sheet_page.build(request, access, term)
    return render(request, "sheet/page.html", shell.workspace_page(access, term=term, sheet=sheet))


@require_safe
@in_workspace
def rows(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """A window of rows; with ``count`` also how many there are, as far as that takes no time.

    ``count=exact``: the exact number instead. ``ids=1,2,3``: these rows instead.
    """
    term = access.term(term_id)
    if "ids" in request.GET:
        named = records.by_ids(term_id, question.ids(request.GET["ids"]), access=access)
        return JsonResponse({"rows": [wire.row(record, term) for record in named]})
    asked = question.read(term, request.GET, limit=200, access=access)
    if request.GET.get("count") == "exact":
        return JsonResponse(sheet_page.total(term_id, asked.query, access, at_once=False))
    found = records.page(term_id, asked.query, access=access)
    answer: dict[str, Any] = {
        "offset": asked.query.offset,
        "rows": [wire.row(record, term) for record in found.records],
        "previous": found.previous,
        "next": found.next,
        "seal": seal(access.actor.id or 0, access.workspace, term_id, (record.id for record in found.records)),
    }
    if "count" in request.GET:
        answer |= sheet_page.total(term_id, asked.query, access)
    return JsonResponse(answer)


@require_safe
@in_workspace
def ladder(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """Cursors of every ``step``-th row behind ``after``: ``{"rungs": […], "places", "step", "more", "quick"}``.

    All of them at once where they are kept, with the numbers of their rows; else the first is given at once, and the
    others are asked for again and again.
    """
    term = access.term(term_id)
    step = question.step(request.GET)
    asked = question.read(term, request.GET, limit=1, access=access)
    seconds = LADDER_SECONDS if asked.query.after else 0
    found = rungs(term_id, asked.query, step=step, seconds=seconds, access=access)
    return JsonResponse(asdict(found))


@require_POST
@in_workspace
def write(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """One gesture of the user: creates, updates and deletes rows, each with a result of its own."""
    term = access.term(term_id)
    return _once(request, lambda: JsonResponse(batch.carry_out(term, body(request), access)))


@require_POST
@in_workspace
def undo(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """Take back a batch of this table as a whole: ``{"batch", "structure"}``: the batch whose undoing brings it forward
    again, and whether columns have changed by it, so that the page has to be read anew. A large one is the worker's:
    ``{"job"}`` is where its state is told (``views.bulk.state``)."""
    access.term(term_id)
    batch_id = body(request).get("batch")
    if not isinstance(batch_id, int):
        raise InvalidRequest

    def undone() -> HttpResponse:
        if bulk.is_large(batch_id, access=access):
            job = bulk.undo(batch_id, access=access)
            return JsonResponse({"job": reverse("grid:bulk-state", args=[access.workspace, job.pk])})
        made = batches.undo(batch_id, access=access)
        changed = structure.schema(access.workspace).version != access.schema.version
        return JsonResponse({"batch": made.batch, "structure": changed})

    return _once(request, undone)


@require_http_methods(["GET", "HEAD", "POST"])
@in_workspace
def options(request: HttpRequest, access: Access, term_id: int, column_id: int) -> HttpResponseBase:
    """Rows that may be picked for a link, found by a part of their name; POST: a new one."""
    access.term(term_id)
    access.requisite(column_id)
    if request.method == "POST":
        return JsonResponse(picking.created(column_id, body(request), access))
    return JsonResponse(picking.found(column_id, request.GET.get("q", ""), access))


def _once(request: HttpRequest, write: Callable[[], HttpResponse]) -> HttpResponse:
    """The sheet sends a write again whose answer it did not get, under the same key."""
    return idempotency.answered(cast(User, request.user), request, request.body, write)


def body(request: HttpRequest) -> dict[str, Any]:
    """The JSON object sent. Raises InvalidRequest."""
    try:
        sent = json.loads(request.body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise InvalidRequest(_("A JSON object is expected."))
    return sent
