"""Connecting and disconnecting a source: rights, registry and engine in their order."""

from asgiref.sync import async_to_sync

from video import recording, registry, rights
from video.callers import Caller
from video.errors import SourceRefused
from video.models import Source
from video.runtime import engine


def connect(
    name: str,
    url: str,
    *,
    caller: Caller,
    workspace: str | None = None,
    always: bool = False,
    recording: bool = False,
    record_id: int | None = None,
    telemetry_term_id: int | None = None,
) -> Source:
    """Register a source and see that it gives a picture; one that does not is not kept.

    Raises WorkspaceNotFound, Forbidden, RecordNotFound, TermNotFound, and what ``registry.add`` raises.
    """
    home = rights.workspace_for(workspace, caller)
    rights.require_manage(home, caller)
    if record_id is not None:
        rights.require_record(home, record_id, caller)
    if telemetry_term_id is not None:
        rights.require_table(home, telemetry_term_id, caller)
    source = registry.add(
        name,
        url,
        workspace=home,
        user=caller.user,
        always=always,
        recording=recording,
        record_id=record_id,
        telemetry_term_id=telemetry_term_id,
    )
    if not async_to_sync(engine().works)(source.pk):
        status = async_to_sync(engine().statuses)([source.pk])[source.pk]
        _remove(source)
        raise SourceRefused(status.error or None)
    return source


def disconnect(source: Source, caller: Caller) -> None:
    """End the capture, close its viewers, delete its recordings. Raises Forbidden."""
    rights.require_manage(source.workspace, caller)
    _remove(source)


def _remove(source: Source) -> None:
    source_id = source.pk
    registry.remove(source)
    async_to_sync(engine().refresh)()
    recording.forget(source_id)
