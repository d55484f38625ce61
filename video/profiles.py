"""The sizes and rates a stream is offered in. One encode per frame and profile, whatever the number of viewers."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Profile:
    """``width`` x ``height`` is a box the picture is fitted into (0: its own size), ``quality`` that of JPEG, ``fps``
    the highest rate."""

    name: str
    width: int
    height: int
    quality: int
    fps: float


FULL = Profile("full", 0, 0, 80, 30.0)
#: A quarter of the bytes of the full picture (IO.md 2.3: 32 KB against 105): for walls.
TILE = Profile("tile", 640, 360, 75, 30.0)
#: For thin lines: one picture a second.
LOW = Profile("low", 640, 360, 60, 1.0)

PROFILES = {profile.name: profile for profile in (FULL, TILE, LOW)}
