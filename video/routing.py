"""WebSocket addresses of live video."""

from django.urls import path

from video.consumer import StreamConsumer

websocket_urlpatterns = [path("video/stream/ws/<str:drone_id>", StreamConsumer.as_asgi())]
