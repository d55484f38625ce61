"""Reading and changing the registry of sources. Rights are asked before, in ``video.rights``."""

from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction

from qdm.errors import InvalidValue, NameTaken
from qdm.models import Workspace
from rbac.models import User
from video import location
from video.errors import SourceRefused, TooManySources
from video.limits import current
from video.location import Location
from video.models import Source
from video.runner import SourceSpec


def root() -> Path:
    """The folder that file sources must be in."""
    path = Path(getattr(settings, "VIDEO_ROOT", None) or Path(settings.VAR_DIR) / "video")
    path.mkdir(parents=True, exist_ok=True)
    return path


def parse(url: str) -> Location:
    """Raises SourceRefused."""
    return location.parse(url, root())


def shown(source: Source) -> str:
    """Its address without credentials; the reason in brackets where it cannot be used any more."""
    try:
        return str(parse(source.url))
    except SourceRefused as error:
        return f"({error})"


def add(
    name: str,
    url: str,
    *,
    workspace: Workspace | None,
    user: User,
    always: bool = False,
    recording: bool = False,
    record_id: int | None = None,
    telemetry_term_id: int | None = None,
) -> Source:
    """Raises SourceRefused, TooManySources, InvalidValue for a bad name, NameTaken."""
    parse(url)
    if Source.objects.count() >= current().max_sources:
        raise TooManySources
    source = Source(
        workspace=workspace,
        name=name,
        always=always,
        recording=recording,
        record_id=record_id,
        telemetry_term_id=telemetry_term_id,
        created_by=user,
    )
    source.url = url
    try:
        source.clean_fields(exclude=["sealed_url"])
    except ValidationError as error:
        raise InvalidValue(fields=error.message_dict) from error
    try:
        with transaction.atomic():
            source.save()
    except IntegrityError:
        raise NameTaken from None
    return source


def remove(source: Source) -> None:
    source.delete()


def specs() -> list[SourceSpec]:
    """What is to be captured. One whose address cannot be used any more is left out; ``shown`` says why.

    Called from the engine's threads, so the connection goes back to the pool.
    """
    found = []
    try:
        for source in Source.objects.order_by("id")[: current().max_sources]:
            try:
                where = parse(source.url)
            except SourceRefused:
                continue
            found.append(SourceSpec(source.pk, source.name, where, source.always, source.recording))
    finally:
        connection.close()
    return found
