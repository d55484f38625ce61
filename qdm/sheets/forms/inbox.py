"""Watched folders: what somebody or some program puts into ``var/inbox/<form>/`` is sent to the form.

A file that was taken moves to ``done`` beneath, one that could not be taken to ``failed``, with the reason beside it.
"""

import logging
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.core.files.base import File
from django.utils import timezone

from qdm.access import Access
from qdm.errors import QdmError
from qdm.models import FormRun, UploadForm
from qdm.sheets.forms import runs

logger = logging.getLogger("qdm.forms")

SCAN_TASK = "integram.forms.scan"
#: Seconds a file has to lie unchanged, so that none is taken half written.
SETTLED = 5
#: Files of one form in one look.
MOST = 100


def folder_of(form: UploadForm) -> Path:
    return Path(settings.VAR_DIR) / "inbox" / form.slug


def scan(access_of: Callable[[UploadForm], Access]) -> int:
    """Send the files that lie in the folders of all forms, oldest first, under the Access given; how many."""
    sent = 0
    for form in UploadForm.objects.select_related("workspace").filter(is_open=True):
        folder = folder_of(form)
        folder.mkdir(parents=True, exist_ok=True)
        for path in _settled(folder)[:MOST]:
            sent += _send(form, path, access_of)
    return sent


def _settled(folder: Path) -> list[Path]:
    """Plain files that are not being written."""
    before = timezone.now().timestamp() - SETTLED
    files = [p for p in folder.iterdir() if p.is_file() and not p.is_symlink() and not p.name.startswith((".", "~"))]
    return sorted((p for p in files if p.stat().st_mtime < before), key=lambda p: (p.stat().st_mtime, p.name))


def _send(form: UploadForm, path: Path, access_of: Callable[[UploadForm], Access]) -> bool:
    try:
        with path.open("rb") as file:
            run = runs.send(form, File(file, path.name), access=access_of(form), door=FormRun.Door.FOLDER)
    except QdmError as error:
        logger.warning("%s is not taken in: %s", path, error)
        failed = _moved(path, "failed")
        failed.with_name(f"{failed.name}.txt").write_text(str(error), encoding="utf-8")
        return False
    _moved(path, "done", f"{run.pk} ")
    return True


def _moved(path: Path, name: str, prefix: str = "") -> Path:
    target = path.parent / name / f"{prefix}{path.name}"
    target.parent.mkdir(exist_ok=True)
    return path.replace(target)
