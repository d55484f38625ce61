"""The comparator: asyncio and nothing else, handing the same JPEG bytes to WebSocket viewers, the latest frame wins.

No framework, no rights, no decoding or encoding. ``video_bare.py FILE PORT``: FILE has JPEGs, each after its length.
"""

import asyncio
import itertools
import struct
import sys
import time
from pathlib import Path

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

    def publish(self, jpeg: bytes) -> None:
        self.sequence += 1
        body = HEADER.pack(self.sequence, time.time_ns() // 1_000_000) + jpeg
        self.message = b"\x82\x7f" + len(body).to_bytes(8, "big") + body
        self.changed.set()
        self.changed = asyncio.Event()


def pictures(path: Path) -> list[bytes]:
    data, found, at = path.read_bytes(), [], 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        found.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return found


async def main(path: Path, port: int) -> None:
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
    due = time.monotonic()
    for jpeg in itertools.cycle(pictures(path)):
        latest.publish(jpeg)
        due += 1 / FPS
        await asyncio.sleep(max(0.0, due - time.monotonic()))


if __name__ == "__main__":
    import uvloop

    # uvicorn runs on uvloop, so the comparator does too.
    uvloop.run(main(Path(sys.argv[1]), int(sys.argv[2])))
