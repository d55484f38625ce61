"""One POST to an address that a user gave: only to where it may go, and never for long.

The name is resolved here and each of its addresses checked; the connection goes to one that passed, so a name that
changes its mind in between gains nothing. A redirect is an address like the first.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urljoin, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integram.addresses import allowed
from qdm.errors import InvalidRequest

TIMEOUT = 10.0  #: seconds for each step, and twice that for all of them
REDIRECTS = 3
#: Redirects after which a POST is to be made again.
AGAIN = {307, 308}


class AddressRefused(InvalidRequest):
    code = "address_refused"
    default = gettext_lazy("This address is not allowed.")


class NotTaken(Exception):
    """The message did not arrive, or was not answered with 2xx. ``status``: what it was answered with."""

    def __init__(self, message: str, status: int | None = None) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect to, and what the server there is called."""

    url: SplitResult
    host: str
    port: int
    address: str


def target(url: str) -> Target:
    """Raises AddressRefused for what is no http(s) address, or leads to one that is not allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        host = (parts.hostname or "").encode("idna").decode()
    except (ValueError, UnicodeError):
        raise AddressRefused from None
    if parts.scheme not in ("http", "https") or not host or parts.username is not None or not url.isprintable():
        raise AddressRefused(_("An address like https://example.org/path is expected."))
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise AddressRefused(_("The host of this address is not known.")) from None
    addresses = [str(info[4][0]) for info in found]
    nets = [ipaddress.ip_network(net) for net in settings.WEBHOOK_ALLOWED_NETS]
    if not addresses or not all(allowed(ipaddress.ip_address(a.partition("%")[0]), nets) for a in addresses):
        raise AddressRefused
    return Target(parts, host, port, addresses[0])


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """The status, a 2xx. Raises NotTaken, AddressRefused."""
    for _hop in range(REDIRECTS + 1):
        status, location = _post(target(url), body, headers)
        if 200 <= status < 300:
            return status
        if status not in AGAIN or not location:
            raise NotTaken(f"HTTP {status}", status)
        url = urljoin(url, location)
    raise NotTaken("too many redirects", status)


def _post(at: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str | None]:
    connection = _Connection(at)
    # A server that answers a byte at a time would hold the worker: after this the connection is cut.
    watch = threading.Timer(2 * TIMEOUT, connection.cut)
    watch.start()
    try:
        path = (at.url.path or "/") + (f"?{at.url.query}" if at.url.query else "")
        connection.request("POST", path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Location")
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise NotTaken(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        watch.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To the checked address; the name is for the Host header and the certificate."""

    def __init__(self, at: Target) -> None:
        super().__init__(at.host, at.port, timeout=TIMEOUT)
        self._at = at
        if at.url.scheme == "https":
            self.default_port = 443

    def connect(self) -> None:
        self.sock = socket.create_connection((self._at.address, self._at.port), self.timeout)
        if self._at.url.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._at.host)

    def cut(self) -> None:
        if self.sock is not None:
            self.sock.close()
