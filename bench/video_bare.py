"""The comparator: what a program of one page does with OpenCV and asyncio, and nothing else.

One thread reads the file at its pace and encodes each frame once; every WebSocket viewer gets the latest frame. No
framework, no rights, no acknowledgements, no reconnecting. ``video_bare.py FILE PORT``.
"""

import asyncio
import struct
import sys
import threading
import time

import cv2
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
        self.changed = asyncio.Event()

    def publish(self, captured_ms: int, jpeg: bytes) -> None:
        self.sequence += 1
        body = HEADER.pack(self.sequence, captured_ms) + jpeg
        self.message = b"\x82\x7f" + len(body).to_bytes(8, "big") + body
        self.changed.set()
        self.changed = asyncio.Event()


def capture(path: str, latest: Latest, loop: asyncio.AbstractEventLoop) -> None:
    cv2.setNumThreads(1)
    source = cv2.VideoCapture(path, cv2.CAP_FFMPEG, [cv2.CAP_PROP_N_THREADS, 1])
    due = time.monotonic()
    while True:
        if not source.grab():
            source.set(cv2.CAP_PROP_POS_FRAMES, 0)
            continue
        captured_ms = time.time_ns() // 1_000_000
        _read, picture = source.retrieve()
        jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 80])[1].tobytes()
        loop.call_soon_threadsafe(latest.publish, captured_ms, jpeg)
        due += 1 / FPS
        time.sleep(max(0.0, due - time.monotonic()))


async def main(path: str, port: int) -> None:
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
                writer.write(latest.message)
                await writer.drain()
        except (OSError, RuntimeError):
            # The viewer is gone; uvloop says the latter.
            pass
        finally:
            acknowledgements.cancel()
            writer.transport.abort()

    await asyncio.start_server(viewer, "127.0.0.1", port)
    threading.Thread(target=capture, args=(path, latest, asyncio.get_running_loop()), daemon=True).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    # uvicorn runs on uvloop, so the comparator does too.
    uvloop.run(main(sys.argv[1], int(sys.argv[2])))
