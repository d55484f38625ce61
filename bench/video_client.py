"""One bounded client process for any number of WebSocket viewers: counts frames and latency for each.

It reads the 12 bytes before each JPEG (video/frame.py), acknowledges the frame, and has the kernel discard the rest
(MSG_TRUNC), so that its own cost is small beside the server's. Prints one JSON object.
"""

import argparse
import json
import os
import selectors
import socket
import struct
import sys
import time

HEADER = struct.Struct(">IQ")
MASK = b"\0\0\0\0"


class Viewer:
    """A WebSocket read by hand: ``need`` bytes of the current part are still to come."""

    def __init__(self, port: int, path: str, token: str) -> None:
        self.frames = 0
        self.latencies: list[float] = []
        self.sequences: list[int] = []
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
            self.latencies.append(time.time() * 1000 - captured_ms)
            self.sequences.append(sequence)
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


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--path", required=True)
    parser.add_argument("--token", default="x")
    parser.add_argument("--viewers", type=int, required=True)
    parser.add_argument("--seconds", type=float, required=True)
    given = parser.parse_args()
    viewers = [Viewer(given.port, given.path, given.token) for _ in range(given.viewers)]
    selector = selectors.DefaultSelector()
    for viewer in viewers:
        selector.register(viewer.socket, selectors.EVENT_READ, viewer)
    scratch = bytearray(1 << 20)
    end = time.monotonic() + 1.0
    counting = False
    while True:
        now = time.monotonic()
        if now >= end:
            if counting:
                break
            # The first second is warming up.
            counting, end = True, now + given.seconds
            for viewer in viewers:
                viewer.frames, viewer.latencies, viewer.sequences = 0, [], []
        for key, _events in selector.select(0.05):
            if not key.data.read(scratch):
                raise SystemExit("a viewer was closed")
    cpu = sum(os.times()[:2])
    json.dump(
        {
            "frames": [viewer.frames for viewer in viewers],
            "latencies": [value for viewer in viewers for value in viewer.latencies],
            "client_cpu": cpu,
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main()
