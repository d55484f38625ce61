"""Signing in with the password of an LDAP directory (docs/access.md). Only where its settings are set: else nothing
imports this, nor python-ldap, which needs the libraries of OpenLDAP."""

from typing import Any

from django.conf import settings
from django_auth_ldap.backend import LDAPBackend

from rbac import outside
from rbac.models import User


class Backend(LDAPBackend):  # type: ignore[misc]
    """An entry of the directory is known by its DN. An account that was made here is not opened by it, whatever its
    name: who may name entries could be anybody."""

    def get_or_build_user(self, username: str, ldap_user: Any) -> tuple[User, bool]:
        subject = f"ldap:{ldap_user.dn.casefold()}"
        user = User.objects.filter(subject=subject).first()
        return (user, False) if user is not None else (outside.create(username, subject), False)

    def authenticate_ldap_user(self, ldap_user: Any, password: str) -> User | None:
        user = super().authenticate_ldap_user(ldap_user, password)
        if user is None or not user.is_active:
            return None
        if settings.LDAP_GROUPS:
            outside.put_into_groups(user, sorted(ldap_user.group_names), settings.LDAP_GROUPS)
        return user  # type: ignore[no-any-return]
