"""The REST calls of live video. Errors are ``{"detail": text}``, of a body that does not fit ``{"detail": [...]}``."""

from typing import Any
from urllib.parse import quote

from asgiref.sync import async_to_sync
from django.http import FileResponse, HttpResponse, HttpResponseBase
from django.utils.translation import override
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import SessionAuthentication
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from qdm.errors import NameTaken, NotFound, QdmError
from video import callers, connecting, recording, rights, snapshots, tickets
from video.callers import Caller
from video.errors import SourceRefused, TooManySources
from video.limits import current
from video.models import Source
from video.runtime import engine
from video.serializers import Connect, Outcome, SaveSnapshot, stream_info

TOTALS = ("viewers", "frames_encoded", "frames_out", "bytes_out")
#: Why a source could not be connected; the body of that answer is fixed by the wire contract.
REASON = "X-Integram-Reason"


class VideoView(APIView):  # type: ignore[misc]  # rest_framework has no types
    """``caller`` is who asks. A session needs the CSRF token for what changes something; a bearer token does not."""

    authentication_classes = ()
    permission_classes = ()
    caller: Caller

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        # Before rest_framework, which puts its own idea of the user into the request.
        self.caller = callers.of_request(request._request)
        super().initial(request, *args, **kwargs)
        if self.caller.token is None:
            SessionAuthentication().enforce_csrf(request)

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, QdmError):
            return Response({"detail": str(exc)}, exc.status)
        if isinstance(exc, ValidationError):
            return Response({"detail": _problems(exc.detail)}, 422)
        if isinstance(exc, ParseError):
            return Response({"detail": [{"loc": ["body"], "msg": str(exc.detail), "type": "json_invalid"}]}, 422)
        return super().handle_exception(exc)

    def find(self, name: str) -> Source:
        return rights.find(name, self.caller, self.request.query_params.get("workspace"))


class ConnectView(VideoView):
    @extend_schema(request=Connect, responses=Outcome)
    def post(self, request: Request) -> Response:
        body = _valid(Connect(data=request.data))
        try:
            connecting.connect(
                body["drone_id"],
                body["source_url"],
                caller=self.caller,
                workspace=body.get("workspace"),
                always=body["always"],
                recording=body["recording"],
                record_id=body.get("record_id"),
                telemetry_term_id=body.get("telemetry_table"),
            )
        except (SourceRefused, NameTaken, TooManySources) as error:
            answer = _outcome(False, body["drone_id"], "Failed to connect to video source")
            with override(None):
                answer[REASON] = quote(str(error), safe=" ,.:;'()")
            return answer
        return _outcome(True, body["drone_id"], "Successfully connected to video source")


class DisconnectView(VideoView):
    @extend_schema(request=None, responses=Outcome)
    def post(self, request: Request, drone_id: str) -> Response:
        connecting.disconnect(self.find(drone_id), self.caller)
        return _outcome(True, drone_id, "Successfully disconnected video source")


class InfoView(VideoView):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, drone_id: str) -> Response:
        source = self.find(drone_id)
        return Response(_infos([source])[0])


class StatsView(VideoView):
    """All streams the caller may see, and the threads and viewers they cost."""

    @extend_schema(responses={200: dict})
    def get(self, request: Request) -> Response:
        streams = _infos(rights.visible(self.caller, request.query_params.get("workspace")))
        total = {name: sum(stream[name] for stream in streams) for name in TOTALS}
        return Response({"streams": streams, "total": total})


class TicketView(VideoView):
    @extend_schema(request=None, responses={200: dict})
    def post(self, request: Request, drone_id: str) -> Response:
        ticket = tickets.issue(self.find(drone_id), self.caller)
        return Response({"ticket": ticket, "expires_in": current().ticket_age})


class SnapshotView(VideoView):
    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, drone_id: str) -> HttpResponseBase:
        jpeg = snapshots.take(self.find(drone_id), self.caller)
        return HttpResponse(jpeg, content_type="image/jpeg", headers={"Cache-Control": "no-store"})

    @extend_schema(request=SaveSnapshot, responses={200: dict})
    def post(self, request: Request, drone_id: str) -> Response:
        """Save the picture of now to a file column of the stream's record, or of another one."""
        body = _valid(SaveSnapshot(data=request.data))
        source = self.find(drone_id)
        record_id = snapshots.save(source, self.caller, body["requisite_id"], body.get("record_id"))
        return Response({"record_id": record_id, "requisite_id": body["requisite_id"]})


class RecordingsView(VideoView):
    @extend_schema(responses={200: dict})
    def get(self, request: Request, drone_id: str) -> Response:
        source = self.find(drone_id)
        found = recording.segments(source.pk)
        return Response({"segments": [{"name": s.name, "started": s.started, "size": s.size} for s in found]})


class RecordingView(VideoView):
    @extend_schema(responses={(200, "video/mp4"): bytes})
    def get(self, request: Request, drone_id: str, name: str) -> HttpResponseBase:
        path = recording.segment_path(self.find(drone_id).pk, name)
        if path is None:
            raise NotFound
        filename = f"{drone_id} {name}"
        return FileResponse(path.open("rb"), content_type="video/mp4", as_attachment=True, filename=filename)


class SavedView(VideoView):
    """A snapshot that a file column holds."""

    @extend_schema(responses={(200, "image/jpeg"): bytes})
    def get(self, request: Request, workspace: str, record_id: int, name: str) -> HttpResponseBase:
        jpeg = snapshots.saved(workspace, record_id, name, self.caller)
        return HttpResponse(jpeg, content_type="image/jpeg", headers={"Cache-Control": "private, no-cache"})


def _infos(sources: list[Source]) -> list[dict[str, Any]]:
    statuses = async_to_sync(engine().statuses)([source.pk for source in sources])
    return [stream_info(source, statuses[source.pk]) for source in sources]


def _outcome(success: bool, drone_id: str, message: str) -> Response:
    return Response({"success": success, "drone_id": drone_id, "message": message})


def _valid(serializer: Serializer[Any]) -> dict[str, Any]:
    serializer.is_valid(raise_exception=True)
    return dict(serializer.validated_data)


def _problems(detail: Any) -> list[dict[str, Any]]:
    if not isinstance(detail, dict):
        return [{"loc": ["body"], "msg": str(text), "type": "value_error"} for text in detail]
    return [
        {"loc": ["body", name], "msg": str(text), "type": "missing" if text.code == "required" else "value_error"}
        for name, texts in detail.items()
        for text in texts
    ]
