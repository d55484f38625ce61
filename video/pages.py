"""The pages of live video: the wall of streams, and the player of one."""

from typing import Any
from urllib.parse import quote, urlencode

from asgiref.sync import async_to_sync
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from qdm.errors import NotFound, QdmError
from qdm.types.base import BaseType
from video import callers, connecting, recording, rights
from video.forms import SourceForm
from video.models import Source
from video.runtime import engine
from video.serializers import stream_info


@login_required
def wall(request: HttpRequest) -> HttpResponse:
    """All streams the user may see; who manages a workspace connects one here (POST)."""
    caller = callers.of_request(request)
    managed = rights.managed(caller)
    form = SourceForm(managed, caller.user.is_superuser, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            connecting.connect(caller=caller, **form.cleaned_data)
        except QdmError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("“%(name)s” is connected.") % {"name": form.cleaned_data["name"]})
            return redirect("video-wall")
    streams = _shown(rights.visible(caller))
    may_connect = bool(managed) or caller.user.is_superuser
    context = {"streams": streams, "form": form, "may_connect": may_connect}
    return render(request, "video/wall.html", context, status=422 if form.errors else 200)


@login_required
@require_GET
def player(request: HttpRequest, source_id: int) -> HttpResponse:
    caller = callers.of_request(request)
    try:
        source = rights.by_id(source_id, caller)
    except NotFound:
        raise Http404 from None
    segments = [
        {"started": s.started, "size": s.size, "url": reverse("video-recording", args=[source.pk, s.name])}
        for s in recording.segments(source.pk)
    ]
    context = {
        "stream": _shown([source])[0],
        "may_manage": rights.may_manage(source, caller),
        "file_columns": _file_columns(source, caller),
        "segments": segments,
    }
    return render(request, "video/player.html", context)


@login_required
@require_GET
def segment(request: HttpRequest, source_id: int, name: str) -> FileResponse:
    """A recording, as a file to keep."""
    try:
        source = rights.by_id(source_id, callers.of_request(request))
    except NotFound:
        raise Http404 from None
    path = recording.segment_path(source.pk, name)
    if path is None:
        raise Http404
    return FileResponse(path.open("rb"), content_type="video/mp4", as_attachment=True, filename=f"{source.name} {name}")


@login_required
@require_POST
def disconnect(request: HttpRequest, source_id: int) -> HttpResponse:
    caller = callers.of_request(request)
    try:
        source = rights.by_id(source_id, caller)
    except NotFound:
        raise Http404 from None
    try:
        connecting.disconnect(source, caller)
    except QdmError as error:
        messages.error(request, str(error))
        return redirect("video-player", source_id)
    messages.success(request, _("“%(name)s” is disconnected.") % {"name": source.name})
    return redirect("video-wall")


def _shown(sources: list[Source]) -> list[dict[str, Any]]:
    """What ``info`` says, with the addresses a page needs."""
    statuses = async_to_sync(engine().statuses)([source.pk for source in sources])
    return [stream_info(source, statuses[source.pk]) | _addresses(source) for source in sources]


def _addresses(source: Source) -> dict[str, str]:
    query = "?" + urlencode({"workspace": source.workspace.slug}) if source.workspace else ""
    return {
        "socket": f"/video/stream/ws/{quote(source.name, safe='')}{query}",
        "mjpeg_url": reverse("video-stream", args=[source.name]) + query,
        "info_url": reverse("video-info", args=[source.name]) + query,
        "snapshot_url": reverse("video-snapshot", args=[source.name]) + query,
    }


def _file_columns(source: Source, caller: callers.Caller) -> list[Any]:
    """Columns of the record's table that a snapshot can be saved to."""
    term = rights.record_term(source, caller)
    return [r for r in term.requisites if r.base == BaseType.FILE] if term else []
