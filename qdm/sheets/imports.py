"""What a page, a command and the worker do with imports.

``start`` -> the worker reads -> the user edits and ``confirm``\\ s -> the worker writes -> ``undo`` if wanted.
A job belongs to who started it and to those who manage the workspace; to others it does not exist.
"""

import shutil
import uuid
from collections.abc import Iterable, Mapping
from typing import Any, Protocol

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qdm.access import Access, Action
from qdm.models import ImportJob, Workspace
from qdm.sheets.checking import check
from qdm.sheets.errors import ImportNotFound, WrongPhase
from qdm.sheets.phases import RUNNING, Phase, move
from qdm.sheets.proposal import Proposal
from qdm.sheets.recovery import Recovery
from qdm.sheets.uploads import folder_of, keep, tidy
from qdm.types.files import clean_name

ANALYSE_TASK, LOAD_TASK = "integram.imports.analyse", "integram.imports.load"
RECOVER_TASK = "integram.imports.recover"
QUEUE = "imports"


class UploadedFile(Protocol):
    """What Django's upload is: a name and pieces of content."""

    @property
    def name(self) -> str | None: ...

    def chunks(self) -> Iterable[bytes]: ...


def start(file: UploadedFile, *, access: Access, into: int | None = None) -> ImportJob:
    """Keep an uploaded file and have the worker read it.

    ``into``: the table that is to take its rows. Raises Forbidden, TermNotFound, FileTooLarge, UnreadableFile (by what
    can be seen without opening the file).
    """
    if into is None:
        access.require(Action.MANAGE)
    else:
        access.term(into)
        access.require(Action.ADD, into)
    tidy()
    job = ImportJob(
        workspace=Workspace.objects.get(slug=access.workspace),
        owner=access.actor.id,
        owner_name=access.actor.name,
        language=get_language() or "ru",
        file_name=clean_name(file.name or ""),
        folder=uuid.uuid4().hex,
        into=into,
    )
    folder = folder_of(job)
    try:
        keep(file.chunks(), folder)
        with transaction.atomic():
            job.save()
            _defer(ANALYSE_TASK, job)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return job


def get(job_id: int, *, access: Access) -> ImportJob:
    """The job, seen to if its worker has died. Raises ImportNotFound, the same for another's."""
    job = ImportJob.objects.filter(pk=job_id, workspace__slug=access.workspace).first()
    if job is None or not (access.can(Action.MANAGE) or (job.owner is not None and job.owner == access.actor.id)):
        raise ImportNotFound
    _RECOVERY.one(job)
    return job


def recover() -> int:
    """See to the imports whose worker has died; how many there were."""
    return _RECOVERY.all()


def _begin_again(job: ImportJob) -> None:
    """Begin again what was rolled back with its worker. Once: what kills every worker that takes it up has failed."""
    phase, task = (Phase.WAITING, ANALYSE_TASK) if job.phase == Phase.READING else (Phase.ACCEPTED, LOAD_TASK)
    with transaction.atomic():
        if job.options.get("begun_again"):
            message = _("The worker stopped in the middle. Nothing was imported.")
            move(job, job.phase, Phase.FAILED, message=message, finished_at=timezone.now())
        elif move(job, job.phase, phase, options=job.options | {"begun_again": True}):
            _defer(task, job)


_RECOVERY = Recovery(ImportJob, RUNNING, _begin_again)


def of_workspace(*, access: Access, limit: int = 20) -> list[ImportJob]:
    """The latest imports the actor may see."""
    jobs = ImportJob.objects.filter(workspace__slug=access.workspace).defer("proposal", "mapping", "errors")
    return list((jobs if access.can(Action.MANAGE) else jobs.filter(owner=access.actor.id))[:limit])


def proposal(job: ImportJob) -> Proposal:
    """What the import will do, with the edits accepted so far. Raises WrongPhase before the file is read."""
    data = job.mapping or job.proposal
    if data is None:
        raise WrongPhase
    return Proposal.from_json(data)


def edited(job: ImportJob, edits: Mapping[str, Any]) -> Proposal:
    """The proposal with the user's edits, for a preview; nothing is stored. Raises BadMapping, WrongPhase."""
    if job.proposal is None:
        raise WrongPhase
    return Proposal.from_json(job.proposal).with_edits(edits)


def reread(job_id: int, options: Mapping[str, Any], *, access: Access) -> ImportJob:
    """Read the file again in another way.

    ``options``: ``encoding``, ``delimiter`` of a text file, ``headers`` ``{sheet number: row from 0, -1 for none}``.
    Raises ImportNotFound, WrongPhase.
    """
    job = get(job_id, access=access)
    known = {key: options[key] for key in ("encoding", "delimiter", "headers") if options.get(key)}
    with transaction.atomic():
        if not move(job, Phase.PROPOSED, Phase.WAITING, options=job.options | known, proposal=None, mapping=None):
            raise WrongPhase
        _defer(ANALYSE_TASK, job)
    return job


def confirm(job_id: int, edits: Mapping[str, Any], *, access: Access) -> ImportJob:
    """Accept the proposal with these edits (``Proposal.with_edits``) and have the worker carry it out.

    Raises ImportNotFound, WrongPhase, BadMapping, Forbidden.
    """
    job = get(job_id, access=access)
    plan = edited(job, edits)
    check(plan, access)
    rows = sum(table.rows for table in plan.tables if not table.skip)
    with transaction.atomic():
        if not move(
            job, Phase.PROPOSED, Phase.ACCEPTED, mapping=plan.as_json(), rows_done=0, rows_total=rows, message=""
        ):
            raise WrongPhase
        _defer(LOAD_TASK, job)
    return job


def cancel(job_id: int, *, access: Access) -> ImportJob:
    """Stop an import that is not done: at once where nothing runs, else at the worker's next step.

    Raises ImportNotFound, WrongPhase.
    """
    job = get(job_id, access=access)
    for phase in (Phase.WAITING, Phase.PROPOSED, Phase.ACCEPTED):
        if move(job, phase, Phase.CANCELLED, cancel_asked=True):
            shutil.rmtree(folder_of(job), ignore_errors=True)
            break
    else:
        if not ImportJob.objects.filter(pk=job.pk, phase__in=RUNNING).update(cancel_asked=True):
            raise WrongPhase
    job.refresh_from_db()
    return job


def _defer(task: str, job: ImportJob) -> None:
    """In the caller's transaction: neither a job without its task nor a task without its job."""
    app.configure_task(task, queue=QUEUE).defer(job_id=job.pk)
