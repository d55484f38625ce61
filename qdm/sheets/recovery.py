"""Jobs whose worker has died. What it had written was rolled back with it: the job begins again, once."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.utils import timezone

from qdm.models import BulkJob, FormRun, ImportJob
from qdm.sheets.pulse import PATIENCE

Job = TypeVar("Job", ImportJob, FormRun, BulkJob)


@dataclass(frozen=True, slots=True)
class Recovery(Generic[Job]):
    """``running``: phases in which a worker is at the job and gives signs of life; ``begin_again``: what is done about
    one that gives none."""

    kind: type[Job]
    running: Collection[str]
    begin_again: Callable[[Job], None]

    def all(self) -> int:
        """See to the jobs whose worker has died; how many there were."""
        dead = list(self.kind._default_manager.filter(phase__in=self.running, heartbeat__lt=_dead_before()))
        for job in dead:
            self.begin_again(job)
        return len(dead)

    def one(self, job: Job) -> None:
        """The same for this one, which is then as it is by now."""
        if job.phase in self.running and job.heartbeat is not None and job.heartbeat < _dead_before():
            self.begin_again(job)
            job.refresh_from_db()


def _dead_before() -> datetime:
    return timezone.now() - timedelta(seconds=PATIENCE)
