"""One HTTP exchange with an address that a user gave: only with where it may go, and never for long.

The name is resolved here and each of its addresses checked; the connection goes to one that passed, so a name that
changes its mind in between gains nothing. A redirect is an address like the first.
"""

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integram.addresses import allowed
from qdm.errors import InvalidRequest

TIMEOUT = 10.0  #: seconds for each step


class AddressRefused(InvalidRequest):
    code = "address_refused"
    default = gettext_lazy("This address is not allowed.")


class Unreachable(Exception):
    """Nobody answered, not in time, or with what is no HTTP."""


@dataclass(frozen=True, slots=True)
class Target:
    """A checked address: where to connect to, and what the server there is called."""

    url: SplitResult
    host: str
    port: int
    address: str


@dataclass(frozen=True, slots=True)
class Answer:
    """``headers``: by names in lower case; ``body``: no more of it than was wanted; ``is_cut``: there was more."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    is_cut: bool


def target(url: str, nets: Sequence[str]) -> Target:
    """Raises AddressRefused for what is no http(s) address, or leads to one that is neither public nor in ``nets``."""
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
    networks = [ipaddress.ip_network(net) for net in nets]
    if not addresses or not all(allowed(ipaddress.ip_address(a.partition("%")[0]), networks) for a in addresses):
        raise AddressRefused
    return Target(parts, host, port, addresses[0])


def exchange(
    at: Target, method: str, headers: Mapping[str, str], *, body: bytes | None = None, most: int, seconds: float
) -> Answer:
    """Ask once; redirects are the caller's to check and follow. ``most``: bytes of the answer's body that are read;
    ``seconds`` for all of it. Raises Unreachable."""
    connection = _Connection(at)
    # A server that answers a byte at a time would hold the worker: after this the connection is cut.
    watch = threading.Timer(seconds, connection.cut)
    watch.start()
    try:
        path = (at.url.path or "/") + (f"?{at.url.query}" if at.url.query else "")
        connection.request(method, path, body, dict(headers))
        answer = connection.getresponse()
        content = answer.read(most + 1) if most else b""
        if connection.is_late:  # what was read may look whole
            raise TimeoutError
        if most and answer.length and len(content) <= most:
            raise Unreachable("cut off")
        names = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, names, content[:most], len(content) > most)
    except (OSError, http.client.HTTPException, ValueError, AttributeError) as error:
        if connection.is_late:
            raise Unreachable(_("The address takes too long to answer.")) from error
        raise Unreachable(f"{type(error).__name__}: {error}"[:300]) from error
    finally:
        watch.cancel()
        connection.close()


class _Connection(http.client.HTTPConnection):
    """To the checked address; the name is for the Host header and the certificate."""

    def __init__(self, at: Target) -> None:
        super().__init__(at.host, at.port, timeout=TIMEOUT)
        self._at = at
        self._wire: socket.socket | None = None
        self.is_late = False
        if at.url.scheme == "https":
            self.default_port = 443

    def connect(self) -> None:
        self.sock = self._wire = socket.create_connection((self._at.address, self._at.port), self.timeout)
        if self._at.url.scheme == "https":
            self.sock = ssl.create_default_context().wrap_socket(self.sock, server_hostname=self._at.host)
            self._wire = self.sock

    def cut(self) -> None:
        """Whoever reads from it is woken. It may no longer be ours to close: the answer holds it."""
        self.is_late = True
        if self._wire is not None:
            with suppress(OSError):
                self._wire.shutdown(socket.SHUT_RDWR)
