"""One POST of a message to the address of a webhook."""

from collections.abc import Mapping
from urllib.parse import urljoin

from django.conf import settings

from integram.outbound import TIMEOUT, AddressRefused, Unreachable, exchange, target

__all__ = ["AddressRefused", "NotTaken", "post"]

REDIRECTS = 3
#: Redirects after which a POST is to be made again.
AGAIN = {307, 308}


class NotTaken(Exception):
    """The message did not arrive, or was not answered with 2xx. ``status``: what it was answered with."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


def check(url: str) -> None:
    """Raises AddressRefused."""
    target(url, settings.WEBHOOK_ALLOWED_NETS)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status, a 2xx. Raises NotTaken, AddressRefused."""
    for _hop in range(REDIRECTS + 1):
        at = target(url, settings.WEBHOOK_ALLOWED_NETS)
        try:
            answer = exchange(at, "POST", headers, body=body, most=0, seconds=2 * TIMEOUT)
        except Unreachable as error:
            raise NotTaken(str(error)) from error
        if 200 <= answer.status < 300:
            return answer.status
        location = answer.headers.get("location")
        if answer.status not in AGAIN or not location:
            raise NotTaken(f"HTTP {answer.status}", answer.status)
        url = urljoin(url, location)
    raise NotTaken("too many redirects", answer.status)
