"""Bring a person into a workspace: somebody who has an account, or by e-mail somebody who has none yet."""

from collections.abc import Callable

from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.core.validators import validate_email
from django.db import transaction
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import InvalidValue
from rbac import roles
from rbac.audit import acting
from rbac.models import User

#: Address of the page where an invited person chooses his password, out of uid and token.
Link = Callable[[str, str], str]


def invite(text: str, role_id: int, *, access: Access, link: Link) -> User:
    """Make the person a member of the role, by his sign-in name or by e-mail; a new one is sent a link.

    The account of a new person has no password until he has chosen one by the link, which works once and expires as
    password resets do. Raises Forbidden, NotFound for the role, InvalidValue for what is neither.
    """
    access.require(Action.MANAGE)
    text = text.strip()
    user = User.objects.filter(username__iexact=text).first() or _by_email(text)
    with acting(access.actor.id):
        if user is None:
            user = _new(text)
            uid = urlsafe_base64_encode(force_bytes(user.pk))
            address = link(uid, default_token_generator.make_token(user))
            transaction.on_commit(lambda: _send(text, access.workspace, address))
        roles.add_member(role_id, user, access=access)
    return user


def _by_email(text: str) -> User | None:
    found = list(User.objects.filter(email__iexact=text, is_active=True)[:2]) if text else []
    return found[0] if len(found) == 1 else None


def _new(text: str) -> User:
    try:
        validate_email(text)
    except ValidationError:
        raise InvalidValue(_("There is no user “%(text)s”, and it is no e-mail address.") % {"text": text}) from None
    user = User(username=text, email=text)
    user.set_unusable_password()
    user.save()
    return user


def _send(to: str, workspace: str, address: str) -> None:
    send_mail(
        _("Invitation to Integram"),
        _("You are invited to the workspace %(workspace)s. Choose your password here: %(address)s")
        % {"workspace": workspace, "address": address},
        None,
        [to],
    )
