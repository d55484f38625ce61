"""A real server of e-mail that what is sent in the tests goes to."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from aiosmtpd.controller import Controller
from django.conf import settings

from tests.platform.test_serve import free_port


@contextmanager
def serving(handler: object, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """``handler``: takes letters, as aiosmtpd has it (``handle_DATA``)."""
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setattr(settings, "EMAIL_BACKEND", "django.core.mail.backends.smtp.EmailBackend")
    monkeypatch.setattr(settings, "EMAIL_HOST", "127.0.0.1")
    monkeypatch.setattr(settings, "EMAIL_PORT", controller.port)
    monkeypatch.setattr(settings, "EMAIL_USE_TLS", False)
    try:
        yield
    finally:
        controller.stop()
