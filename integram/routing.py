"""WebSocket addresses of the whole site: each edge keeps its own list."""

from typing import Any

websocket_urlpatterns: list[Any] = []
