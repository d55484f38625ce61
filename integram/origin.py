"""Which pages may open a WebSocket here: those of this site. Programs may, without cookies."""

from typing import Any

from channels.security.websocket import AllowedHostsOriginValidator as _AllowedHosts


class OriginValidator:
    """A browser always names the page's origin, which must be an allowed host. A program that names none is let in
    without its cookies, so that only a token or ticket can tell who it is."""

    def __init__(self, application: Any) -> None:
        self._application = application
        self._browsers = _AllowedHosts(application)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        if any(name == b"origin" for name, _value in scope["headers"]):
            return await self._browsers(scope, receive, send)
        headers = [(name, value) for name, value in scope["headers"] if name != b"cookie"]
        return await self._application({**scope, "headers": headers}, receive, send)
