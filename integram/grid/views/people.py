"""The people of a workspace and its roles: invited, put into roles, dismissed."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from integram.grid import shell
from integram.grid.door import in_workspace, signed_in
from integram.grid.forms import show_or_raise
from qdm.access import Access, Action
from qdm.errors import InvalidValue, NameTaken, NotFound, QdmError
from rbac import invitations, roles, view_as
from rbac.models import NameInTables, User


class RoleForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the role"), max_length=roles.NAME_LIMIT)


class InviteForm(forms.Form):
    who = forms.CharField(label=gettext_lazy("Sign-in name or e-mail"), max_length=150)
    role = forms.ChoiceField(label=gettext_lazy("Role"))

    def __init__(self, access: Access, sent: QueryDict | None) -> None:
        super().__init__(sent)
        role = self.fields["role"]
        assert isinstance(role, forms.ChoiceField)
        role.choices = [(str(group.pk), group.name) for group in roles.of_workspace(access)]


@in_workspace
def index(request: HttpRequest, access: Access) -> HttpResponseBase:
    """POST ``do``: role (a new one), invite; for a ``user``: call (``name``), leave (``role``), dismiss, look."""
    access.require(Action.MANAGE)
    doing = request.POST.get("do") if request.method == "POST" else None
    role_form = RoleForm(request.POST if doing == "role" else None)
    invite_form = InviteForm(access, request.POST if doing == "invite" else None)
    form: forms.Form = invite_form if doing == "invite" else role_form
    try:
        match doing:
            case "role" if role_form.is_valid():
                roles.create(role_form.cleaned_data["name"], access=access)
                return redirect(request.path)
            case "invite" if invite_form.is_valid():
                _invite(request, invite_form, access)
                return redirect(request.path)
            case "call":
                _call(request, access)
                return redirect(request.path)
            case "leave" if request.POST.get("role", "").isdigit():
                roles.remove_member(int(request.POST["role"]), _person(request, access), access=access)
                return redirect(request.path)
            case "dismiss":
                roles.dismiss(_person(request, access), access=access)
                return redirect(request.path)
            case "look":
                view_as.begin(request, access.workspace, _person(request, access))
                return redirect("grid:workspace", slug=access.workspace)
    except QdmError as error:
        show_or_raise(form, error)
    context = shell.workspace_page(
        access,
        heading=_("People and roles"),
        members=roles.members(access),
        name_length=NameInTables.LENGTH,
        role_form=role_form,
        invite_form=invite_form,
        errors=form.errors,
    )
    return render(request, "rights/people.html", context, status=422 if form.errors else 200)


def _invite(request: HttpRequest, form: InviteForm, access: Access) -> None:
    def link(uid: str, token: str) -> str:
        return request.build_absolute_uri(reverse("password_choose", args=[uid, token]))

    given = form.cleaned_data
    user = invitations.invite(given["who"], int(given["role"]), access=access, link=link)
    messages.success(request, _("%(user)s is in the role.") % {"user": user})


def _call(request: HttpRequest, access: Access) -> None:
    try:
        roles.call(_person(request, access), request.POST.get("name", ""), access=access)
    except (InvalidValue, NameTaken) as error:
        messages.error(request, str(error))


def _person(request: HttpRequest, access: Access) -> User:
    text = request.POST.get("user", "")
    user = roles.people(access).filter(pk=int(text)).first() if text.isdigit() else None
    if user is None:
        raise NotFound
    return user


@require_POST
@signed_in
def end_viewing(request: HttpRequest) -> HttpResponseBase:
    view_as.end(request)
    return redirect("grid:workspaces")
