"""WebSocket addresses of the whole site: each edge keeps its own list."""

from typing import Any

from django.urls import re_path

from integram.grid.routing import websocket_urlpatterns as grid
from video.routing import websocket_urlpatterns as video


async def nowhere(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Any other address: refused before it is accepted."""
    await send({"type": "websocket.close", "code": 4404})


websocket_urlpatterns = [*video, *grid, re_path("", nowhere)]  # type: ignore[arg-type]
