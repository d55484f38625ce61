"""How a job moves from one phase to the next: never twice, whoever comes second changes nothing."""

from typing import Any

from django.utils import timezone

from qdm.models import BulkJob, ExportJob, ImportJob

Phase = ImportJob.Phase
RUNNING = (Phase.READING, Phase.LOADING)


def move(job: ImportJob | ExportJob | BulkJob, before: str, after: str, **changes: Any) -> bool:
    """From one phase to another, with other changes, if it still is in the first."""
    if not type(job)._default_manager.filter(pk=job.pk, phase=before).update(phase=after, **changes):
        return False
    for name, value in {"phase": after, **changes}.items():
        setattr(job, name, value)
    return True


def finish(job: ImportJob | ExportJob, phase: str, **changes: Any) -> bool:
    """The step that runs has ended in this phase; False where somebody else has ended or restarted it meanwhile."""
    return move(job, job.phase, phase, finished_at=timezone.now(), **changes)


def fail(job_id: int, message: str) -> None:
    """End a job that cannot even begin: its owner has lost his rights, say."""
    ImportJob.objects.filter(pk=job_id).exclude(phase__in=(Phase.DONE, Phase.UNDONE)).update(
        phase=Phase.FAILED, message=message, finished_at=timezone.now()
    )
