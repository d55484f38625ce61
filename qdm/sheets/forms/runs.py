"""A file sent to a form, from its arrival to being taken back. What pages, programs, the link and the worker call.

A run belongs to its form: who manages the workspace or made the form sees all of them, others those they sent.
"""

import logging
import shutil
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qdm.access import Access, Action
from qdm.errors import Forbidden, InvalidRequest, QdmError, TooLarge
from qdm.models import BulkJob, FormRun, UploadForm
from qdm.services import batches
from qdm.sheets import bulk
from qdm.sheets.errors import RunNotFound, Superseded, WrongPhase
from qdm.sheets.forms import applying, lines, workbook
from qdm.sheets.forms.applying import Outcome
from qdm.sheets.forms.plan import FormPlan, form_term, require_columns
from qdm.sheets.imports import UploadedFile
from qdm.sheets.pulse import Heartbeat
from qdm.sheets.recovery import Recovery
from qdm.sheets.supervisor import read_file
from qdm.sheets.uploads import keep
from qdm.types.files import clean_name

logger = logging.getLogger("qdm.forms")

Phase, Door = FormRun.Phase, FormRun.Door
CHECK_TASK, APPLY_TASK = "integram.forms.check", "integram.forms.apply"
RECOVER_TASK = "integram.forms.recover"
QUEUE = "forms"
#: A worker is at it and gives signs of life.
RUNNING = (Phase.CHECKING, Phase.APPLYING)
#: Doors where nobody has chosen a language.
UNATTENDED = (Door.FOLDER, Door.MAIL, Door.WEB)
#: Problems kept with a run, the rest is counted.
PROBLEMS = 1_000
#: Files of one form within a day, whoever sends them.
MOST_A_DAY = 500
#: Files that came are kept so long, so that they can be sent back marked.
KEPT = timedelta(days=30)


def send(form: UploadForm, file: UploadedFile, *, access: Access, door: str, sender: str = "") -> FormRun:
    """Keep the file and have the worker check it. ``access``: whose rights it is taken in under.

    Raises Forbidden for a form that takes no files, TooLarge for too many of them, FileTooLarge, UnreadableFile.
    """
    if not form.is_open:
        raise Forbidden(_("This form takes no files at present."))
    if access.actor.id is None:
        raise Forbidden
    recent = form.runs.filter(created_at__gt=timezone.now() - timedelta(days=1)).count()
    if recent >= MOST_A_DAY:
        raise TooLarge(_("Too many files were sent to this form today."))
    run = FormRun(
        form=form,
        owner=access.actor.id,
        sender=sender[:200] or access.actor.name,
        door=door,
        language=(None if door in UNATTENDED else get_language()) or form.language,
        file_name=clean_name(file.name or ""),
        folder=uuid.uuid4().hex,
    )
    try:
        keep(file.chunks(), folder_of(run))
        with transaction.atomic():
            run.save()
            _defer(CHECK_TASK, run)
    except BaseException:
        shutil.rmtree(folder_of(run), ignore_errors=True)
        raise
    return run


def get(run_id: int, *, access: Access) -> FormRun:
    """The run, seen to if its worker has died. Raises RunNotFound, the same for another's."""
    run = (
        FormRun.objects.select_related("form__workspace")
        .filter(pk=run_id, form__workspace__slug=access.workspace)
        .first()
    )
    if run is None or not (_sees_all(run.form, access) or run.owner == access.actor.id):
        raise RunNotFound
    _RECOVERY.one(run)
    return run


def of_form(form: UploadForm, *, access: Access, limit: int = 50) -> list[FormRun]:
    """The latest files of a form that the actor may see."""
    found = form.runs.defer("preview", "problems")
    return list((found if _sees_all(form, access) else found.filter(owner=access.actor.id or 0))[:limit])


def accept(run_id: int, *, access: Access) -> FormRun:
    """Have the worker write what the preview shows, as the table is then. Raises RunNotFound, Forbidden, WrongPhase."""
    run = _managed(run_id, access)
    with transaction.atomic():
        if not _move(run, Phase.PREVIEW, Phase.ACCEPTED):
            raise WrongPhase
        _defer(APPLY_TASK, run)
    return run


def reject(run_id: int, *, access: Access) -> FormRun:
    """Raises RunNotFound, Forbidden, WrongPhase."""
    run = _managed(run_id, access)
    if not _move(run, Phase.PREVIEW, Phase.REJECTED, finished_at=timezone.now()):
        raise WrongPhase
    return run


def undo(run_id: int, *, access: Access) -> FormRun:
    """Take back everything the run wrote; where that is much the worker does (``undoing``), and the run stays applied
    until then. Raises RunNotFound, Forbidden, WrongPhase, and as ``batches.undo``: Conflict where its rows have been
    changed since."""
    run = _managed(run_id, access)
    if run.batch is not None and run.phase == Phase.APPLIED and bulk.is_large(run.batch, access=access):
        under_way = undoing(run, access=access)
        if under_way is None or under_way.phase not in (BulkJob.Phase.WAITING, BulkJob.Phase.WRITING):
            bulk.undo(run.batch, access=access)
        return run
    with transaction.atomic():
        if run.batch is None or not _move(run, Phase.APPLIED, Phase.UNDONE):
            raise WrongPhase
        batches.undo(run.batch, access=access)
    return run


def undoing(run: FormRun, *, access: Access) -> BulkJob | None:
    """The worker's job that takes the run back, of this actor; None where there was none."""
    return bulk.undoing(run.batch, access=access) if run.batch is not None else None


def marked(run: FormRun) -> Path:
    """The sender's file with what is wrong in it, made when first asked for. Raises InvalidRequest, RunNotFound."""
    if not run.problems:
        raise InvalidRequest(_("There is nothing wrong in this file."))
    folder = folder_of(run)
    if not (folder / "file").exists():
        raise RunNotFound(_("The file is no longer kept."))
    path = folder / "marked.xlsx"
    if not path.exists():
        with override(run.language):
            workbook.mark(folder / "file", path, run.counts.get("sheet", ""), run.counts, run.problems)
    return path


def marked_name(run: FormRun) -> str:
    """What the marked file is called: as the sender's, with a word added."""
    return f"{Path(run.file_name).stem} ({_('marked')}).xlsx"


# What the worker does


def check(run_id: int, *, access: Access) -> None:
    """Read the file, rehearse, and apply at once where the form says so. What the sender did goes to the run."""
    run = FormRun.objects.select_related("form").get(pk=run_id)
    if _move(run, Phase.QUEUED, Phase.CHECKING, heartbeat=timezone.now()):
        _settle(run, lambda: _check(run, access))


def apply(run_id: int, *, access: Access) -> None:
    run = FormRun.objects.select_related("form").get(pk=run_id)
    if _move(run, Phase.ACCEPTED, Phase.APPLYING, heartbeat=timezone.now()):
        _settle(run, lambda: _apply(run, access))


def recover() -> int:
    """See to the runs whose worker has died; how many there were."""
    return _RECOVERY.all()


def _begin_again(run: FormRun) -> None:
    """Begin again what was rolled back with its worker. Once: a file that kills every worker has failed."""
    phase, task = (Phase.QUEUED, CHECK_TASK) if run.phase == Phase.CHECKING else (Phase.ACCEPTED, APPLY_TASK)
    with transaction.atomic(), override(run.language):
        if run.begun_again:
            message = _("The worker stopped in the middle. Nothing was written.")
            _move(run, run.phase, Phase.FAILED, message=message, finished_at=timezone.now())
        elif _move(run, run.phase, phase, begun_again=True):
            _defer(task, run)


_RECOVERY = Recovery(FormRun, RUNNING, _begin_again)


def fail(run_id: int, message: str) -> None:
    """End a run that cannot even begin: its owner has lost his rights."""
    FormRun.objects.filter(pk=run_id, phase__in=(Phase.QUEUED, Phase.ACCEPTED)).update(
        phase=Phase.FAILED, message=message, finished_at=timezone.now()
    )


def tidy() -> int:
    """Forget the files that came long ago; how many."""
    old = FormRun.objects.filter(created_at__lt=timezone.now() - KEPT, created_at__gt=timezone.now() - 2 * KEPT)
    folders = [folder for run in old.only("folder") if (folder := folder_of(run)).exists()]
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)
    return len(folders)


def folder_of(run: FormRun) -> Path:
    """Where the file and its spool lie; named at random, never by the sender."""
    return Path(settings.VAR_DIR) / "uploads" / run.folder


def _check(run: FormRun, access: Access) -> None:
    """Write, look at what came of it, and leave it only where the form applies such files by itself."""
    sheet = _read(run, access)
    with transaction.atomic():
        outcome = _carry_out(run, sheet, access)
        limit = run.form.automatic
        by_itself = limit is not None and outcome.rows > 0 and outcome.share_of_bad <= limit
        if by_itself:
            _applied(run, Phase.CHECKING, outcome, sheet)
        else:
            transaction.set_rollback(True)
    if not by_itself:
        _keep(run, outcome, sheet)
        _move(run, Phase.CHECKING, Phase.PREVIEW)


def _apply(run: FormRun, access: Access) -> None:
    sheet = _read(run, access)
    with transaction.atomic():
        _applied(run, Phase.APPLYING, _carry_out(run, sheet, access), sheet)


def _read(run: FormRun, access: Access) -> lines.Sheet:
    folder = folder_of(run)
    plan, term = _plan(run), form_term(run.form.term, access=access)
    require_columns(plan, term)
    return lines.find(plan, term, read_file(folder / "file", folder, Path(run.file_name).stem), folder, run.file_name)


def _carry_out(run: FormRun, sheet: lines.Sheet, access: Access) -> Outcome:
    note = f"form {run.form.slug}: {run.file_name}"
    return applying.carry_out(_plan(run), form_term(run.form.term, access=access), sheet, access=access, note=note)


def _applied(run: FormRun, before: str, outcome: Outcome, sheet: lines.Sheet) -> None:
    """In the transaction of the writing: the run is applied exactly when its rows are there."""
    _keep(run, outcome, sheet)
    if not _move(run, before, Phase.APPLIED, batch=outcome.batch, finished_at=timezone.now()):
        raise Superseded


def _plan(run: FormRun) -> FormPlan:
    return FormPlan.from_json(run.form.plan)


def _keep(run: FormRun, outcome: Outcome, sheet: lines.Sheet) -> None:
    run.counts = {**outcome.counts, "sheet": sheet.name}
    run.preview = outcome.preview
    run.problems = [asdict(problem) for problem in outcome.problems[:PROBLEMS]]
    run.save(update_fields=["counts", "preview", "problems"])


def _settle(run: FormRun, step: Callable[[], None]) -> None:
    """A step in the sender's language; what goes wrong becomes the run's message."""
    message = ""
    with override(run.language):
        try:
            with Heartbeat(run.pk, FormRun):
                step()
        except Superseded:
            logger.warning("run %s of a form was taken for dead and goes on elsewhere", run.pk)
        except QdmError as error:
            message = str(error)
        except Exception:
            logger.exception("run %s of a form failed", run.pk)
            message = _("Something went wrong on our side. Nothing was written.")
    if message:
        FormRun.objects.filter(pk=run.pk, phase__in=RUNNING).update(
            phase=Phase.FAILED, message=message, finished_at=timezone.now()
        )


def _managed(run_id: int, access: Access) -> FormRun:
    run = get(run_id, access=access)
    if not _sees_all(run.form, access):
        raise Forbidden
    return run


def _sees_all(form: UploadForm, access: Access) -> bool:
    return access.can(Action.MANAGE) or form.owner == access.actor.id


def _move(run: FormRun, before: str, after: str, **changes: Any) -> bool:
    """From one phase to the next, if it still is in the first."""
    if not FormRun.objects.filter(pk=run.pk, phase=before).update(phase=after, **changes):
        return False
    for name, value in {"phase": after, **changes}.items():
        setattr(run, name, value)
    return True


def _defer(task: str, run: FormRun) -> None:
    """In the caller's transaction: neither a run without its task nor a task without its run."""
    app.configure_task(task, queue=QUEUE).defer(run_id=run.pk)
