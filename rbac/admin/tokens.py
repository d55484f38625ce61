"""API tokens. The text of a new one is shown once, in the message after saving."""

from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from rbac import tokens
from rbac.admin.base import RightsAdmin
from rbac.models import Token


@admin.register(Token)
class TokenAdmin(RightsAdmin[Token]):
    fields = ("user", "label", "workspace", "read_only", "expires_at")
    list_display = ("user", "label", "workspace", "read_only", "created_at", "expires_at", "last_used")
    list_filter = ("read_only", "workspace")
    list_select_related = ("user", "workspace")
    search_fields = ("user__username", "label")
    autocomplete_fields = ("user", "workspace")

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        text = tokens.issue(obj)
        self.message_user(request, _("The token, shown this once: %(text)s") % {"text": text}, messages.WARNING)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if obj is None else ("user", "workspace")
