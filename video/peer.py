"""A client's connection in the kernel: how much waits to be sent, and an end for one that takes nothing any more.

Neither server shows the socket to the application, so it is found among the descriptors of this process by the
client's address. Without ``bound`` the kernel kept 3.9 MB for each viewer that did not read, and the connection for
ever: a server that closes it waits until all of that has been taken (run here under uvicorn and daphne).
"""

import fcntl
import os
import socket
import stat
import struct
import termios
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

#: Bytes that may wait in the kernel before a frame is left out: two full frames, 2.5 MB/s at 100 ms of round trip.
ROOM = 256 * 1024
#: Bytes the kernel may keep for a client at all; it doubles the figure for its own book-keeping.
BUFFER = 512 * 1024


class Peer:
    """One client's connection."""

    def __init__(self, client: tuple[str, int]) -> None:
        self._client = client
        self._descriptor = self._find()

    @classmethod
    def of(cls, scope: Mapping[str, Any]) -> "Peer | None":
        """None where it cannot be found: no Linux, a unix socket, or a proxy's header named the client."""
        client = scope.get("client")
        if not client or not Path("/proc/self/fd").is_dir():
            return None
        peer = cls((client[0], client[1]))
        return peer if peer._descriptor is not None else None

    def bound(self, timeout: float) -> None:
        """Keep little for this client, and reset the connection when it took nothing for so many seconds."""
        if self._descriptor is None or (copy := self._open(self._descriptor)) is None:
            return
        with copy, suppress(OSError):
            copy.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
            copy.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(timeout * 1000))

    def has_room(self) -> bool:
        """Whether the client reads what it is sent. False as well when the connection is gone."""
        if self._descriptor is None or (copy := self._open(self._descriptor)) is None:
            return False
        with copy:
            waiting = fcntl.ioctl(copy.fileno(), termios.TIOCOUTQ, b"\0\0\0\0")
        return int(struct.unpack("i", waiting)[0]) < ROOM

    def _find(self) -> int | None:
        for entry in Path("/proc/self/fd").iterdir():
            if (copy := self._open(int(entry.name))) is not None:
                copy.close()
                return int(entry.name)
        return None

    def _open(self, descriptor: int) -> socket.socket | None:
        """Asked each time: the server may have closed the socket and the number may be another's."""
        copy = None
        try:
            if stat.S_ISSOCK(os.fstat(descriptor).st_mode):
                copy = socket.socket(fileno=os.dup(descriptor))
                if copy.getpeername()[:2] == self._client:
                    return copy
        except (OSError, TypeError):
            pass  # closed meanwhile, not connected, or of another family
        if copy is not None:
            copy.close()
        return None
