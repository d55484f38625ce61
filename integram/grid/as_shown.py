"""The rows and columns of a sheet's address for a file: those of the saved view it names, unless it says others."""

from collections.abc import Mapping
from dataclasses import replace

from integram.grid import question
from integram.grid.question import Question
from qdm.access import Access
from qdm.query.ast import Query
from qdm.schema import Term
from qdm.selectors import views


def read(term: Term, address: Mapping[str, str], *, access: Access) -> Question:
    """Raises ViewNotFound, and what ``question.read`` raises."""
    wanted = address.get("view", "")
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) <= 18 and int(wanted)):
        return question.read(term, address, limit=1, access=access)
    spec = views.spec(views.get(int(wanted), term.id, access=access), access=access)
    saved = Question(Query(), spec.sorts, spec.search, spec.filter, spec.groups).address
    asked = question.read(term, {**saved, **address}, limit=1, access=access)
    if not spec.layout.hidden:
        return asked
    shown = tuple(r.id for r in term.cells if r.id not in spec.layout.hidden)
    return replace(asked, query=replace(asked.query, fields=shown))
