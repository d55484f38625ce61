"""Who gets a message can tell that it is ours: ``X-Integram-Signature: t=<unix seconds>,v1=<hex>``.

``v1`` is the HMAC-SHA256 of ``<t>.<body>`` under the webhook's secret, shown once when it is made.
"""

import hashlib
import hmac
import secrets

from django.utils.crypto import salted_hmac

HEADER = "X-Integram-Signature"


def nonce() -> str:
    return secrets.token_hex(16)


def secret(nonce: str) -> str:
    """The secret of a webhook: of its nonce and SECRET_KEY."""
    return "whs_" + salted_hmac("integram webhook", nonce, algorithm="sha256").hexdigest()


def signature(secret: str, body: bytes, at: int) -> str:
    digest = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={digest}"
