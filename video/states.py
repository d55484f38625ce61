"""The states a stream can be in, and the picture of it that ``info`` and ``stats`` show."""

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class State(StrEnum):
    """What the source does right now.

    connecting: being opened, no frame yet. live: frames come. stalled: open, but frames stopped coming. lost: failed,
    waiting to try again. closed: nobody wants it, or it was disconnected.
    """

    CONNECTING = "connecting"
    LIVE = "live"
    STALLED = "stalled"
    LOST = "lost"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Status:
    """One source at one moment. Times in seconds, rates per second, ``bytes_in`` from the network only."""

    state: State = State.CLOSED
    error: str = ""
    width: int = 0
    height: int = 0
    frame_age: float | None = None
    fps_in: float = 0.0
    fps_out: float = 0.0
    frames_in: int = 0
    frames_encoded: int = 0
    frames_out: int = 0
    bytes_in: int = 0
    bytes_out: int = 0
    viewers: int = 0
    reconnects: int = 0
    recording: bool = False

    @property
    def connected(self) -> bool:
        """Whether pictures come: never true for a source that died."""
        return self.state is State.LIVE

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"state": str(self.state)}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "Status":
        return cls(**body | {"state": State(body["state"])})
