"""Where a request that a user asked for may go to: the public Internet, and networks named in the settings."""

import ipaddress
from collections.abc import Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

#: RFC 6052: an IPv4 address in the last 32 bits.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


def allowed(address: Address, nets: Sequence[Network]) -> bool:
    """Whether it is public, or in one of the networks that are allowed all the same."""
    inner = _inner(address)
    if inner is not None:
        return allowed(inner, nets)
    if any(address.version == net.version and address in net for net in nets):
        return True
    return address.is_global and not address.is_multicast


def _inner(address: Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one leads to, if it is of such a kind."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
