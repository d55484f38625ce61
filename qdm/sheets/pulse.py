"""Progress and cancelling of a running job, on a connection of its own: the job's transaction shows nothing yet."""

import threading
from types import TracebackType

from django.db import connection
from django.utils import timezone

from qdm.models import ExportJob, ImportJob
from qdm.sheets.errors import Cancelled

#: Seconds between two signs of life.
INTERVAL = 0.5
#: Seconds without one after which the worker of a job counts as dead.
PATIENCE = 60


class JobPulse:
    """While entered, writes ``rows_done`` and ``heartbeat`` twice a second and reads the cancel flag."""

    def __init__(self, job_id: int, kind: type[ImportJob] | type[ExportJob] = ImportJob) -> None:
        self._jobs = kind._default_manager.filter(pk=job_id)
        self._rows = 0
        self._total: int | None = None
        self._over = threading.Event()
        self._cancelled = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"{kind.__name__}-{job_id}-pulse", daemon=True)

    def __enter__(self) -> "JobPulse":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

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

    def _run(self) -> None:
        is_over = False
        try:
            while True:
                known = {} if self._total is None else {"rows_total": self._total}
                self._jobs.update(rows_done=self._rows, heartbeat=timezone.now(), **known)
                if is_over:  # the last figures are told too
                    return
                if self._jobs.filter(cancel_asked=True).exists():
                    self._cancelled.set()
                is_over = self._over.wait(INTERVAL)
        finally:
            connection.close()


class NoPulse:
    """For a caller who waits: a command, a test."""

    def beat(self, rows: int) -> None:
        """Nobody is told."""
