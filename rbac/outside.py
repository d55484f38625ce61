"""Accounts of people whom somebody else signs in: a provider of OpenID Connect, a directory."""

from collections.abc import Iterable, Sequence

from django.contrib.auth.models import Group

from rbac.audit import acting
from rbac.models import User

NAME_LIMIT = 150


def create(wanted: str, subject: str, email: str = "") -> User:
    """A new account without any right and without a password. A name that is taken gets a number."""
    name = wanted.strip()[: NAME_LIMIT - 8] or "user"
    taken = set(User.objects.filter(username__istartswith=name).values_list("username", flat=True))
    known = {one.casefold() for one in taken}
    number = 1
    free = name
    while free.casefold() in known:
        number += 1
        free = f"{name}-{number}"
    with acting(None):
        return User.objects.create_user(free, email, subject=subject)


def put_into_groups(user: User, named: Iterable[object], mapped: Sequence[str]) -> None:
    """Of the groups ``mapped``, the user is in those that are ``named`` and in no other; the rest are left alone.

    Only groups of the whole installation are meant: the roles of a workspace are its managers' business.
    """
    wanted = {str(name) for name in named}
    groups = list(Group.objects.filter(role=None, name__in=mapped))
    with acting(None):
        user.groups.remove(*(group for group in groups if group.name not in wanted))
        user.groups.add(*(group for group in groups if group.name in wanted))
