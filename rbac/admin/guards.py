"""Guards: the places of grants, each with the grants on it."""

from collections import defaultdict
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from qdm.errors import QdmError
from qdm.schema import Schema
from qdm.selectors import structure
from rbac import rules
from rbac.admin.base import RightsAdmin
from rbac.admin.guard_forms import AddGuardForm, GuardForm
from rbac.admin.matrix import matrix
from rbac.admin.viewing import end_viewing, view_as
from rbac.admin.why import why
from rbac.grants import ACTIONS_OF
from rbac.models import Guard, GuardGroup, GuardUser, Kind
from rbac.workspaces import managed_by


class PermissionField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(_(obj.name))


class GrantInline(admin.TabularInline):  # type: ignore[type-arg]
    """Grants on the guard; the permissions are those its kind knows."""

    extra = 0

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return managed_by(request.user).exists()

    has_add_permission = has_view_permission
    has_change_permission = has_view_permission
    has_delete_permission = has_view_permission

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("permission")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        request.kind_of_guard = obj.kind if obj is not None else None  # type: ignore[attr-defined]
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name != "permission":
            return super().formfield_for_foreignkey(db_field, request, **kwargs)
        found = Permission.objects.filter(content_type__app_label="rbac", content_type__model="guard").order_by("id")
        kind = getattr(request, "kind_of_guard", None)
        if kind is not None:
            found = found.filter(codename__in=[f"{action}_node" for action in ACTIONS_OF[kind]])
        return PermissionField(found, label=_("permission"))


class UserInline(GrantInline):
    model = GuardUser
    fields = ("user", "permission")
    autocomplete_fields = ("user",)


class GroupInline(GrantInline):
    model = GuardGroup
    fields = ("group", "permission")
    autocomplete_fields = ("group",)


class KindFilter(admin.SimpleListFilter):
    """Rows are left out unless asked for: they are tens of thousands, and are granted from the table itself."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return list(Kind.choices)

    def queryset(self, request: HttpRequest, queryset: QuerySet[Guard]) -> QuerySet[Guard]:
        return queryset.filter(kind=self.value()) if self.value() else queryset.exclude(kind=Kind.ROW)


class WorkspaceFilter(admin.SimpleListFilter):
    title = _("workspace")
    parameter_name = "workspace"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[Any, Any]]:
        return [(w.slug, w.title) for w in managed_by(request.user)]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Guard]) -> QuerySet[Guard]:
        return queryset.filter(workspace__slug=self.value()) if self.value() else queryset


@admin.register(Guard)
class GuardAdmin(RightsAdmin[Guard]):
    """Open to superusers and, for their workspaces, to staff who hold ``manage`` there."""

    list_display = ("label", "workspace", "kind", "filter_text", "lock", "granted")
    list_filter = (WorkspaceFilter, KindFilter, "lock")
    list_select_related = ("workspace",)
    list_per_page = 50
    search_fields = ("label",)
    ordering = ("workspace", "table_id", "kind", "label")
    inlines = (UserInline, GroupInline)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return managed_by(request.user).exists()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guard]:
        return super().get_queryset(request).filter(workspace__in=managed_by(request.user))

    # The list

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        """What the page shows of its guards, read for all of them at once."""
        page = super().get_changelist_instance(request)
        schemas: dict[str, Schema | None] = {}
        held: dict[int, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        ids = [guard.pk for guard in page.result_list]
        of_users = GuardUser.objects.filter(content_object__in=ids).select_related("user", "permission")
        of_groups = GuardGroup.objects.filter(content_object__in=ids).select_related("group", "permission")
        for grant in [*of_groups, *of_users]:
            who = getattr(grant, "group", None) or getattr(grant, "user", None)
            held[grant.content_object_id][str(who)].append(str(_(grant.permission.name)))
        for guard in page.result_list:
            slug = guard.workspace.slug
            if guard.rows and slug not in schemas:
                schemas[slug] = _schema(slug)
            guard.structure = schemas.get(slug)
            guard.held = held[guard.pk]
        return page

    @admin.display(description=_("rows"))
    def filter_text(self, guard: Any) -> str:
        """The filter as it was typed, red where it can no longer be carried out."""
        if not guard.rows:
            return "—"
        if guard.structure is None:
            return str(guard.rows)
        term = guard.structure.terms.get(guard.table_id)
        text = rules.shown(guard.rows, term)
        problem = rules.problem(guard.rows, term, guard.structure)
        if problem is None:
            return text
        return format_html('<span class="errornote" title="{}">{}</span>', problem, text)

    @admin.display(description=_("granted"))
    def granted(self, guard: Any) -> str:
        return "; ".join(f"{who}: {', '.join(names)}" for who, names in guard.held.items()) or "—"

    # One guard

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> Any:
        """First the workspace, then a place in it."""
        workspace = managed_by(request.user).filter(slug=request.GET.get("workspace", "")).first()
        if workspace is None:
            context = {
                **self.admin_site.each_context(request),
                "title": _("In which workspace?"),
                "workspaces": managed_by(request.user),
                "opts": self.opts,
            }
            return TemplateResponse(request, "rbac/choose_workspace.html", context)
        request.workspace = workspace  # type: ignore[attr-defined]
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        base = GuardForm if obj is not None else AddGuardForm

        class Form(base):  # type: ignore[misc, valid-type]
            user = request.user
            workspace = obj.workspace if obj is not None else getattr(request, "workspace", None)

        return Form

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return [(None, {"fields": ("place", "record", "rows", "lock")})]
        return [(None, {"fields": ("workspace", "kind", "label", "rows", "lock")})]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ("workspace", "kind", "label") if obj is not None else ()

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("matrix/<slug:slug>/", wrap(matrix), name="rbac_guard_matrix"),
            path("why/<slug:slug>/", wrap(why), name="rbac_guard_why"),
            path("view-as/<slug:slug>/", wrap(view_as), name="rbac_guard_view_as"),
            path("view-as-end/", wrap(end_viewing), name="rbac_guard_view_as_end"),
            *super().get_urls(),
        ]


def _schema(slug: str) -> Schema | None:
    try:
        return structure.schema(slug)
    except QdmError:
        return None
