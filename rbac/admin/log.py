"""The log of rights: read only."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rbac.admin.base import RightsAdmin
from rbac.models import AccessLog, User


@admin.register(AccessLog)
class AccessLogAdmin(RightsAdmin[AccessLog]):
    list_display = ("at", "who", "event", "subject", "before", "after")
    list_display_links = None
    list_filter = ("event", "subject")
    list_per_page = 50

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """The names of the actors, with one more statement for the page."""
        page = super().get_changelist_instance(request)
        ids = {entry.actor_id for entry in page.result_list}
        names = User.objects.in_bulk(ids - {None})
        for entry in page.result_list:
            entry.actor = names.get(entry.actor_id)
        return page

    @admin.display(description=_("who"))
    def who(self, entry: Any) -> str:
        if entry.actor_id is None:
            return "—"
        return str(entry.actor or f"#{entry.actor_id}")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
