"""Streams and saved pictures of a workspace as parts of an archive, and back.

Addresses stay sealed: where SECRET_KEY is another one they have to be typed again. Recordings are not carried.
"""

import posixpath
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import IO, Any

from django.contrib.auth import get_user_model
from django.core.files import File
from django.core.files.storage import default_storage
from django.utils.translation import gettext as _

from qdm.models import Workspace
from video.errors import SourceRefused
from video.models import Source

Row = dict[str, Any]
_FIELDS = ("name", "sealed_url", "always", "recording", "record_id", "telemetry_term_id")


def rows(workspace: Workspace) -> Iterator[Row]:
    for source in Source.objects.filter(workspace=workspace).select_related("created_by").order_by("pk"):
        values: Row = {name: getattr(source, name) for name in _FIELDS}
        yield {**values, "created_by": source.created_by.get_username() if source.created_by else None}


def load(workspace: Workspace, archived: Iterable[Row]) -> list[str]:
    """Connect the sources of the archive; sentences about what has to be done again."""
    notes = []
    users = get_user_model().objects
    for row in archived:
        creator = users.filter(username=row["created_by"]).first() if row["created_by"] else None
        source = Source.objects.create(workspace=workspace, created_by=creator, **{name: row[name] for name in _FIELDS})
        try:
            _unsealed = source.url
        except SourceRefused:
            notes.append(
                _("The address of the stream “%(name)s” was sealed with another SECRET_KEY: type it again.")
                % {"name": source.name}
            )
    return notes


def files(workspace: Workspace) -> Iterator[tuple[str, IO[bytes]]]:
    """Saved pictures, ``<record>/<name>``, each to be closed by the reader."""
    top = _folder(workspace)
    with suppress(FileNotFoundError):
        for record in sorted(default_storage.listdir(top)[0]):
            for name in sorted(default_storage.listdir(f"{top}/{record}")[1]):
                yield f"{record}/{name}", default_storage.open(f"{top}/{record}/{name}")


def put(workspace: Workspace, name: str, content: IO[bytes]) -> str:
    """Keep a picture of the archive; its path in the storage. What a dropped workspace left under the name goes."""
    path = f"{_folder(workspace)}/{name}"
    default_storage.delete(path)
    return default_storage.save(path, File(content, posixpath.basename(name)))


def _folder(workspace: Workspace) -> str:
    """Where ``video.snapshots`` keeps the pictures of a workspace."""
    return f"video/{workspace.slug}"
