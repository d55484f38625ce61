"""What can go wrong with a stream, in the tree of domain errors (qdm/errors.py)."""

from django.utils.translation import gettext_lazy as _

from qdm.errors import Conflict, InvalidRequest, NotFound, QdmError


class SourceRefused(InvalidRequest):
    """The address of a source breaks the policy, or cannot be opened. The message says which."""

    code = "source_refused"
    default = _("This video source is not allowed.")


class SourceClosed(NotFound):
    code = "source_closed"
    default = _("The video source was disconnected.")


class DroneNotConnected(NotFound):
    """No source of this name that the caller may see. The text is the wire contract's."""

    code = "drone_not_connected"

    def __init__(self, name: str) -> None:
        super().__init__(f"Drone {name} not connected")


class AmbiguousDrone(Conflict):
    code = "ambiguous_drone"
    default = _("Several workspaces have a stream of this name: name the workspace.")


class LimitReached(QdmError):
    code = "limit_reached"
    status = 429
    default = _("The limit is reached.")


class TooManySources(LimitReached):
    code = "too_many_sources"
    default = _("The limit of video sources is reached.")


class TooManyViewers(LimitReached):
    code = "too_many_viewers"
    default = _("The limit of viewers is reached.")


class NoPicture(QdmError):
    """The source is known, but there is no picture of it now."""

    code = "no_picture"
    status = 503
    default = _("There is no picture from this source now.")


class MjpegRefused(QdmError):
    """daphne's sends do not wait, so a viewer that does not read would fill the memory of the server."""

    code = "mjpeg_refused"
    status = 503
    default = _("This server (daphne) cannot bound an MJPEG stream on this connection. Use the WebSocket stream.")
