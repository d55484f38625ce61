"""Saved views of a table: kept, renamed, shown first, put to the trash and taken out of it; the columns as one left
them."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from integram.grid import form_page, layouts, presenting, sheet_form, shell
from integram.grid.door import in_workspace
from integram.grid.forms import DeleteForm
from integram.grid.presenting import Presented
from integram.grid.views.sheet import body
from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidRequest
from qdm.models import SavedView
from qdm.selectors import views as reading
from qdm.services import views
from rbac.view_as import VIEWING


class ViewForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), max_length=views.TITLE_LIMIT)
    shared = forms.BooleanField(
        label=gettext_lazy("For everybody who sees the table"),
        required=False,
        help_text=gettext_lazy("Each sees the rows and columns he may see."),
    )

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]


@in_workspace
def create(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """The sheet as the address shows it becomes a view."""
    term = access.term(term_id)
    _not_looking(access)
    shown = presenting.read(request, term, access, limit=1)
    context = sheet_form.page(request, access, term, shown, heading=_("Save as a view"), submit_label=_("Save"))

    def carry_out(values: dict[str, Any]) -> str:
        shared = values.get("shared", False)
        made = views.create(term_id, values["title"], shown.spec, shared=shared, access=access)
        layouts.forget(request.session, access.workspace, term_id, shown.view)
        return sheet_form.address(access, term_id, {"view": str(made.pk)})

    form = ViewForm(form_page.posted(request), may_share=access.can(Action.MANAGE, term_id))
    return form_page.serve(request, form, carry_out, context)


@require_POST
@in_workspace
def save(request: HttpRequest, access: Access, term_id: int, view_id: int) -> HttpResponseBase:
    """The view shows from now on what the address shows."""
    shown = _shown(request, access, term_id, view_id)
    views.save(view_id, term_id, shown.spec, access=access)
    return redirect(sheet_form.address(access, term_id, {"view": str(view_id)}))


@require_POST
@in_workspace
def reset(request: HttpRequest, access: Access, term_id: int, view_id: int) -> HttpResponseBase:
    """The columns as the view has them; of no view (0): as the table has them."""
    access.term(term_id)
    layouts.forget(request.session, access.workspace, term_id, _view(access, term_id, view_id))
    return redirect(sheet_form.address(access, term_id, {"view": str(view_id)}))


@in_workspace
def change(request: HttpRequest, access: Access, term_id: int, view_id: int) -> HttpResponseBase:
    view = _own_or_managed(access, term_id, view_id)
    context = shell.workspace_page(access, heading=_("View “%(title)s”") % {"title": view.title})
    context |= {"submit_label": _("Save"), "term": access.term(term_id), "delete_label": _("Delete view")}
    context["back_url"] = back = sheet_form.address(access, term_id, {"view": str(view_id)})
    context["delete_url"] = reverse("grid:view-delete", args=[access.workspace, term_id, view_id])

    def carry_out(values: dict[str, Any]) -> str:
        views.rename(view_id, term_id, values["title"], shared=values.get("shared", view.shared), access=access)
        return back

    initial = {"title": view.title, "shared": view.shared}
    form = ViewForm(form_page.posted(request), may_share=access.can(Action.MANAGE, term_id), initial=initial)
    return form_page.serve(request, form, carry_out, context)


@in_workspace
def delete(request: HttpRequest, access: Access, term_id: int, view_id: int) -> HttpResponseBase:
    view = _own_or_managed(access, term_id, view_id)
    context = shell.workspace_page(access, heading=_("Delete view"), submit_label=_("Delete"))
    context |= {
        "term": access.term(term_id),
        "dangerous": True,
        "back_url": sheet_form.address(access, term_id, {"view": str(view_id)}),
        "lead": _("“%(title)s” goes to the trash of views; rows and columns stay.") % {"title": view.title},
    }

    def carry_out(_values: dict[str, Any]) -> str:
        views.delete(view_id, term_id, access=access)
        return sheet_form.address(access, term_id, {})

    return form_page.serve(request, DeleteForm(form_page.posted(request)), carry_out, context)


@require_POST
@in_workspace
def open_first(request: HttpRequest, access: Access, term_id: int, view_id: int) -> HttpResponseBase:
    """The table opens with this view; 0: with all rows."""
    access.term(term_id)
    _not_looking(access)
    views.open_first(view_id or None, term_id, access=access)
    return redirect(sheet_form.address(access, term_id, {"view": str(view_id)}))


@in_workspace
def trash(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """GET: deleted views. POST ``view``: bring one back."""
    term = access.term(term_id)
    if request.method == "POST":
        _not_looking(access)
        text = request.POST.get("view", "")
        if not text.isascii() or not text.isdigit() or len(text) > 18:
            raise InvalidRequest
        view = views.restore(int(text), term_id, access=access)
        return redirect(sheet_form.address(access, term_id, {"view": str(view.pk)}))
    deleted = reading.deleted(term_id, access=access)
    found = [view for view in deleted if views.may_change(view, access=access)]
    context = shell.workspace_page(access, term=term, views=found, heading=_("Deleted views"))
    return render(request, "sheet/deleted_views.html", context)


@require_POST
@in_workspace
def layout(request: HttpRequest, access: Access, term_id: int) -> HttpResponseBase:
    """Remember how the user left the columns, for as long as the session lives."""
    access.term(term_id)
    sent = body(request)
    view_id = sent.get("view", 0)
    if not isinstance(view_id, int):
        raise InvalidRequest
    view = _view(access, term_id, view_id)
    layouts.remember(request.session, access.workspace, term_id, view, sent.get("layout"))
    return HttpResponse(status=204)


def _view(access: Access, term_id: int, view_id: int) -> SavedView | None:
    return reading.get(view_id, term_id, access=access) if view_id else None


def _shown(request: HttpRequest, access: Access, term_id: int, view_id: int) -> Presented:
    _own_or_managed(access, term_id, view_id)
    shown = presenting.read(request, access.term(term_id), access, limit=1)
    if shown.view is None or shown.view.pk != view_id:
        raise InvalidRequest
    return shown


def _own_or_managed(access: Access, term_id: int, view_id: int) -> SavedView:
    """Raises ViewNotFound, Forbidden."""
    view = reading.get(view_id, term_id, access=access)
    _not_looking(access)
    if not views.may_change(view, access=access):
        raise Forbidden
    return view


def _not_looking(access: Access) -> None:
    """Whoever looks with another's rights keeps nothing in his name."""
    if access.via == VIEWING:
        raise Forbidden
