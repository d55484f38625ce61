"""One encoded picture, in the forms it leaves in. Each form is built once and its bytes are shared by all viewers."""

import struct
from dataclasses import dataclass
from functools import cached_property

#: Header of a binary message: sequence (uint32) and capture time (uint64, ms since 1970), big-endian.
HEADER = struct.Struct(">IQ")

BOUNDARY = b"--frame\r\n"
_PART = b"Content-Type: image/jpeg\r\n\r\n"


@dataclass(frozen=True)
class Frame:
    """``sequence`` rises by one with each picture of the source, so a gap is what a viewer was spared."""

    sequence: int
    captured_ms: int
    jpeg: bytes

    @cached_property
    def packet(self) -> bytes:
        """Header and JPEG: a WebSocket message of the ``integram.video`` subprotocol, and a relay message."""
        return HEADER.pack(self.sequence, self.captured_ms) + self.jpeg

    @cached_property
    def part(self) -> bytes:
        """A part of multipart/x-mixed-replace. It ends with the next boundary: a browser shows a part only when the
        boundary after it has come, and would otherwise lag one frame."""
        return _PART + self.jpeg + b"\r\n" + BOUNDARY

    @classmethod
    def from_packet(cls, packet: bytes) -> "Frame":
        sequence, captured_ms = HEADER.unpack_from(packet)
        return cls(sequence, captured_ms, packet[HEADER.size :])
