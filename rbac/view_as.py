"""View as a user: his rights, to look with and nothing more. Never a login; every beginning is in the log."""

from django.http import HttpRequest
from django.utils import timezone

from qdm.access import Access, Action
from qdm.errors import Forbidden
from rbac.access import access_for
from rbac.models import AccessLog, User

#: Where the session keeps whom it looks as, by workspace.
KEY = "view_as"
#: The door of whoever looks as another, in place of his own.
VIEWING = "view-as"


def begin(request: HttpRequest, slug: str, target: User) -> None:
    """Look at the workspace as this user from now on.

    Raises WorkspaceNotFound, Forbidden for whoever does not manage the workspace, and for a superuser as target.
    """
    assert isinstance(request.user, User)
    access_for(request.user, slug, via="admin").require(Action.MANAGE)
    if target.is_superuser:
        raise Forbidden
    access_for(target, slug, via="admin")
    AccessLog.objects.create(
        at=timezone.now(),
        actor_id=request.user.pk,
        event=AccessLog.Event.VIEW_AS,
        subject="rbac_user",
        after={"workspace": slug, "user_id": target.pk, "username": target.username},
    )
    request.session[KEY] = {**request.session.get(KEY, {}), slug: target.pk}


def end(request: HttpRequest) -> None:
    request.session.pop(KEY, None)


def looking_as(request: HttpRequest, slug: str) -> User | None:
    """Whom the session looks at the workspace as, if it still may."""
    target_id = request.session.get(KEY, {}).get(slug)
    if target_id is None or not isinstance(request.user, User):
        return None
    if not access_for(request.user, slug, via="admin").can(Action.MANAGE):
        return None
    return User.objects.filter(pk=target_id, is_active=True, is_superuser=False).first()


def access_of(request: HttpRequest, slug: str, *, via: str) -> Access:
    """The rights a page of the workspace is shown with: the user's own, or those he looks with, to view only.

    Raises WorkspaceNotFound.
    """
    target = looking_as(request, slug)
    if target is None:
        return access_for(request.user, slug, via=via)
    return access_for(target, slug, via=VIEWING, limit=frozenset({Action.VIEW}))
