"""Files of cells are taken in: kept under a key, named by the text of a cell once that is written like any other."""

import shutil
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidType, TooLarge
from qdm.models import StoredFile, Workspace
from qdm.query.ast import NOTHING
from qdm.selectors.files import path_of, root
from qdm.types import files
from qdm.types.files import HOLDERS

#: First bytes of the pictures browsers show, and their types. SVG is none of them: it may hold a script.
_PICTURES = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
)


def keep(requisite_id: int, name: str, pieces: Iterable[bytes], *, access: Access) -> StoredFile:
    """Keep a file for a cell of the column; its ``text`` is what to write into the cell.

    Raises RequisiteNotFound, InvalidType for a column of another type, Forbidden for one in no row of which the actor
    may write, TooLarge.
    """
    requisite = access.requisite(requisite_id)
    if requisite.base not in HOLDERS:
        raise InvalidType(_("A file goes into a column of files."))
    may_write = access.can(Action.CHANGE, requisite.term_id) or access.can(Action.ADD, requisite.term_id)
    if not may_write or access.field(requisite_id, Action.CHANGE) == NOTHING:
        raise Forbidden
    key = files.new_key()
    path = path_of(access.workspace, key)
    try:
        size = _write(pieces, path)
        with transaction.atomic():
            return StoredFile.objects.create(
                workspace=Workspace.objects.get(slug=access.workspace),
                key=key,
                name=files.clean_name(name),
                size=size,
                kind=_picture(path),
                owner=access.actor.id,
            )
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def forget_all(workspace: str) -> None:
    """The workspace is gone: its files go too."""
    shutil.rmtree(root(workspace), ignore_errors=True)


def dumped(workspace: Workspace) -> Iterator[dict[str, Any]]:
    """The files of an archive as JSON values."""
    for stored in StoredFile.objects.filter(workspace=workspace):
        created = stored.created_at.isoformat()
        yield {"key": stored.key, "name": stored.name, "size": stored.size, "kind": stored.kind, "created_at": created}


def contents(workspace: Workspace) -> Iterator[tuple[str, IO[bytes]]]:
    """Key and bytes of each file, to be closed by the reader; one that is gone from the disk is left out."""
    for key in StoredFile.objects.filter(workspace=workspace).values_list("key", flat=True):
        with suppress(FileNotFoundError):
            yield key, path_of(workspace.slug, key).open("rb")


def restore(workspace: Workspace, archived: Iterable[dict[str, Any]]) -> list[str]:
    """Make the files of an archive known; nothing to be said about them."""
    for row in archived:
        stored = StoredFile.objects.create(workspace=workspace, **{n: row[n] for n in ("key", "name", "size", "kind")})
        StoredFile.objects.filter(pk=stored.pk).update(created_at=row["created_at"])
    return []


def put(workspace: Workspace, key: str, content: IO[bytes]) -> Path:
    """Keep the bytes of a file of the archive; where. What a dropped workspace left under the name goes."""
    path = path_of(workspace.slug, key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("wb") as out:
        shutil.copyfileobj(content, out)
    return path


def _write(pieces: Iterable[bytes], path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    size = 0
    with path.open("xb") as out:
        for piece in pieces:
            size += len(piece)
            if size > settings.CELL_FILE_BYTES:
                limit = settings.CELL_FILE_BYTES >> 20
                raise TooLarge(_("The file is larger than %(limit)d MB.") % {"limit": limit})
            out.write(piece)
    return size


def _picture(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(16)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    return next((kind for start, kind in _PICTURES if head.startswith(start)), "")
