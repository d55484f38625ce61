"""What opens the door to the user himself: the browsers he is signed in with, his API tokens."""

from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache

from integram.grid.door import signed_in as for_signed_in
from qdm.errors import NotFound
from qdm.models import Workspace
from rbac import signed_in, tokens
from rbac.models import User
from rbac.workspaces import visible_to

#: Days a token may last; none: until it is revoked.
LIVES = [
    ("30", gettext_lazy("30 days")),
    ("90", gettext_lazy("90 days")),
    ("365", gettext_lazy("a year")),
    ("", gettext_lazy("until it is revoked")),
]


class WorkspaceChoice(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Any) -> str:
        return str(obj.title)


class TokenForm(forms.Form):
    label = forms.CharField(label=gettext_lazy("What it is for"), max_length=127)
    workspace = WorkspaceChoice(
        Workspace.objects.none(),
        label=gettext_lazy("Workspace"),
        required=False,
        empty_label=gettext_lazy("all of mine"),
    )
    days = forms.TypedChoiceField(
        label=gettext_lazy("Valid for"), choices=LIVES, required=False, coerce=int, empty_value=None, initial="90"
    )
    read_only = forms.BooleanField(label=gettext_lazy("Only to read"), required=False, initial=True)

    def __init__(self, user: User, sent: object) -> None:
        super().__init__(sent)  # type: ignore[arg-type]
        workspace = self.fields["workspace"]
        assert isinstance(workspace, WorkspaceChoice)
        workspace.queryset = visible_to(user)


@never_cache
@for_signed_in
def index(request: HttpRequest) -> HttpResponseBase:
    """POST ``do``: make (a token), revoke (``token``), end (``session``), end-others.

    The text of a new token stands in the answer to its making and nowhere else.
    """
    user = request.user
    assert isinstance(user, User)
    doing = request.POST.get("do") if request.method == "POST" else None
    form = TokenForm(user, request.POST if doing == "make" else None)
    here = request.session.session_key
    made = None
    match doing:
        case "make" if form.is_valid():
            made = _make(user, form)
            form = TokenForm(user, None)
        case "revoke":
            _revoke(user, request.POST.get("token", ""))
            messages.success(request, _("The token is revoked."))
            return redirect(request.path)
        case "end":
            signed_in.end(user, request.POST.get("session", ""))
            return redirect(request.path)
        case "end-others":
            signed_in.end_others(user, here)
            messages.success(request, _("You are signed out everywhere else."))
            return redirect(request.path)
    context = {
        "sessions": signed_in.sessions_of(user, here),
        "tokens": user.tokens.select_related("workspace").order_by("-created_at"),
        "form": form,
        "made": made,
        "now": timezone.now(),
    }
    return render(request, "accounts/own.html", context, status=422 if form.errors else 200)


def _make(user: User, form: TokenForm) -> str:
    given = form.cleaned_data
    expires = timezone.now() + timedelta(days=given["days"]) if given["days"] else None
    return tokens.create(
        user,
        workspace=given["workspace"],
        read_only=given["read_only"],
        expires_at=expires,
        label=given["label"],
        by=user,
    )


def _revoke(user: User, token: str) -> None:
    if not token.isdigit():
        raise NotFound
    tokens.revoke(user, int(token))
