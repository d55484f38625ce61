"""Which addresses on the network a source may have. Asked after DNS, at every connect, of every address of the name.

The address that passed is the one that is connected to (``video.gate``), so a name that changes its mind between the
check and the connect gains nothing.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from integram.addresses import Address, Network, allowed
from video.errors import SourceRefused


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """``hosts``: patterns a host must match one of (``*.example.org``, ``*`` for any). ``nets``: networks outside the
    public Internet that are allowed all the same; cameras usually live in one."""

    hosts: Sequence[str] = ("*",)
    nets: Sequence[Network] = ()

    @classmethod
    def current(cls) -> "AddressPolicy":
        """As VIDEO_ALLOWED_HOSTS and VIDEO_ALLOWED_NETS say."""
        nets = getattr(settings, "VIDEO_ALLOWED_NETS", ())
        return cls(
            tuple(getattr(settings, "VIDEO_ALLOWED_HOSTS", ("*",))), tuple(ipaddress.ip_network(net) for net in nets)
        )

    def check_host(self, host: str) -> None:
        if not any(fnmatchcase(host.lower(), pattern.lower()) for pattern in self.hosts):
            raise SourceRefused(_("This host is not among the allowed video hosts."))

    def allows(self, address: Address) -> bool:
        return allowed(address, self.nets)

    async def resolve(self, host: str, port: int, timeout: float) -> list[str]:
        """All addresses of the host, each allowed. Raises SourceRefused when one is not, or there is none."""
        self.check_host(host)
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(timeout):
                found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError, TimeoutError) as error:
            raise SourceRefused(_("The host of the video source is not known.")) from error
        addresses = list(dict.fromkeys(str(info[4][0]) for info in found))
        if not addresses or not all(self.allows(ipaddress.ip_address(a.partition("%")[0])) for a in addresses):
            raise SourceRefused(_("The host of the video source has an address that is not allowed."))
        return addresses
