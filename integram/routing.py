"""WebSocket addresses of the whole site: each edge keeps its own list."""

from video.routing import websocket_urlpatterns

__all__ = ["websocket_urlpatterns"]
