"""«Почему видно?» as a page: a user, a row, perhaps a column, an action; the arms that answer."""

from typing import Any

from django import forms
from django.contrib.admin import site
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from qdm.access import Access, Action
from qdm.errors import QdmError
from qdm.models import Workspace
from rbac import why as explain
from rbac.admin.door import managing
from rbac.models import Guard, User
from rbac.workspaces import members_of

ACTIONS = [
    (Action.VIEW, _("see")),
    (Action.CHANGE, _("change")),
    (Action.DELETE, _("delete")),
    (Action.EXPORT, _("export")),
]


class WhyForm(forms.Form):
    user = forms.CharField(label=_("user"), help_text=_("Sign-in name."))
    record = forms.IntegerField(label=_("row"), min_value=1, help_text=_("Id of the row."))
    column = forms.IntegerField(label=_("column"), required=False, help_text=_("Id of the column, for one cell."))
    action = forms.ChoiceField(label=_("may"), choices=ACTIONS, initial=Action.VIEW)

    def __init__(self, access: Access, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.access = access

    def clean_user(self) -> User:
        user = User.objects.filter(username__iexact=self.cleaned_data["user"]).first()
        if user is None:
            raise forms.ValidationError(_("There is no such user."))
        return user

    def explanation(self) -> explain.Explanation:
        asked = self.cleaned_data
        action = Action(asked["action"])
        if asked["column"]:
            return explain.cell(asked["user"], asked["record"], asked["column"], action, access=self.access)
        return explain.row(asked["user"], asked["record"], action, access=self.access)


@managing
def why(request: HttpRequest, slug: str) -> HttpResponse:
    access = request.access  # type: ignore[attr-defined]
    form = WhyForm(access, request.GET if request.GET else None)
    found = None
    if form.is_bound and form.is_valid():
        try:
            found = form.explanation()
        except QdmError as error:
            form.add_error(None, str(error))
    context = {
        **site.each_context(request),
        "title": _("Why visible?"),
        "opts": Guard._meta,
        "form": form,
        "found": found,
        "members": members_of(Workspace.objects.filter(slug=slug)).order_by("username"),
        "slug": slug,
    }
    return TemplateResponse(request, "rbac/why.html", context)
