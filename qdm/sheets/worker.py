"""What the worker does for an import: read the file, carry out the accepted mapping."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from qdm.access import Access
from qdm.errors import QdmError
from qdm.managers import bulk
from qdm.models import ImportJob
from qdm.sheets.errors import Cancelled, Superseded
from qdm.sheets.infer import infer
from qdm.sheets.into import into_term
from qdm.sheets.load import Report, load
from qdm.sheets.phases import Phase, finish, move
from qdm.sheets.proposal import Proposal
from qdm.sheets.pulse import JobPulse
from qdm.sheets.supervisor import read_file
from qdm.sheets.uncollected import uncollected
from qdm.sheets.uploads import folder_of
from qdm.types.base import Locale

logger = logging.getLogger("qdm.imports")

#: Rows from which on the planner wants new statistics at once.
_ANALYSED = 20_000


def analyse(job_id: int, *, access: Access) -> None:
    """Read the file in a child process and store a proposal. Never raises what the user did: that goes to the job."""
    job = ImportJob.objects.get(pk=job_id)
    if move(job, Phase.WAITING, Phase.READING, heartbeat=timezone.now(), rows_done=0):
        with JobPulse(job.pk) as pulse:
            _settle(job, Phase.PROPOSED, lambda: {"proposal": _proposed(job, access, pulse).as_json()})


def carry_out(job_id: int, *, access: Access) -> None:
    """Load what was accepted. Never raises what the user did: that goes to the job."""
    job = ImportJob.objects.get(pk=job_id)
    if not move(job, Phase.ACCEPTED, Phase.LOADING, heartbeat=timezone.now(), rows_done=0):
        return
    reports: list[Report] = []

    def write(pulse: JobPulse) -> None:
        with transaction.atomic():
            report = load(Proposal.from_json(job.mapping or {}), folder_of(job), access, pulse)
            reports.append(report)
            # in the same transaction: the job is done exactly when its rows are there
            if _was_restarted(job) or not finish(job, Phase.DONE, **_results(report)):
                raise Superseded

    with JobPulse(job.pk) as pulse:
        _settle(job, None, lambda: write(pulse))
    if job.phase == Phase.DONE:
        refresh_statistics(reports[0], access)
        shutil.rmtree(folder_of(job), ignore_errors=True)


def _was_restarted(job: ImportJob) -> bool:
    """Whether it was taken for dead and begun again since: the second run may be in the same phase by now."""
    return not ImportJob.objects.select_for_update().filter(pk=job.pk, options=job.options).exists()


def refresh_statistics(report: Report, access: Access) -> None:
    """For the tables that have grown much: autovacuum comes a minute late."""
    for table in report.tables:
        if table.rows > _ANALYSED:
            bulk.analyze(access.schema.pg_schema, f"t_{table.term}")


def _proposed(job: ImportJob, access: Access, pulse: JobPulse) -> Proposal:
    folder = folder_of(job)
    options = job.options
    reading = read_file(
        folder / "file",
        folder,
        Path(job.file_name).stem,
        encoding=options.get("encoding", ""),
        delimiter=options.get("delimiter", ""),
        progress=pulse.beat,
        total=pulse.total,
        cancelled=pulse.is_cancelled,
    )
    headers = {int(sheet): int(row) for sheet, row in options.get("headers", {}).items()}
    locale = Locale("en" if job.language.startswith("en") else "ru")
    with uncollected():
        plan = infer(job.file_name, reading, folder, schema=access.schema, locale=locale, headers=headers)
    return plan if job.into is None else into_term(plan, access.term(job.into))


def _settle(job: ImportJob, phase: str | None, act: Callable[[], dict[str, Any] | None]) -> None:
    """Run a step in the owner's language; what goes wrong becomes the job's message."""
    with override(job.language):
        try:
            changes = act()
        except Superseded:
            logger.warning("import %s was taken for dead and goes on elsewhere", job.pk)
        except Cancelled:
            _forget_end(job)
            finish(job, Phase.CANCELLED)
            shutil.rmtree(folder_of(job), ignore_errors=True)
        except QdmError as error:
            _forget_end(job)
            finish(job, Phase.FAILED, message=str(error))
        except Exception:
            logger.exception("import %s failed", job.pk)
            _forget_end(job)
            finish(job, Phase.FAILED, message=_("Something went wrong on our side. Nothing was imported."))
        else:
            if phase is not None:
                finish(job, phase, **(changes or {}))


def _forget_end(job: ImportJob) -> None:
    """An end that was rolled back is none."""
    job.refresh_from_db(fields=["phase"])


def _results(report: Report) -> dict[str, Any]:
    return {
        "batch": report.batch,
        "errors": report.problems.items,
        "error_count": report.problems.count,
        "report": {
            "tables": [asdict(table) for table in report.tables],
            "entries": report.entries,
            "spellings": report.spellings,
        },
    }
