"""Background tasks, run by ``manage.py procrastinate worker``. Here, because only here rights and data model meet."""

from collections.abc import Callable

from django.conf import settings
from procrastinate.contrib.django import app

from integram import emptying, notices, owners
from integram.job_connections import fresh_connections
from qdm.access import Access
from qdm.errors import QdmError
from qdm.models import BulkJob, ExportJob, FormRun, ImportJob
from qdm.services import indexes
from qdm.sheets import bulk, imports, phases, worker
from qdm.sheets.export import jobs as exports
from qdm.sheets.forms import inbox, runs
from rbac.access import access_for


@app.task(name=imports.ANALYSE_TASK, queue=imports.QUEUE)
def analyse_import(job_id: int) -> None:
    _run(job_id, worker.analyse)


@app.task(name=imports.LOAD_TASK, queue=imports.QUEUE)
def load_import(job_id: int) -> None:
    _run(job_id, worker.carry_out)


@app.periodic(cron="* * * * *")
@app.task(name=imports.RECOVER_TASK, queue=imports.QUEUE)
@fresh_connections()
def recover_imports(timestamp: int) -> None:
    imports.recover()


@app.periodic(cron="41 3 * * *")
@app.task(name="integram.trash.empty", queue=imports.QUEUE)
@fresh_connections()
def empty_trash(timestamp: int) -> None:
    if settings.TRASH_DAYS:
        emptying.empty_all(settings.TRASH_DAYS)


@app.periodic(cron="*/5 * * * *")
@app.task(name="integram.indexes.tend", queue="indexes", lock="integram.indexes", queueing_lock="integram.indexes")
@fresh_connections()
def tend_indexes(timestamp: int) -> None:
    """Indexes for the columns people ask by; may take long, and keeps nobody waiting."""
    indexes.tend_all()


@app.periodic(cron="11 4 * * *")
@app.task(name="integram.history.trim", queue=imports.QUEUE)
@fresh_connections()
def trim_history(timestamp: int) -> None:
    emptying.trim_all(settings.HISTORY_DAYS, settings.TRASH_DAYS)


@app.periodic(cron="27 5 * * 0")
@app.task(name="integram.files.sweep", queue=imports.QUEUE)
@fresh_connections()
def sweep_files(timestamp: int) -> None:
    """When the trash and the history have let go of what they named."""
    emptying.sweep_all()


@app.task(name=exports.EXPORT_TASK, queue=exports.QUEUE)
@fresh_connections()
def write_export(job_id: int) -> None:
    job = ExportJob.objects.select_related("workspace").get(pk=job_id)
    try:
        access = _access(job, via="export")
    except QdmError as error:
        exports.fail(job_id, str(error))
    else:
        if exports.carry_out(job_id, access=access):
            job.refresh_from_db()
            notices.export_ended(job)


@app.periodic(cron="17 * * * *")
@app.task(name=exports.TIDY_TASK, queue=exports.QUEUE)
def tidy_exports(timestamp: int) -> None:
    exports.tidy()


@app.task(name=bulk.TASK, queue=bulk.QUEUE)
@fresh_connections()
def carry_out_bulk(job_id: int) -> None:
    job = BulkJob.objects.select_related("workspace").get(pk=job_id)
    try:
        access = _access(job, via="grid")
    except QdmError as error:
        bulk.fail(job_id, str(error))
    else:
        bulk.carry_out(job_id, access=access)


@app.periodic(cron="* * * * *")
@app.task(name=bulk.RECOVER_TASK, queue=bulk.QUEUE)
@fresh_connections()
def recover_bulk(timestamp: int) -> None:
    bulk.recover()


@app.task(name=runs.CHECK_TASK, queue=runs.QUEUE)
def check_sent_file(run_id: int) -> None:
    _take_in(run_id, runs.check)


@app.task(name=runs.APPLY_TASK, queue=runs.QUEUE)
def apply_sent_file(run_id: int) -> None:
    _take_in(run_id, runs.apply)


@app.periodic(cron="* * * * *")
@app.task(name=runs.RECOVER_TASK, queue=runs.QUEUE)
@fresh_connections()
def recover_sent_files(timestamp: int) -> None:
    runs.recover()


@app.periodic(cron="* * * * *")
@app.task(name=inbox.SCAN_TASK, queue=runs.QUEUE, queueing_lock=inbox.SCAN_TASK)
@fresh_connections()
def scan_inboxes(timestamp: int) -> None:
    """Take in what lies in the folders of forms, each under the rights of who made the form."""
    inbox.scan(owners.of_form)
    runs.tidy()


@fresh_connections()
def _take_in(run_id: int, step: Callable[..., None]) -> None:
    """The step with the rights that who the file is taken in for has now."""
    run = FormRun.objects.select_related("form__workspace").get(pk=run_id)
    try:
        access = access_for(owners.user(run.owner), run.form.workspace.slug, via="form")
    except QdmError as error:
        runs.fail(run_id, str(error))
    else:
        step(run_id, access=access)


@fresh_connections()
def _run(job_id: int, step: Callable[..., None]) -> None:
    """The step with the rights its owner has now; without any the import fails."""
    job = ImportJob.objects.select_related("workspace").get(pk=job_id)
    try:
        access = _access(job, via="import")
    except QdmError as error:
        phases.fail(job_id, str(error))
    else:
        step(job_id, access=access)


def _access(job: ImportJob | ExportJob | BulkJob, *, via: str) -> Access:
    """Raises WorkspaceNotFound when the owner is gone, inactive or without a right there."""
    return access_for(owners.user(job.owner or 0), job.workspace.slug, via=via)
