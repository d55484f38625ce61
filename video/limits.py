"""Every number of the video part, with its default. Settings of the same name with ``VIDEO_`` before it override."""

from dataclasses import dataclass, fields

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Limits:
    """Times in seconds. The defaults are those of IO.md 2.7; ``Limits()`` is them."""

    open_timeout: float = 3.0
    read_timeout: float = 3.0
    #: Without a frame for this long a live source is shown as stalled.
    stall_after: float = 1.0
    #: An on-demand source goes on for this long after its last viewer.
    linger: float = 10.0
    backoff_first: float = 0.5
    backoff_last: float = 10.0
    max_sources: int = 16
    max_viewers: int = 100
    max_viewers_per_user: int = 32
    max_width: int = 3840
    max_height: int = 2160
    max_fps: float = 30.0
    #: A viewer that took no frame for this long is dropped.
    send_timeout: float = 15.0
    #: Frames a viewer that acknowledges may have outstanding.
    in_flight: int = 3
    #: Rights of a running stream are asked for again after this long, and at once when grants change here.
    recheck: float = 20.0
    ticket_age: int = 60
    telemetry_per_second: float = 10.0
    record_fps: float = 10.0
    record_segment: float = 300.0
    record_hours: float = 24.0
    record_megabytes: int = 2048


def current() -> Limits:
    """The limits as the settings have them."""
    named = {f.name: getattr(settings, f"VIDEO_{f.name.upper()}", None) for f in fields(Limits)}
    return Limits(**{name: value for name, value in named.items() if value is not None})
