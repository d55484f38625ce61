"""Back-pressure under daphne, whose sends do not wait (django/daphne#170): ask the kernel.

A viewer that does not read fills the send queue of its socket first. As long as that queue is not short a frame is
left out, so nothing piles up in Twisted's buffers either (measured without: +6 MB/s for two such viewers, IO.md 2.2).
"""

import fcntl
import os
import socket
import struct
import sys
import termios
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: Bytes that may wait in the kernel: two full frames, 2.5 MB/s at 100 ms of round trip.
ROOM = 256 * 1024


def is_server() -> bool:
    """Whether daphne serves this process; the package may be installed and imported without."""
    reactor = sys.modules.get("twisted.internet.reactor")
    return bool(getattr(reactor, "running", False))


class SendQueue:
    """The kernel's send queue of one client's connection, found by the client's address."""

    def __init__(self, client: tuple[str, int]) -> None:
        self._client = client
        self._descriptor = self._find()

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "SendQueue | None":
        """None where it cannot be found: no Linux, a unix socket, or a proxy's header named the client."""
        client = scope.get("client")
        if not client or not Path("/proc/self/fd").is_dir():
            return None
        queue = cls((client[0], client[1]))
        return queue if queue._descriptor is not None else None

    def has_room(self) -> bool:
        """Whether the client reads what it is sent. False as well when the connection is gone."""
        if self._descriptor is None or not self._is_client(self._descriptor):
            return False
        waiting = fcntl.ioctl(self._descriptor, termios.TIOCOUTQ, b"\0\0\0\0")
        return int(struct.unpack("i", waiting)[0]) < ROOM

    def _find(self) -> int | None:
        for entry in Path("/proc/self/fd").iterdir():
            if self._is_client(int(entry.name)):
                return int(entry.name)
        return None

    def _is_client(self, descriptor: int) -> bool:
        """Asked each time: the server may have closed the socket and the number may be another's."""
        try:
            copy = socket.socket(fileno=os.dup(descriptor))
        except OSError:
            return False
        with copy:
            try:
                return bool(copy.getpeername()[:2] == self._client)
            except (OSError, TypeError):
                return False
