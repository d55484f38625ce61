"""Signing in with OpenID Connect (docs/access.md). Only where its settings are set: else nothing imports this."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from mozilla_django_oidc.auth import OIDCAuthenticationBackend

from rbac import outside
from rbac.models import User


class Backend(OIDCAuthenticationBackend):  # type: ignore[misc]
    """People are known by the subject the provider gives them, never by a name or an address: those can be chosen.

    A new one gets an account without any right. Where groups are mapped, each sign-in puts him into those of them that
    the provider names, and out of the others.
    """

    def verify_claims(self, claims: Mapping[str, Any]) -> bool:
        return bool(claims.get("sub"))

    def filter_users_by_claims(self, claims: Mapping[str, Any]) -> QuerySet[User]:
        return User.objects.filter(subject=_subject(claims))

    def create_user(self, claims: Mapping[str, Any]) -> User:
        wanted = str(claims.get(settings.OIDC_USERNAME_CLAIM) or claims["sub"])
        user = outside.create(wanted, _subject(claims), str(claims.get("email") or ""))
        return self.update_user(user, claims)

    def update_user(self, user: User, claims: Mapping[str, Any]) -> User:
        named = claims.get(settings.OIDC_GROUPS_CLAIM) if settings.OIDC_GROUPS_CLAIM else None
        outside.put_into_groups(user, named if isinstance(named, list) else [], settings.OIDC_GROUPS)
        return user


def _subject(claims: Mapping[str, Any]) -> str:
    """A subject is unique at its provider, of which there is one."""
    return f"oidc:{claims['sub']}"
