"""Roles: Django's groups without model-level permissions, which open no data."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.models import Group
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rbac.admin.base import RightsAdmin
from rbac.workspaces import managed_by

admin.site.unregister(Group)


@admin.register(Group)
class GroupAdmin(RightsAdmin[Group], DjangoGroupAdmin):
    fields = ("name",)
    list_display = ("name", "members")
    search_fields = ("name",)
    ordering = ("name",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Group]:
        return super().get_queryset(request).annotate(members=Count("user"))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if request.path.endswith("/autocomplete/"):
            return managed_by(request.user).exists()
        return super().has_view_permission(request, obj)

    @admin.display(description=_("members"), ordering="members")
    def members(self, group: Any) -> int:
        return int(group.members)
