"""The comparator: what a program of one page does with OpenCV and asyncio, and nothing else.

One thread reads the file at its pace and encodes each frame once; every WebSocket viewer gets the latest frame. No
framework, no rights, no acknowledgements, no reconnecting. ``video_bare.py FILE PORT [--encode-per-viewer]``: the latter
encodes again for each viewer, as many programs do.
"""

import asyncio
import struct
import sys
import threading
import time

import cv2
import numpy as np
import uvloop

HEADER = struct.Struct(">IQ")
FPS = 30
ANSWER = (
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Protocol: integram.video\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n"
)


class Latest:
    def __init__(self) -> None:
        self.sequence = 0
        self.message = b""
        self.captured_ms = 0
        self.picture: np.ndarray | None = None
        self.changed = asyncio.Event()

    def publish(self, captured_ms: int, jpeg: bytes) -> None:
        self.sequence += 1
        self.message = message(self.sequence, captured_ms, jpeg)
        self._ring()

    def publish_raw(self, captured_ms: int, picture: np.ndarray) -> None:
        self.sequence += 1
        self.captured_ms, self.picture = captured_ms, picture
        self._ring()

    def encode(self) -> bytes:
        """A viewer's own message of the raw picture."""
        return message(self.sequence, self.captured_ms, to_jpeg(self.picture))

    def _ring(self) -> None:
        self.changed.set()
        self.changed = asyncio.Event()


def message(sequence: int, captured_ms: int, jpeg: bytes) -> bytes:
    body = HEADER.pack(sequence, captured_ms) + jpeg
    return b"\x82\x7f" + len(body).to_bytes(8, "big") + body


def to_jpeg(picture: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()


def capture(path: str, latest: Latest, loop: asyncio.AbstractEventLoop, per_viewer: bool) -> None:
    cv2.setNumThreads(1)
    source = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    due = time.monotonic()
    while True:
        if not source.grab():
            source.set(cv2.CAP_PROP_POS_FRAMES, 0)
            continue
        captured_ms = time.time_ns() // 1_000_000
        _read, picture = source.retrieve()
        if per_viewer:
            loop.call_soon_threadsafe(latest.publish_raw, captured_ms, picture)
        else:
            loop.call_soon_threadsafe(latest.publish, captured_ms, to_jpeg(picture))
        due += 1 / FPS
        time.sleep(max(0.0, due - time.monotonic()))


async def main(path: str, port: int, per_viewer: bool) -> None:
    latest = Latest()

    async def viewer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def swallow() -> None:
            while await reader.read(65536):
                pass

        await reader.readuntil(b"\r\n\r\n")
        writer.write(ANSWER)
        acknowledgements = asyncio.create_task(swallow())
        had = latest.sequence
        try:
            while not acknowledgements.done():
                if latest.sequence == had:
                    await latest.changed.wait()
                had = latest.sequence
                writer.write(await asyncio.to_thread(latest.encode) if per_viewer else latest.message)
                await writer.drain()
        except (OSError, RuntimeError):
            # The viewer is gone; uvloop says the latter.
            pass
        finally:
            acknowledgements.cancel()
            writer.transport.abort()

    await asyncio.start_server(viewer, "127.0.0.1", port)
    threading.Thread(target=capture, args=(path, latest, asyncio.get_running_loop(), per_viewer), daemon=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    # uvicorn runs on uvloop, so the comparator does too.
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), "--encode-per-viewer" in sys.argv[3:]))
