"""Who is signed in, and ending it: deleting a session signs its browser out."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rbac.admin.base import RightsAdmin
from rbac.browsers import named
from rbac.models import Session


@admin.register(Session)
class SessionAdmin(RightsAdmin[Session]):
    list_display = ("user", "started_at", "expire_date", "browser")
    list_display_links = None
    list_select_related = ("user",)
    search_fields = ("user__username",)
    ordering = ("-started_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Session]:
        return super().get_queryset(request).filter(user__isnull=False)

    @admin.display(description=_("browser"), ordering="agent")
    def browser(self, session: Session) -> str:
        return named(session.agent)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
