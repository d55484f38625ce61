"""How the sources of this process are, for whoever watches over the server."""

from asgiref.sync import async_to_sync

from video import runtime
from video.models import Source
from video.states import Status


def statuses() -> list[Status]:
    """Of every source; of none where this process shows no video. Raises Django's ``Error`` without a database."""
    engine = runtime.begun()
    if engine is None:
        return []
    return list(async_to_sync(engine.statuses)(list(Source.objects.values_list("pk", flat=True))).values())
