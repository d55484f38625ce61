"""WebSocket addresses of live video."""

from django.urls import path

from video import sockets

websocket_urlpatterns = [
    path("video/stream/ws/<str:drone_id>", sockets.stream),  # type: ignore[arg-type]  # an ASGI application
]
