"""The engine of this process: its own captures, or the video worker's where VIDEO_WORKER is set."""

import threading

from django.conf import settings

from video import registry
from video.address import AddressPolicy
from video.engine import Engine, LocalEngine
from video.limits import current
from video.relay_client import RemoteEngine

_lock = threading.Lock()
_engine: Engine | None = None


def engine() -> Engine:
    """Started at the first call; a web server calls at its start, so that sources captured always come up."""
    global _engine
    with _lock:
        if _engine is None:
            made: Engine = RemoteEngine(current()) if getattr(settings, "VIDEO_WORKER", False) else local_engine()
            made.start()
            _engine = made
        return _engine


def begun() -> Engine | None:
    """The engine where it was called for, for whoever only looks at it."""
    return _engine


def stop() -> None:
    """End the captures of this process; the next call of ``engine`` begins anew."""
    global _engine
    with _lock:
        if _engine is not None:
            _engine.stop()
            _engine = None


def local_engine() -> LocalEngine:
    return LocalEngine(registry.specs, current(), AddressPolicy.current())
