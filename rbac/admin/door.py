"""The door of the admin's own pages: whoever manages the workspace, everybody else finds nothing there."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from qdm.access import Action
from qdm.errors import NotFound, QdmError
from rbac.access import access_for

View = Callable[..., HttpResponse]


def managing(view: View) -> View:
    """The view with ``request.access``; 404 for a workspace one does not manage, as for one that is not there."""

    @wraps(view)
    def entered(request: HttpRequest, slug: str, **kwargs: Any) -> HttpResponse:
        try:
            access = access_for(request.user, slug, via="admin")
            if not access.can(Action.MANAGE):
                raise Http404
            request.access = access  # type: ignore[attr-defined]
            return view(request, slug, **kwargs)
        except NotFound as error:
            raise Http404(str(error)) from error
        except QdmError as error:
            raise PermissionDenied(str(error)) from error

    return entered
