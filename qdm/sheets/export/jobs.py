"""Exports as pages and programs ask for them: a small one is written at once, a large one by the worker.

A job belongs to who started it; to others, those who manage the workspace too, it does not exist.
"""

import logging
import shutil
import tempfile
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden, QdmError, TooLarge
from qdm.models import ExportJob, Workspace
from qdm.query.ast import Query
from qdm.query.plain import as_plain, from_plain
from qdm.selectors import records
from qdm.sheets.errors import Cancelled, ExportNotFound, WrongPhase
from qdm.sheets.export import pdf
from qdm.sheets.export import template as filling
from qdm.sheets.export.formats import format_of
from qdm.sheets.export.layout import file_name
from qdm.sheets.export.stamp import stamp
from qdm.sheets.export.writing import Written, write
from qdm.sheets.phases import finish, move
from qdm.sheets.pulse import PATIENCE, JobPulse, NoPulse
from qdm.types.base import Locale

logger = logging.getLogger("qdm.exports")

Phase = ExportJob.Phase
EXPORT_TASK, TIDY_TASK = "integram.exports.write", "integram.exports.tidy"
QUEUE = "exports"
#: Rows up to which the answer is the file itself.
AT_ONCE = 5_000
#: A file is kept so long.
KEPT = timedelta(days=1)
#: Jobs of one person that may wait or run at the same time.
MOST_AT_ONCE = 3


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted: the rows of ``query`` of a table, in a format."""

    term: int
    query: Query
    format: str
    with_ids: bool = False


def is_small(order: Order, *, access: Access) -> bool:
    """Whether it is answered at once. Raises TermNotFound, Forbidden, InvalidRequest, and as ``records.count``."""
    access.term(order.term)
    access.require(Action.EXPORT, order.term)
    format_of(order.format)
    most = pdf.MOST_ROWS if order.format == "pdf" else AT_ONCE
    rows = records.count(order.term, order.query, access=access, cap=None, action=Action.EXPORT).value
    # Too large for paper: writing it at once says so at once.
    return rows <= most or order.format == "pdf"


def at_once(order: Order, *, access: Access, language: str = "") -> tuple[IO[bytes], str, Written]:
    """The open file, which is gone when it is closed, its name and what is in it. Raises as ``writing.write``."""
    folder = _root()
    with tempfile.TemporaryDirectory(dir=folder) as made:
        path = Path(made) / "file"
        written = _write(path, order, access, language or get_language() or "ru", NoPulse())
        return path.open("rb"), file_name(access.term(order.term), order.format), written


def filled(
    template: Iterable[bytes], order: Order, *, access: Access, language: str = ""
) -> tuple[IO[bytes], str, Written]:
    """The user's own workbook with the rows of the order in it, as ``at_once``. Raises as ``template.fill``."""
    with tempfile.TemporaryDirectory(dir=_root()) as made:
        source, path, size = Path(made) / "template", Path(made) / "file", 0
        with source.open("wb") as out:
            for piece in template:
                size += len(piece)
                if size > filling.LARGEST:
                    raise TooLarge(_("The workbook to fill in is too large."))
                out.write(piece)
        locale = Locale("en" if (language or get_language() or "ru").startswith("en") else "ru")
        written = filling.fill(source, path, order.term, order.query, access=access, locale=locale)
        return path.open("rb"), file_name(access.term(order.term), "xlsx"), written


def start(order: Order, *, access: Access, language: str = "") -> ExportJob:
    """Have the worker write the file. Raises TermNotFound, Forbidden, InvalidRequest, Conflict for too many at once."""
    term = access.term(order.term)
    access.require(Action.EXPORT, order.term)
    format_of(order.format)
    if access.actor.id is None:
        raise Forbidden
    mine = ExportJob.objects.filter(owner=access.actor.id, phase__in=(Phase.WAITING, Phase.WRITING))
    if mine.count() >= MOST_AT_ONCE:
        raise Conflict(_("Several exports of yours are being written. Wait for one of them, or cancel it."))
    with transaction.atomic():
        job = ExportJob.objects.create(
            workspace=Workspace.objects.get(slug=access.workspace),
            owner=access.actor.id,
            language=language or get_language() or "ru",
            term=order.term,
            format=order.format,
            question=as_plain(order.query),
            with_ids=order.with_ids,
            file_name=file_name(term, order.format),
            folder=uuid.uuid4().hex,
            rows_total=records.count(order.term, order.query, access=access, cap=None, action=Action.EXPORT).value,
        )
        app.configure_task(EXPORT_TASK, queue=QUEUE).defer(job_id=job.pk)
    return job


def get(job_id: int, *, access: Access) -> ExportJob:
    """The job, failed where its worker has died. Raises ExportNotFound, the same for another's."""
    job = ExportJob.objects.filter(pk=job_id, workspace__slug=access.workspace, owner=access.actor.id or 0).first()
    if job is None:
        raise ExportNotFound
    if job.phase == Phase.WRITING and job.heartbeat and job.heartbeat < timezone.now() - timedelta(seconds=PATIENCE):
        move(job, Phase.WRITING, Phase.FAILED, message=_("The worker stopped in the middle. Start the export again."))
        job.refresh_from_db()
    return job


def mine(*, access: Access, limit: int = 10) -> list[ExportJob]:
    """The actor's latest exports."""
    return list(ExportJob.objects.filter(workspace__slug=access.workspace, owner=access.actor.id or 0)[:limit])


def cancel(job_id: int, *, access: Access) -> ExportJob:
    """Raises ExportNotFound, WrongPhase."""
    job = get(job_id, access=access)
    running = ExportJob.objects.filter(pk=job.pk, phase=Phase.WRITING)
    if not move(job, Phase.WAITING, Phase.CANCELLED) and not running.update(cancel_asked=True):
        raise WrongPhase
    return job


def file_of(job: ExportJob, *, access: Access) -> IO[bytes]:
    """The file of a job that ``get`` gave, under the rights of now.

    Raises TermNotFound, Forbidden, WrongPhase where it is not done, ExportNotFound where it is gone, Conflict where the
    rights are no longer those it was made with.
    """
    term = access.term(job.term)
    access.require(Action.EXPORT, job.term)
    if job.phase != Phase.DONE:
        raise WrongPhase
    if job.rights != stamp(term, access=access):
        raise Conflict(_("Your rights to this table have changed since. Export it again."))
    path = _path(job)
    if is_over(job) or not path.exists():
        raise ExportNotFound(_("The file is kept for a day only. Export the table again."))
    return path.open("rb")


def is_over(job: ExportJob) -> bool:
    """Whether the file's day is over."""
    return job.finished_at is not None and job.finished_at < timezone.now() - KEPT


def carry_out(job_id: int, *, access: Access) -> bool:
    """What the worker does; False where it is done or being done already. Never raises what the user did: that goes to
    the job."""
    job = ExportJob.objects.get(pk=job_id)
    if not move(job, Phase.WAITING, Phase.WRITING, heartbeat=timezone.now()):
        return False
    with override(job.language):
        try:
            with JobPulse(job.pk, ExportJob) as pulse:
                rights = stamp(access.term(job.term), access=access)
                order = Order(job.term, from_plain(job.question), job.format, job.with_ids)
                _path(job).parent.mkdir(parents=True, mode=0o700)
                written = _write(_path(job), order, access, job.language, pulse)
            finish(job, Phase.DONE, rows_done=written.rows, rows_total=written.rows, cut=written.cut, rights=rights)
        except Cancelled:
            finish(job, Phase.CANCELLED)
        except QdmError as error:
            finish(job, Phase.FAILED, message=str(error))
        except Exception:
            logger.exception("export %s failed", job.pk)
            finish(job, Phase.FAILED, message=_("Something went wrong on our side. Try again."))
    if job.phase != Phase.DONE:
        shutil.rmtree(_path(job).parent, ignore_errors=True)
    return True


def fail(job_id: int, message: str) -> None:
    """End a job that cannot even begin: its owner has lost his rights."""
    ExportJob.objects.filter(pk=job_id, phase=Phase.WAITING).update(
        phase=Phase.FAILED, message=message, finished_at=timezone.now()
    )


def tidy() -> int:
    """Remove the files whose day is over, and whatever no job knows; how many."""
    fresh = timezone.now() - KEPT
    kept = set(
        ExportJob.objects.filter(created_at__gt=fresh - KEPT)
        .exclude(finished_at__lt=fresh)
        .values_list("folder", flat=True)
    )
    gone = [path for path in _root().iterdir() if path.name not in kept and _age(path) > KEPT]
    for path in gone:
        shutil.rmtree(path, ignore_errors=True)
    return len(gone)


def _age(path: Path) -> timedelta:
    return timedelta(seconds=timezone.now().timestamp() - path.stat().st_mtime)


def _write(path: Path, order: Order, access: Access, language: str, pulse: NoPulse | JobPulse) -> Written:
    locale = Locale("en" if language.startswith("en") else "ru")
    return write(
        path,
        order.format,
        order.term,
        order.query,
        access=access,
        pulse=pulse,
        with_ids=order.with_ids,
        locale=locale,
    )


def _root() -> Path:
    folder = Path(settings.VAR_DIR) / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def _path(job: ExportJob) -> Path:
    return _root() / job.folder / "file"
