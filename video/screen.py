"""What of a server's answer may reach FFmpeg: anything but a redirect.

FFmpeg follows a redirect to wherever it points, in RTSP without an option against it (run: ``302`` with ``Location:
rtsp://127.0.0.1:…`` reached the inner port in spite of ``protocol_whitelist`` and ``max_redirects``). So the gate
reads along and stops at a 3xx. It is strict: what it cannot parse beyond doubt is refused too, since FFmpeg might
read it another way.
"""

import re

from video.errors import SourceRefused

MAX_HEAD = 16 * 1024

_HTTP_STATUS = re.compile(rb"HTTP/1\.[01] [245][0-9]{2}[ \r\n]")
_RTSP_STATUS = re.compile(rb"RTSP/[12]\.0 [1245][0-9]{2} ")
_RTSP_REQUEST = re.compile(rb"[A-Z_]+ [\x21-\x7e]+ RTSP/[12]\.0$")
_LENGTH = re.compile(rb"content-length: *([0-9]{1,6}) *$", re.IGNORECASE)


class HttpScreen:
    """Looks at the status line; FFmpeg makes one request per connection."""

    def __init__(self) -> None:
        self._head = b""
        self._passed = False

    def feed(self, data: bytes) -> None:
        """Raises SourceRefused at a redirect. ``data`` may be passed on only afterwards, and ``ready``."""
        if self._passed:
            return
        self._head += data
        if len(self._head) >= 13:
            if not _HTTP_STATUS.match(self._head):
                raise SourceRefused
            self._passed = True

    @property
    def ready(self) -> bool:
        """Whether what was fed may go on."""
        return self._passed


class RtspScreen:
    """Follows the framing: ``$`` packets of RTP are skipped by their length, every message's first line is read."""

    def __init__(self) -> None:
        self._buffer = b""
        self._skip = 0

    def feed(self, data: bytes) -> None:
        if self._skip >= len(data):
            self._skip -= len(data)
            return
        buffer = self._buffer + data[self._skip :]
        self._skip = 0
        at = 0
        while at < len(buffer):
            if buffer[at] == 0x24:
                if len(buffer) - at < 4:
                    break
                at += 4 + int.from_bytes(buffer[at + 2 : at + 4], "big")
            else:
                end = buffer.find(b"\r\n\r\n", at)
                if end < 0:
                    if len(buffer) - at > MAX_HEAD:
                        raise SourceRefused
                    break
                at = end + 4 + self._message(buffer[at:end])
        self._skip = max(0, at - len(buffer))
        self._buffer = buffer[at:]

    @property
    def ready(self) -> bool:
        """Whether nothing is held that was not judged yet."""
        return not self._buffer

    def _message(self, head: bytes) -> int:
        """Length of the body. Raises SourceRefused for a redirect and for a head that is not plain."""
        first, *lines = head.split(b"\r\n")
        if not (_RTSP_STATUS.match(first + b" ") or _RTSP_REQUEST.match(first)):
            raise SourceRefused
        if any(b"\n" in line or b"\r" in line or line.lower().startswith(b"location") for line in (first, *lines)):
            raise SourceRefused
        lengths = [line for line in lines if line.lower().lstrip().startswith(b"content-length")]
        if not lengths:
            return 0
        match = _LENGTH.match(lengths[0])
        if len(lengths) > 1 or not match:
            raise SourceRefused
        return int(match[1])
