"""What web processes and the video worker say to each other over a unix socket.

The client's first line is a request in JSON. ``watch`` turns the connection into a stream: the worker sends messages
of a 4-byte length (big-endian) and that many bytes, each a frame's packet (``video.frame``); the client sends lines of
JSON with what its viewers took. Every other request has one line of JSON as its answer.
"""

import asyncio
import json
import struct
from pathlib import Path
from typing import Any

from django.conf import settings

LENGTH = struct.Struct(">I")
#: Length of a message that says: the source is gone for good. No frame is as long.
GONE = 0xFFFFFFFF
MAX_MESSAGE = 32 * 1024 * 1024
#: Seconds between two reports of what viewers took.
REPORT = 1.0


def socket_path() -> Path:
    return Path(getattr(settings, "VIDEO_SOCKET", None) or Path(settings.VAR_DIR) / "video.sock")


def line(body: dict[str, Any]) -> bytes:
    return json.dumps(body).encode() + b"\n"


async def read_line(reader: asyncio.StreamReader) -> dict[str, Any] | None:
    """None when the other side is gone, or says something else than an object."""
    text = await reader.readline()
    if not text:
        return None
    try:
        body = json.loads(text)
    except ValueError:
        return None
    return body if isinstance(body, dict) else None


async def read_message(reader: asyncio.StreamReader) -> bytes | None:
    """One packet; None for GONE. Raises IncompleteReadError when the worker is gone."""
    (length,) = LENGTH.unpack(await reader.readexactly(LENGTH.size))
    if length == GONE:
        return None
    if length > MAX_MESSAGE:
        raise asyncio.IncompleteReadError(b"", length)
    return await reader.readexactly(length)
