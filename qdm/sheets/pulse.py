"""Progress and cancelling of a running job, on a connection of its own: the job's transaction shows nothing yet."""

import threading
from types import TracebackType
from typing import Any, Self

from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from qdm.models import BulkJob, ExportJob, FormRun, ImportJob
from qdm.sheets.errors import Cancelled

Job = ImportJob | ExportJob | FormRun | BulkJob
#: Seconds between two signs of life.
INTERVAL = 0.5
#: Seconds without one after which the worker of a job counts as dead.
PATIENCE = 60


class Heartbeat:
    """While entered, writes ``heartbeat`` twice a second, for ``PATIENCE`` to be counted from."""

    def __init__(self, job_id: int, kind: type[Job]) -> None:
        self._jobs: QuerySet[Any]
        self._jobs = kind._default_manager.filter(pk=job_id)
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{kind.__name__}-{job_id}-pulse", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _tell(self) -> None:
        self._jobs.update(heartbeat=timezone.now())

    def _run(self) -> None:
        is_over = False
        try:
            while True:
                self._tell()
                if is_over:  # the last figures are told too
                    return
                is_over = self._over.wait(INTERVAL)
        finally:
            connection.close()


class JobPulse(Heartbeat):
    """While entered, writes ``rows_done`` too and reads the cancel flag."""

    def __init__(self, job_id: int, kind: type[Job] = ImportJob) -> None:
        super().__init__(job_id, kind)
        self._rows = 0
        self._total: int | None = None
        self._cancelled = threading.Event()

    def beat(self, rows: int) -> None:
        """So many rows more are done. Raises Cancelled."""
        self._rows += rows
        if self._cancelled.is_set():
            raise Cancelled

    def total(self, rows: int) -> None:
        """So many rows it will be."""
        self._total = rows

    def is_cancelled(self) -> bool:
        return self._cancelled.is_set()

    def _tell(self) -> None:
        known = {} if self._total is None else {"rows_total": self._total}
        self._jobs.update(rows_done=self._rows, heartbeat=timezone.now(), **known)
        if self._jobs.filter(cancel_asked=True).exists():
            self._cancelled.set()


class NoPulse:
    """For a caller who waits: a command, a test."""

    def beat(self, rows: int) -> None:
        """Nobody is told."""
