"""Errors of signing in by token; the rest of the tree is qdm.errors."""

from django.utils.translation import gettext_lazy as _

from qdm.errors import QdmError


class TokenMissing(QdmError):
    code = "token_missing"
    status = 401
    default = _("Missing token")


class TokenMalformed(QdmError):
    code = "token_malformed"
    status = 401
    default = _("Missing or malformed token")


class TokenInvalid(QdmError):
    """Unknown, expired, or of a user who may not sign in: these look the same."""

    code = "token_invalid"
    status = 403
    default = _("Invalid token")
