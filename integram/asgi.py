"""The ASGI application: HTTP and WebSocket on one port."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")

import django

django.setup(set_prefix=False)

# What follows imports models, so only after Django is set up.
from channels.auth import AuthMiddlewareStack  # noqa: E402
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402

from integram.counters import counted_sockets  # noqa: E402
from integram.guarded import GuardedHandler  # noqa: E402
from integram.origin import OriginValidator  # noqa: E402
from integram.routing import websocket_urlpatterns  # noqa: E402
from video.runtime import engine  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": GuardedHandler(),
        "websocket": counted_sockets(OriginValidator(AuthMiddlewareStack(URLRouter(websocket_urlpatterns)))),
    }
)

# Sources that are always captured come up with the server, not with their first viewer.
engine()
