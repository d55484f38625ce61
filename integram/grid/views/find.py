"""Find in the table: the next hit, and how many there are."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.views.decorators.http import require_safe

from integram.grid import finding, question
from integram.grid.door import in_workspace
from qdm.access import Access
from qdm.errors import InvalidRequest

MOST_LETTERS = 200


@require_safe
@in_workspace
def step(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """``find=text[&from=<row id>][&here][&back]`` beside the question of the sheet: ``{"hit": {...} | null}``."""
    term, text = access.term(term_id), _text(request)
    shown = question.read(term, request.GET, limit=1, access=access).query
    found = finding.hit(
        term,
        shown,
        text,
        start=_id(request, "from"),
        here="here" in request.GET,
        backward="back" in request.GET,
        access=access,
    )
    answer: dict[str, Any] | None = None
    if found is not None:
        answer = {
            "id": found.record_id,
            "place": found.place,
            "columns": list(found.columns),
            "wrapped": found.wrapped,
        }
    return JsonResponse({"hit": answer})


@require_safe
@in_workspace
def count(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """``find=text&at=<row id>``: ``{"total", "more", "place"}``."""
    term, text = access.term(term_id), _text(request)
    shown = question.read(term, request.GET, limit=1, access=access).query
    return JsonResponse(finding.count(term, shown, text, _id(request, "at"), access=access))


def _text(request: HttpRequest) -> str:
    text = request.GET.get("find", "").strip()[:MOST_LETTERS]
    if not text:
        raise InvalidRequest
    return text


def _id(request: HttpRequest, name: str) -> int | None:
    text = request.GET.get(name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= 18):
        raise InvalidRequest
    return int(text)
