"""The list of workspaces; a workspace is made, renamed, told for how long its history is kept, and dropped."""

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from integram.grid import form_page, shell
from integram.grid.door import in_workspace, signed_in
from integram.grid.forms import ConfirmForm, NewWorkspaceForm, WorkspaceSettingsForm
from qdm.access import Access, Action
from qdm.errors import Forbidden
from qdm.services import retention, workspaces
from rbac.models import User
from rbac.workspaces import create_workspace, may_create, visible_to


@require_safe
@signed_in
def index(request: HttpRequest) -> HttpResponseBase:
    context = {"workspaces": visible_to(request.user), "can_create": may_create(request.user)}
    return render(request, "workspaces/list.html", context)


@signed_in
def create(request: HttpRequest) -> HttpResponseBase:
    if not may_create(request.user):
        raise Forbidden

    def carry_out(values: dict[str, Any]) -> str:
        assert isinstance(request.user, User)
        made = create_workspace(values["slug"], values["title"], request.user)
        return reverse("grid:workspace", args=[made.slug])

    context = {
        "heading": _("New workspace"),
        "submit_label": _("Create"),
        "back_url": reverse("grid:workspaces"),
        "form_controller": "slug",
    }
    return form_page.serve(request, NewWorkspaceForm(form_page.posted(request)), carry_out, context)


@in_workspace
def rename(request: HttpRequest, access: Access) -> HttpResponseBase:
    access.require(Action.MANAGE)
    context = shell.workspace_page(access, heading=_("Workspace settings"), submit_label=_("Save"))
    context["back_url"] = back = reverse("grid:workspace", args=[access.workspace])

    def carry_out(values: dict[str, Any]) -> str:
        workspaces.rename(access.workspace, values["title"])
        retention.keep(values["history_days"], access=access)
        return back

    stands = {"title": context["workspace"].title, "history_days": context["workspace"].history_days}
    form = WorkspaceSettingsForm(form_page.posted(request), initial=stands)
    return form_page.serve(request, form, carry_out, context)


@in_workspace
def drop(request: HttpRequest, access: Access) -> HttpResponseBase:
    access.require(Action.MANAGE)
    context = shell.workspace_page(access, heading=_("Delete workspace"), submit_label=_("Delete for good"))
    context |= {
        "dangerous": True,
        "back_url": reverse("grid:workspace", args=[access.workspace]),
        "lead": _("All tables and rows of “%(title)s” are deleted and cannot be restored. Type %(slug)s to confirm.")
        % {"title": context["workspace"].title, "slug": access.workspace},
    }

    def carry_out(values: dict[str, Any]) -> str:
        workspaces.drop(access.workspace, values["confirm"])
        return reverse("grid:workspaces")

    return form_page.serve(request, ConfirmForm(form_page.posted(request)), carry_out, context)
