"""One picture of now: shown, or saved to a file column of a record.

A saved picture is a file in MEDIA_ROOT; the cell holds its address on this site. Whoever may read that cell may read
the picture.
"""

import asyncio
import posixpath
from contextlib import suppress
from functools import partial

from asgiref.sync import async_to_sync
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from qdm.errors import InvalidRequest, InvalidType, NotFound
from qdm.selectors import records as reading
from qdm.services import records as writing
from qdm.types.base import BaseType
from video import rights
from video.callers import Caller
from video.errors import NoPicture
from video.models import Source
from video.profiles import FULL
from video.runtime import engine


def take(source: Source, caller: Caller) -> bytes:
    """JPEG of the picture of now, in full size. Wakes the source; raises NoPicture when none comes in time."""
    return async_to_sync(_take)(source.pk, caller.user.pk)


async def _take(source_id: int, user_id: int) -> bytes:
    limits = engine().limits
    with engine().watch(source_id, FULL, user_id) as watch:
        try:
            async with asyncio.timeout(limits.open_timeout + limits.read_timeout):
                return (await watch.next()).jpeg
        except TimeoutError:
            raise NoPicture from None


def save(source: Source, caller: Caller, requisite_id: int, record_id: int | None = None) -> int:
    """Put the picture of now into a file column of the record, by default that of the stream; returns the record.

    Raises NoPicture, RecordNotFound, RequisiteNotFound, InvalidType for a column of another type, Forbidden.
    """
    record_id = record_id or source.record_id
    if source.workspace is None or record_id is None:
        raise InvalidRequest(_("Name the row to save the picture to."))
    slug = source.workspace.slug
    access = rights.access(caller, slug)
    reading.get(record_id, access=access)
    if access.requisite(requisite_id).base not in (BaseType.FILE, BaseType.MEDIA, BaseType.PATH):
        raise InvalidType(_("A picture goes into a column of files."))
    jpeg = take(source, caller)
    name = f"{timezone.now():%Y%m%dT%H%M%S%f}.jpg"
    stored = default_storage.save(_path(slug, record_id, name), ContentFile(jpeg))
    try:
        address = reverse("video-saved", args=[slug, record_id, posixpath.basename(stored)])
        writing.update(record_id, {requisite_id: address}, access=access)
    except Exception:
        default_storage.delete(stored)
        raise
    return record_id


def saved(slug: str, record_id: int, name: str, caller: Caller) -> bytes:
    """A saved picture. Raises NotFound unless a cell that the caller sees holds its address."""
    record = reading.get(record_id, access=rights.access(caller, slug))
    address = reverse("video-saved", args=[slug, record_id, name])
    path = _path(slug, record_id, name)
    if not any(_holds(cell, address) for cell in record.cells.values()) or not default_storage.exists(path):
        raise NotFound
    with default_storage.open(path) as file:
        return bytes(file.read())


def forget_all(sender: object, workspace: str, **_more: object) -> None:
    """The pictures of a workspace go with it, once that is certain."""
    transaction.on_commit(partial(_forget_folder, f"video/{workspace}"))


def _forget_folder(path: str) -> None:
    with suppress(FileNotFoundError):
        folders, names = default_storage.listdir(path)
        for folder in folders:
            _forget_folder(f"{path}/{folder}")
        for name in names:
            default_storage.delete(f"{path}/{name}")
        default_storage.delete(path)


def _holds(cell: object, address: str) -> bool:
    return address in cell if isinstance(cell, tuple) else cell == address


def _path(slug: str, record_id: int, name: str) -> str:
    return f"video/{slug}/{record_id}/{name}"
