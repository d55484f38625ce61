"""Workspaces, to find them by and to come from one to its rights. They are made and dropped elsewhere."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from qdm.models import Workspace
from rbac.admin.base import RightsAdmin
from rbac.workspaces import managed_by


@admin.register(Workspace)
class WorkspaceAdmin(RightsAdmin[Workspace]):
    list_display = ("title", "slug", "created_at", "rights")
    list_display_links = None
    search_fields = ("title", "slug")
    ordering = ("title",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Workspace]:
        return managed_by(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return managed_by(request.user).exists()

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    @admin.display(description=_("rights"))
    def rights(self, workspace: Workspace) -> str:
        return format_html(
            '<a href="{}">{}</a> · <a href="{}">{}</a>',
            reverse("admin:rbac_guard_matrix", args=[workspace.slug]),
            _("matrix"),
            reverse("admin:rbac_guard_why", args=[workspace.slug]),
            _("why visible?"),
        )
