"""Begin and end looking at a workspace as another user."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from rbac import view_as as viewing
from rbac.admin.door import managing
from rbac.models import User


@require_POST
@managing
def view_as(request: HttpRequest, slug: str) -> HttpResponse:
    """POST ``user``: the sign-in name."""
    target = User.objects.filter(username__iexact=request.POST.get("user", ""), is_active=True).first()
    if target is None:
        raise Http404
    viewing.begin(request, slug, target)
    messages.info(request, _("You look as %(user)s. Nothing can be changed.") % {"user": target})
    return redirect("grid:workspace", slug=slug)


@require_POST
def end_viewing(request: HttpRequest) -> HttpResponse:
    viewing.end(request)
    return redirect("admin:index")
