"""Whose rights the worker uses: of who made a form or started a job, as they are now."""

from django.contrib.auth.models import AnonymousUser

from qdm.access import Access
from qdm.models import UploadForm
from rbac.access import access_for
from rbac.models import User


def user(user_id: int) -> User | AnonymousUser:
    """Who has no right anywhere where there is no such user."""
    return User.objects.filter(pk=user_id).first() or AnonymousUser()


def of_form(form: UploadForm) -> Access:
    """Raises WorkspaceNotFound when who made the form is gone, inactive or without a right there."""
    return access_for(user(form.owner), form.workspace.slug, via="form")
