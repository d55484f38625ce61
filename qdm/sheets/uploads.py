"""Uploaded files on disk: kept under a random name, looked at without being opened, forgotten in the end."""

import shutil
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from qdm.models import ImportJob
from qdm.sheets.errors import FileTooLarge, UnreadableFile
from qdm.sheets.phases import RUNNING
from qdm.sheets.reading.archive import check_archive
from qdm.sheets.reading.failure import ReadFailure
from qdm.sheets.reading.sniff import Kind, sniff

#: Bytes of an upload.
MAX_UPLOAD = 50 * 1024 * 1024
#: Files of imports nobody finished are kept so long.
KEPT = timedelta(days=7)


def folder_of(job: ImportJob) -> Path:
    """Where the file and its spool lie; named at random, never by the user."""
    return Path(settings.VAR_DIR) / "uploads" / job.folder


def keep(pieces: Iterable[bytes], folder: Path) -> None:
    """Write the upload and look at what can be seen without opening it.

    Raises FileTooLarge, UnreadableFile.
    """
    folder.mkdir(parents=True, mode=0o700)
    size = 0
    with (folder / "file").open("wb") as out:
        for piece in pieces:
            size += len(piece)
            if size > MAX_UPLOAD:
                raise FileTooLarge(_("The file is larger than %(limit)d MB.") % {"limit": MAX_UPLOAD >> 20})
            out.write(piece)
    try:
        if sniff(folder / "file") in (Kind.XLSX, Kind.XLSM, Kind.ODS):
            check_archive(folder / "file")
    except ReadFailure as failure:
        raise UnreadableFile(failure.reason, failure.detail) from failure


def tidy() -> None:
    """Forget the files of imports that nobody finished."""
    old = ImportJob.objects.filter(created_at__lt=timezone.now() - KEPT).exclude(phase__in=RUNNING)
    for job in old.only("folder")[:100]:
        shutil.rmtree(folder_of(job), ignore_errors=True)
