"""WebSocket addresses of the whole site: each edge keeps its own list."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

websocket_urlpatterns: list[Any] = [
    pattern
    for edge in ("video", "integram.grid")
    if find_spec(f"{edge}.routing")
    for pattern in import_module(f"{edge}.routing").websocket_urlpatterns
]
