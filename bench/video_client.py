"""One bounded client process for any number of viewers: counts frames, and of WebSockets their latency.

``websocket`` reads the 12 bytes before each JPEG (video/frame.py), acknowledges, and has the kernel discard the rest
(MSG_TRUNC), so that its own cost is small beside the server's. ``mjpeg`` reads all of the stream and counts its
boundaries. ``mute`` asks for that stream and never reads. Prints one JSON object. ``--processes`` are the server's: their
CPU is taken while frames are counted, without what opening the connections cost.
"""

import argparse
import json
import selectors
import socket
import struct
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Protocol

import psutil

from video.frame import BOUNDARY

HEADER = struct.Struct(">IQ")
#: Seconds after which a server has dropped a viewer that does not read (15) and closed its connection.
GIVEN_UP = 20.0
MASK = b"\0\0\0\0"


class Viewer(Protocol):
    """``latencies``: how many frames had so many ms. ``read`` takes what is there; False when the server closed."""

    socket: socket.socket
    frames: int
    latencies: Counter[int]

    def read(self, scratch: bytearray) -> bool: ...


class Mjpeg:
    """A stream of parts over HTTP."""

    def __init__(self, port: int, path: str, token: str, *, mute: bool = False) -> None:
        self.frames = 0
        self.latencies: Counter[int] = Counter()
        self._end = b""
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        if mute:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Authorization: Bearer {token}", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        self.socket.setblocking(False)

    def read(self, scratch: bytearray) -> bool:
        try:
            while got := self.socket.recv_into(scratch):
                if not self.frames and not self._end and b" 200 " not in scratch[:20]:
                    raise SystemExit(f"refused: {bytes(scratch[:got])!r}")
                # A boundary may be cut by the end of what came.
                self.frames += scratch.count(BOUNDARY, 0, got) + (self._end + scratch[: len(BOUNDARY) - 1]).count(
                    BOUNDARY
                )
                self._end = bytes(scratch[max(0, got - len(BOUNDARY) + 1) : got])
        except BlockingIOError:
            return True
        except ConnectionResetError:
            return False
        return False


class WebSocket:
    """Read by hand: ``_skip`` bytes of the current message are still to be discarded."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.frames = 0
        self.latencies: Counter[int] = Counter()
        self._head = b""
        self._skip = 0
        self._received = 0
        self.socket = socket.create_connection(("127.0.0.1", port), 20)
        lines = [f"GET {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", "Upgrade: websocket", "Connection: Upgrade"]
        lines += ["Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Sec-WebSocket-Version: 13"]
        lines += ["Sec-WebSocket-Protocol: integram.video", f"Authorization: Bearer {token}", "", ""]
        self.socket.sendall("\r\n".join(lines).encode())
        answer = b""
        while not answer.endswith(b"\r\n\r\n"):
            answer += self.socket.recv(1)
        if b" 101 " not in answer.split(b"\r\n")[0]:
            raise SystemExit(f"refused: {answer!r}")
        self.socket.setblocking(False)

    def read(self, scratch: bytearray) -> bool:
        """Whatever is there. False when the server closed."""
        try:
            while True:
                if self._skip:
                    got = self.socket.recv_into(scratch, min(self._skip, len(scratch)), socket.MSG_TRUNC)
                    self._skip -= got
                else:
                    part = self.socket.recv(self._missing())
                    got = len(part)
                    self._head += part
                    self._parse()
                if not got:
                    return False
        except BlockingIOError:
            return True

    def _missing(self) -> int:
        """Bytes until the head is whole: 2, an extended length, of a picture the frame's header, all of a ping."""
        if len(self._head) < 2:
            return 2 - len(self._head)
        extended = {126: 2, 127: 8}.get(self._head[1] & 127, 0)
        kept = {2: HEADER.size, 9: self._head[1] & 127}.get(self._head[0] & 15, 0)
        whole = 2 + extended + kept
        return whole - len(self._head)

    def _parse(self) -> None:
        if len(self._head) < 2 or self._missing():
            return
        kind, length = self._head[0] & 15, self._head[1] & 127
        at = 2
        if length >= 126:
            width = 2 if length == 126 else 8
            length = int.from_bytes(self._head[at : at + width], "big")
            at += width
        if kind == 2:
            sequence, captured_ms = HEADER.unpack_from(self._head, at)
            self.frames += 1
            self.latencies[round(time.time() * 1000) - captured_ms] += 1
            self._skip = length - HEADER.size
            self._received += 1
            if self._received % 2 == 0:  # as static/video/stream.js
                self._send(1, json.dumps({"ack": sequence}).encode())
        elif kind == 9:
            # A server that does not find its own bytes in the answer hangs up after 40 s.
            self._send(10, self._head[at:])
        else:
            self._skip = length
        self._head = b""

    def _send(self, kind: int, body: bytes) -> None:
        self.socket.send(bytes([0x80 | kind, 0x80 | len(body)]) + MASK + body)


KINDS = {"websocket": WebSocket, "mjpeg": Mjpeg, "mute": partial(Mjpeg, mute=True)}


def watch(viewers: list[Viewer], seconds: float, processes: list[psutil.Process]) -> float:
    """Read for so long, after a second of warming up. Returns the CPU the processes used meanwhile, in seconds."""
    selector = selectors.DefaultSelector()
    for viewer in viewers:
        selector.register(viewer.socket, selectors.EVENT_READ, viewer)
    scratch = bytearray(1 << 20)
    for count_for in (1.0, seconds):
        for viewer in viewers:
            viewer.frames, viewer.latencies = 0, Counter()
        used = cpu(processes)
        end = time.monotonic() + count_for
        while time.monotonic() < end:
            for key, _events in selector.select(0.05):
                if not key.data.read(scratch):
                    raise SystemExit("a viewer was closed")
    return cpu(processes) - used


def cpu(processes: list[psutil.Process]) -> float:
    return sum(sum(process.cpu_times()[:2]) for process in processes)


def keep_mute(viewers: list[Viewer], seconds: float, again: Callable[[], Viewer]) -> int:
    """Never read; leave and come again once the server must have given them up. Returns how often."""
    end = time.monotonic() + seconds
    replaced = 0
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, GIVEN_UP))
        if left > GIVEN_UP:
            for i, viewer in enumerate(viewers):
                viewer.socket.close()
                viewers[i] = again()
                replaced += 1
    return replaced


def percentile(latencies: Counter[int], share: float) -> int:
    """Of all frames, in ms; 0 where none was counted."""
    left = latencies.total() * share
    for value, count in sorted(latencies.items()):
        left -= count
        if left < 0:
            return value
    return 0


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--token", default="x")
    parser.add_argument("--kind", choices=list(KINDS), default="websocket")
    parser.add_argument("--viewers", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    parser.add_argument("--processes", type=int, nargs="*", default=[])
    given = parser.parse_args()
    make = partial(KINDS[given.kind], given.port, given.path, given.token)
    viewers = [make() for _ in range(given.viewers)]
    again, used = 0, 0.0
    if given.kind == "mute":
        again = keep_mute(viewers, given.seconds, make)
    else:
        used = watch(viewers, given.seconds, [psutil.Process(pid) for pid in given.processes])
    latencies = sum((viewer.latencies for viewer in viewers), Counter())
    answer = {"frames": [viewer.frames for viewer in viewers], "again": again, "cpu": used}
    json.dump(answer | {"p50": percentile(latencies, 0.5), "p95": percentile(latencies, 0.95)}, sys.stdout)


if __name__ == "__main__":
    main()
