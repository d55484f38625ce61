"""Users: how they are called in tables, which roles they have, and the end of it."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from rbac.admin.base import RightsAdmin
from rbac.closing import close_access
from rbac.models import User
from rbac.workspaces import managed_by, members_of

FIELDSETS: Any = (
    (None, {"fields": ("username", "password")}),
    (_("Person"), {"fields": ("first_name", "last_name", "email", "known_as", "language", "theme")}),
    (_("Access"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
    (_("Dates"), {"fields": ("last_login", "date_joined")}),
)


@admin.register(User)
class UserAdmin(RightsAdmin[User], DjangoUserAdmin):  # type: ignore[type-arg]
    """Model-level permissions are left out: they open no data, so ticking them would only mislead."""

    fieldsets = FIELDSETS
    list_display = ("username", "first_name", "last_name", "known_as", "email", "is_active", "is_superuser")
    list_filter = ("is_active", "is_superuser", "groups")
    search_fields = ("username", "first_name", "last_name", "known_as", "email")
    filter_horizontal = ("groups",)
    actions = ("close_access",)
    ordering = ("username",)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # The autocomplete of grants asks for it; holders of manage see the members of their workspaces there.
        if request.path.endswith("/autocomplete/"):
            return managed_by(request.user).exists()
        return super().has_view_permission(request, obj)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[User], search_term: str
    ) -> tuple[QuerySet[User], bool]:
        if request.path.endswith("/autocomplete/"):
            queryset = queryset.filter(is_active=True)
            if not request.user.is_superuser:
                queryset = queryset.filter(pk__in=members_of(managed_by(request.user)))
        return super().get_search_results(request, queryset, search_term)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """People who leave are closed, not deleted: the history names them."""
        return False

    @admin.action(description=_("Close access: sign out everywhere, delete tokens, make inactive"))
    def close_access(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        closed = 0
        for user in queryset:
            if user.pk == request.user.pk:
                self.message_user(request, _("You cannot close your own access."), messages.ERROR)
                continue
            assert isinstance(request.user, User)
            close_access(user, by=request.user)
            closed += 1
        self.message_user(
            request,
            ngettext("Access of %(n)d person is closed.", "Access of %(n)d people is closed.", closed) % {"n": closed},
        )
