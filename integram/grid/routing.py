"""WebSocket addresses of the grid."""

from django.urls import path

from integram.grid.live.consumer import SheetConsumer

websocket_urlpatterns = [path("w/<slug:slug>/t/<int:term_id>/live", SheetConsumer.as_asgi())]
