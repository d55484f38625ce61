"""What a sheet's address asks for: a saved view or all rows, what the address says instead of it, and the columns as
the user left them."""

from dataclasses import dataclass

from django.http import HttpRequest

from integram.grid import layouts, question
from integram.grid.question import Question
from qdm.access import Access
from qdm.models import SavedView
from qdm.query.ast import Query
from qdm.schema import Term
from qdm.selectors import views
from qdm.services import views as saving
from qdm.view_spec import Layout, ViewSpec
from rbac.view_as import VIEWING

#: Parameters of an address that stand against what the view says; empty ones too.
SAID = ("filter", "sort", "group", "q")


@dataclass(frozen=True, slots=True)
class Presented:
    """``views``: what there is to choose; ``view`` None: all rows. ``saved``: what the view shows to this reader.
    ``may_keep``: views of his own; ``may_change``: this view.
    """

    views: list[SavedView]
    view: SavedView | None
    saved: ViewSpec
    asked: Question
    layout: Layout
    may_keep: bool = False
    may_change: bool = False

    @property
    def spec(self) -> ViewSpec:
        """What is shown now, as it would be saved."""
        return ViewSpec(self.asked.filter, self.asked.search, self.asked.sorts, self.asked.groups, self.layout)

    @property
    def changed(self) -> bool:
        """Whether the sheet shows something else than the view."""
        return self.spec.as_plain() != self.saved.as_plain()

    @property
    def saved_said(self) -> dict[str, str]:
        """What the view itself says, all parameters, empty ones too."""
        return _parameters(self.saved)

    @property
    def said(self) -> dict[str, str]:
        """Parameters of an address under which the sheet shows the same again."""
        return self.said_with()

    def said_with(self, **other: str) -> dict[str, str]:
        """The same with other parameters in the place of its own."""
        here = {**_parameters(self.spec), **other}
        found = {name: text for name, text in here.items() if text != self.saved_said[name]}
        if self.view is not None:
            return {"view": str(self.view.pk), **found}
        return found if found or views.first(self.views) is None else {"view": "0"}


def read(request: HttpRequest, term: Term, access: Access, *, limit: int, up: int | None = None) -> Presented:
    """Raises ViewNotFound, and what ``question.read`` raises."""
    if up is not None:
        asked = question.read(term, request.GET, limit=limit, up=up, access=access)
        return Presented([], None, ViewSpec(), asked, _layout(request, term, access, None, ViewSpec()))
    known = views.of_table(term.id, access=access)
    view = _view(request, term, access, known)
    saved = views.spec(view, access=access) if view is not None else ViewSpec()
    address = {**_parameters(saved), **{name: request.GET[name] for name in request.GET}}
    asked = question.read(term, address, limit=limit, access=access)
    may_keep = access.via != VIEWING
    may_change = may_keep and view is not None and saving.may_change(view, access=access)
    layout = _layout(request, term, access, view, saved)
    return Presented(known, view, saved, asked, layout, may_keep, may_change)


def _view(request: HttpRequest, term: Term, access: Access, known: list[SavedView]) -> SavedView | None:
    wanted = request.GET.get("view", "")
    if wanted.isascii() and wanted.isdigit() and len(wanted) <= 18:
        return views.get(int(wanted), term.id, access=access) if int(wanted) else None
    return None if any(name in request.GET for name in SAID) else views.first(known)


def _parameters(spec: ViewSpec) -> dict[str, str]:
    asked = Question(Query(), spec.sorts, spec.search, spec.filter, spec.groups).address
    return {name: asked.get(name, "") for name in SAID}


def _layout(request: HttpRequest, term: Term, access: Access, view: SavedView | None, saved: ViewSpec) -> Layout:
    left = layouts.of_sheet(request.session, access.workspace, term.id, view)
    return saved.layout if left is None else left.within(frozenset({term.id, *term.by_id}))
