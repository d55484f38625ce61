"""Changes of many rows as pages ask for them, and undoing one: a small one is made at once, a large one by the worker.

A job belongs to who started it; to others, those who manage the workspace too, it does not exist. It is one
transaction: until it is done nothing of it is there, and where it is cancelled or dies nothing was. Only a
column's other type or constraint is written in more (``qdm.sheets.reshaping``).
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from types import MappingProxyType
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from procrastinate.contrib.django import app

from qdm.access import Access, Action
from qdm.errors import Conflict, Forbidden, QdmError
from qdm.managers import shadows
from qdm.models import BulkJob, Workspace
from qdm.selectors import chosen as choosing
from qdm.selectors import history, reverts
from qdm.selectors.chosen import Chosen
from qdm.services import batches, bulk, shadowed
from qdm.services.bulk import Change, Deleting, Duplicating, Outcome, Setting
from qdm.services.retyping import retypable
from qdm.services.shadowed import Shapes
from qdm.sheets import reshaping
from qdm.sheets.errors import BulkNotFound, Cancelled, Superseded, WrongPhase
from qdm.sheets.phases import move
from qdm.sheets.pulse import JobPulse
from qdm.sheets.recovery import Recovery
from qdm.types.base import BaseType, Locale

logger = logging.getLogger("qdm.bulk")

Kind, Phase = BulkJob.Kind, BulkJob.Phase
TASK, RECOVER_TASK = "integram.bulk.carry_out", "integram.bulk.recover"
QUEUE = "bulk"
#: Rows changed, or changes taken back, while the user waits.
AT_ONCE = 1_000
#: Jobs of one person that may wait or run at the same time.
MOST_AT_ONCE = 3


def start(term_id: int, chosen: Chosen, change: Change, expected: int, *, access: Access) -> BulkJob:
    """The job, done already where it is small. ``expected``: how many rows the user was told there are.

    Raises as ``bulk.check`` and ``bulk.carry_out``; Conflict where others of his are under way.
    """
    bulk.check(term_id, change, access=access, locale=_locale(_language()))
    rows = choosing.count(term_id, chosen, access=access)
    job = _job(access, _kind(change), rows, term=term_id, chosen=chosen.as_plain(), change=asdict(change))
    job.change["expected"] = expected
    return _begin(job, at_once=max(rows, expected) <= AT_ONCE, access=access)


def reshape(
    requisite_id: int, *, base: BaseType | None = None, flags: Mapping[str, bool] = MappingProxyType({}), access: Access
) -> BulkJob:
    """The same for a column: another type, or UNIQUE or MULTIPLE or not.

    Raises RequisiteNotFound, Forbidden, InvalidType; Conflict where a column of the table is being changed.
    """
    column = access.requisite(requisite_id) if base is None else retypable(requisite_id, base, access=access)
    access.require(Action.MANAGE, column.term_id)
    running = BulkJob.objects.filter(workspace__slug=access.workspace, kind=Kind.COLUMN, term=column.term_id)
    if running.filter(phase__in=(Phase.WAITING, Phase.WRITING)).exists():
        raise Conflict(_("A column of this table is being changed just now. Wait until it is done."))
    rows = shadows.rows(access.schema.pg_schema, column.term_id)
    change = {"column": column.id, "before": column.base, "base": base, "flags": dict(flags)}
    return _begin(_job(access, Kind.COLUMN, rows, term=column.term_id, change=change), at_once=False, access=access)


def undo(batch_id: int, *, access: Access, force: bool = False, seen: int | None = None) -> BulkJob:
    """The same for taking a batch back. Raises NotFound as ``reverts.batch``, and what ``batches.undo`` does where the
    batch is small."""
    reverts.batch(batch_id, access=access)
    change = {"batch": batch_id, "force": force, "seen": seen}
    return _begin(
        _job(access, Kind.UNDO, None, change=change), at_once=not is_large(batch_id, access=access), access=access
    )


def undoing(batch_id: int, *, access: Access) -> BulkJob | None:
    """The latest job of the actor's that takes the batch back or has tried to."""
    mine = BulkJob.objects.filter(workspace__slug=access.workspace, owner=access.actor.id or 0, kind=Kind.UNDO)
    return mine.filter(change__batch=batch_id).order_by("pk").last()


def is_large(batch_id: int, *, access: Access) -> bool:
    """Whether taking the batch back is the worker's."""
    if any(shadowed.is_large(term_id, access=access) for term_id in batches.reshapes(batch_id, access=access)):
        return True
    return sum(deed.count for deed in history.deeds([batch_id], access=access)[batch_id]) > AT_ONCE


def get(job_id: int, *, access: Access) -> BulkJob:
    """The job, seen to if its worker has died. Raises BulkNotFound, the same for another's."""
    job = BulkJob.objects.filter(pk=job_id, workspace__slug=access.workspace, owner=access.actor.id or 0).first()
    if job is None:
        raise BulkNotFound
    _RECOVERY.one(job)
    return job


def changes_structure(job: BulkJob, *, access: Access) -> bool:
    """Whether tables and columns are others by it."""
    if job.kind != Kind.UNDO:
        return job.kind == Kind.COLUMN
    batch_id = job.change["batch"]
    return any(deed.kind == "s" for deed in history.deeds([batch_id], access=access)[batch_id])


def cancel(job_id: int, *, access: Access) -> BulkJob:
    """Raises BulkNotFound, WrongPhase."""
    job = get(job_id, access=access)
    running = BulkJob.objects.filter(pk=job.pk, phase=Phase.WRITING)
    if move(job, Phase.WAITING, Phase.CANCELLED):
        _let_go(job)
    elif not running.update(cancel_asked=True):
        raise WrongPhase
    return job


def carry_out(job_id: int, *, access: Access) -> None:
    """What the worker does. Never raises what the user did: that goes to the job."""
    job = BulkJob.objects.get(pk=job_id)
    if not move(job, Phase.WAITING, Phase.WRITING, heartbeat=timezone.now()):
        return
    with override(job.language):
        try:
            with JobPulse(job.pk, BulkJob) as pulse:
                if job.kind == Kind.COLUMN:
                    reshaping.carry_out(job, access=access, locale=_locale(job.language), beat=pulse.beat)
                _do(job, access, pulse)
        except Cancelled:
            _end(job, Phase.CANCELLED, "")
        except Superseded:
            logger.warning("bulk job %s was taken for dead and goes on elsewhere", job.pk)
        except QdmError as error:
            _end(job, Phase.FAILED, str(error))
        except Exception:
            logger.exception("bulk job %s failed", job.pk)
            _end(job, Phase.FAILED, _("Something went wrong on our side. Nothing was changed."))


def fail(job_id: int, message: str) -> None:
    """End a job that cannot even begin: its owner has lost his rights."""
    job = BulkJob.objects.get(pk=job_id)
    if move(job, Phase.WAITING, Phase.FAILED, message=message, finished_at=timezone.now()):
        _let_go(job)


def recover() -> int:
    """See to the jobs whose worker has died; how many there were."""
    return _RECOVERY.all()


def _begin_again(job: BulkJob) -> None:
    """Once: what kills every worker that takes it up has failed."""
    with transaction.atomic(), override(job.language):
        if job.begun_again:
            _end(job, Phase.FAILED, _("The worker stopped in the middle. Nothing was changed."))
        elif move(job, Phase.WRITING, Phase.WAITING, begun_again=True, rows_done=0):
            _defer(job)


_RECOVERY = Recovery(BulkJob, (Phase.WRITING,), _begin_again)


def _job(access: Access, kind: BulkJob.Kind, rows: int | None, **rest: Any) -> BulkJob:
    if access.actor.id is None:
        raise Forbidden
    return BulkJob(
        workspace=Workspace.objects.get(slug=access.workspace),
        owner=access.actor.id,
        language=_language(),
        kind=kind,
        rows_total=rows,
        **rest,
    )


def _begin(job: BulkJob, *, at_once: bool, access: Access) -> BulkJob:
    if at_once:
        with transaction.atomic():
            job.phase = Phase.WRITING
            job.save()
            _do(job, access, None)
        return job
    if BulkJob.objects.filter(owner=job.owner, phase__in=(Phase.WAITING, Phase.WRITING)).count() >= MOST_AT_ONCE:
        raise Conflict(_("Several changes of yours are under way. Wait for one of them, or cancel it."))
    with transaction.atomic():
        job.save()
        _defer(job)
    return job


def _do(job: BulkJob, access: Access, pulse: JobPulse | None) -> None:
    """The change and the end of its job in one transaction: the job is done exactly when its rows are there."""
    tell = pulse.beat if pulse is not None else _nobody
    ready = batches.make_ready(job.change["batch"], access=access, tell=tell) if job.kind == Kind.UNDO else {}
    try:
        _do_in_one(job, access, tell, ready)
    except BaseException:
        shadowed.drop(ready, access=access)
        raise


def _do_in_one(job: BulkJob, access: Access, tell: Callable[[int], None], ready: Shapes) -> None:
    with transaction.atomic():
        if job.kind == Kind.UNDO:
            undone = batches.undo(
                job.change["batch"],
                access=access,
                force=job.change["force"],
                seen=job.change["seen"],
                tell=tell,
                ready=ready,
            )
            outcome = Outcome(undone.batch, undone.removed + undone.restored + undone.changed)
        elif job.kind == Kind.COLUMN:
            outcome = Outcome(job.change["batch"], job.rows_total or 0)
        else:
            assert job.term is not None
            outcome = bulk.carry_out(
                job.term,
                Chosen.from_plain(job.chosen),
                _change(job),
                access=access,
                locale=_locale(job.language),
                expected=job.change["expected"],
                tell=tell,
            )
        done = {
            "batch": outcome.batch,
            "written": outcome.written,
            "refused": outcome.refused,
            "problems": [asdict(problem) for problem in outcome.problems],
        }
        if not move(job, Phase.WRITING, Phase.DONE, finished_at=timezone.now(), **done):
            raise Superseded


def _nobody(rows: int) -> None:
    """Who waits needs no figures."""


def _end(job: BulkJob, phase: BulkJob.Phase, message: str) -> None:
    """Without being done. What a change of a column had written in transactions of its own can be undone."""
    written = {"batch": job.change.get("batch")} if job.kind == Kind.COLUMN else {}
    if move(job, Phase.WRITING, phase, message=message, finished_at=timezone.now(), **written):
        _let_go(job)


def _let_go(job: BulkJob) -> None:
    if job.kind == Kind.COLUMN:
        reshaping.let_go(job)


def _defer(job: BulkJob) -> None:
    """In the caller's transaction: neither a job without its task nor a task without its job."""
    app.configure_task(TASK, queue=QUEUE).defer(job_id=job.pk)


def _kind(change: Change) -> BulkJob.Kind:
    return {Setting: Kind.SET, Deleting: Kind.DELETE, Duplicating: Kind.DUPLICATE}[type(change)]


def _change(job: BulkJob) -> Change:
    match job.kind:
        case Kind.SET:
            return Setting(job.change["column"], job.change["value"])
        case Kind.DELETE:
            return Deleting()
    return Duplicating(job.change["below"])


def _language() -> str:
    return get_language() or "ru"


def _locale(language: str) -> Locale:
    return Locale("en" if language.startswith("en") else "ru")
