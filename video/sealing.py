"""Encryption of source addresses at rest: they hold the passwords of cameras.

The key is derived from SECRET_KEY (HKDF-SHA256), so that a copy of the database alone tells nothing; older keys in
SECRET_KEY_FALLBACKS still open what they sealed.
"""

import base64

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from video.errors import SourceRefused


def seal(text: str) -> str:
    return _cipher().encrypt(text.encode()).decode()


def unseal(sealed: str) -> str:
    """Raises SourceRefused when no key of today opens it."""
    try:
        return _cipher().decrypt(sealed.encode()).decode()
    except InvalidToken:
        raise SourceRefused(_("The stored address cannot be read: SECRET_KEY has changed.")) from None


def _cipher() -> MultiFernet:
    return MultiFernet([_key(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)])


def _key(secret: str | bytes) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=b"integram video source address").derive(force_bytes(secret))
    return Fernet(base64.urlsafe_b64encode(derived))
