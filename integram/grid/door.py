"""The door of the browser: who comes in, with which rights, and how an error leaves. Once for all views."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from qdm.errors import QdmError
from rbac.view_as import access_of

View = Callable[..., HttpResponseBase]


def signed_in(view: View) -> View:
    """The view for a user who is signed in; its domain errors become a page or JSON."""

    @wraps(view)
    def entered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return _sign_in_first(request)
        try:
            return view(request, *args, **kwargs)
        except QdmError as error:
            return answer(request, error)

    return entered


def in_workspace(view: View) -> View:
    """The view of a page in a workspace: it is called with the ``Access`` in place of the slug."""

    @wraps(view)
    def entered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponseBase:
        return view(request, access_of(request, slug, via="grid"), **kwargs)

    return signed_in(entered)


def wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "").startswith("application/json")


def answer(request: HttpRequest, error: QdmError) -> HttpResponse:
    """The error in the form the client asked for."""
    if wants_json(request):
        return JsonResponse({"error": as_json(error)}, status=error.status)
    return render(request, "shell/error.html", {"message": str(error), "status": error.status}, status=error.status)


def as_json(error: QdmError) -> dict[str, Any]:
    return {
        "code": error.code,
        "message": str(error),
        "fields": {str(name): str(text) for name, text in error.fields.items()},
    }


def _sign_in_first(request: HttpRequest) -> HttpResponse:
    if wants_json(request):
        message = _("You are signed out. Sign in again in another tab; what you typed stays here.")
        return JsonResponse({"error": {"code": "signed_out", "message": message, "fields": {}}}, status=401)
    return redirect_to_login(request.get_full_path())
