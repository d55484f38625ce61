"""Kill -9 of each process in the middle of its work: nothing acknowledged is lost, nothing is there by half.

A real ``manage.py serve`` with its worker and its PostgreSQL, on a port and a VAR_DIR of its own. Counts are
printed (``pytest -rP``) and reported (``tests.faults.report``).
"""

import json
import os
import signal
from collections.abc import Iterator
from dataclasses import replace

import psycopg
import pytest

from integram.embedded import Server
from tests.faults.report import Counts, record
from tests.faults.site import PATIENCE, Site
from tests.faults.traffic import Traffic, prove

pytestmark = pytest.mark.slow

IMPORT = """
import io, time
from django.core.files import File
from qdm.access import Access
from qdm.models import ImportJob
from qdm.selectors import structure
from qdm.sheets import imports
from rbac.access import access_for
from rbac.models import User

access = access_for(User.objects.get(username="admin"), "sheets", via="grid")
text = "Name,Number,Day\\n" + "".join(f"row {n},{n},2025-01-{n % 28 + 1:02}\\n" for n in range(ROWS))
job = imports.start(File(io.BytesIO(text.encode()), "rows.csv"), access=access)
while (job := imports.get(job.pk, access=access)).phase != ImportJob.Phase.PROPOSED:
    assert job.phase in (ImportJob.Phase.WAITING, ImportJob.Phase.READING), (job.phase, job.message)
    time.sleep(0.1)
imports.confirm(job.pk, {}, access=access)
print("MADE", job.pk)
"""
FORM = """
import io
from django.core.files import File
from qdm.models import FormRun
from qdm.services import tables
from qdm.services.column_types import Spec
from qdm.sheets.forms import definitions, runs
from qdm.sheets.forms.plan import FormPlan, Source
from qdm.types.base import BaseType
from rbac.access import access_for
from rbac.models import User

admin = User.objects.get(username="admin")
term = tables.create("Sent", [Spec("Number", BaseType.NUMBER)], access=access_for(admin, "sheets", via="grid"))
access = access_for(admin, "sheets", via="grid")
(column,) = access.term(term).cells
plan = FormPlan((Source(term, ("Name",)), Source(column.id, ("Number",))), (term,))
form = definitions.create("sent", "Sent", term, plan, access=access, automatic=100)
text = "Name,Number\\n" + "".join(f"row {n},{n}\\n" for n in range(ROWS))
run = runs.send(form, File(io.BytesIO(text.encode()), "rows.csv"), access=access, door=FormRun.Door.REST)
print("MADE", run.pk)
"""
RECOVER_RUNS = "from qdm.sheets.forms import runs; print('MADE', runs.recover())"
#: After IMPORT, in the same process, so that it is in time.
CLOCK_JUMPS = """
from datetime import timedelta
from django.db.models import F

while ImportJob.objects.get(pk=job.pk).phase != ImportJob.Phase.LOADING:
    time.sleep(0.02)
ImportJob.objects.filter(pk=job.pk).update(heartbeat=F("heartbeat") - timedelta(days=1))
print("MADE", job.pk, imports.recover())
"""
RECOVER = "from qdm.sheets import imports; print('MADE', imports.recover())"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("faults"))
    yield site
    site.stop()


def test_the_web_process_is_killed_mid_traffic(site: Site) -> None:
    with Traffic(site.served.port, site.place) as traffic:
        for _time in range(2):
            traffic.wait_for(10)
            site.served.child("uvicorn").kill()
        traffic.wait_for(10)
    record("kill -9 of the web process, twice", prove(site.database, site.place, traffic))


def test_postgresql_is_killed_mid_write(site: Site) -> None:
    """The postmaster, and so all its backends with whatever they are writing."""
    with Traffic(site.served.port, site.place) as traffic:
        for _time in range(2):
            traffic.wait_for(10)
            pid = int((Server(site.var_dir).directory / "postmaster.pid").read_text().split()[0])
            os.kill(pid, signal.SIGKILL)
            traffic.wait_for(10)
    record("kill -9 of PostgreSQL mid-write, twice", prove(site.database, site.place, traffic))


def _phase(site: Site, job: str) -> object:
    return site.ask("select phase from qdm_importjob where id = %s", job)[0][0]


def _imported(site: Site) -> int:
    """Live rows of the workspace, whichever table they were imported to."""
    (found,) = site.ask(
        "select count(*) from ws_sheets.node n join ws_sheets.term t on t.id = n.t where n.up = 1 and n.id > 110"
    )
    return int(str(found[0]))


def test_the_worker_is_killed_mid_import_and_the_import_begins_again(site: Site) -> None:
    rows = 40_000
    job = site.shell(IMPORT.replace("ROWS", str(rows)))
    site.until(lambda: _phase(site, job) == "loading", "loading")
    waiting = "select count(*) > 1 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'qdm_importjob'"
    with psycopg.connect(site.database) as held:
        # It is kept from its last step: every row is written, nothing is committed.
        held.execute("select from qdm_importjob where id = %s for update", [job])
        site.until(lambda: site.ask(waiting)[0][0], "all but committed")
        site.served.child("worker").kill()
    site.until(
        lambda: (
            not site.ask(
                "select from pg_locks where pid <> pg_backend_pid() and relation in "
                "(select oid from pg_class where relnamespace = 'ws_sheets'::regnamespace)"
            )
        ),
        "rolled back",
    )
    assert _phase(site, job) == "loading", "killed before its end"
    assert _imported(site) == 0
    # a minute passes for the job that gives no sign of life any more
    site.ask("update qdm_importjob set heartbeat = heartbeat - interval '2 minutes' where id = %s returning 1", job)
    assert site.shell(RECOVER) == "1"
    site.until(lambda: _phase(site, job) == "done", "done")
    assert _imported(site) == rows
    assert site.ask("select * from qdm.check('ws_sheets')") == []
    jobs = f"resumed 1, failed 0; rows: 0 after the kill, {rows} of {rows} at the end"
    record("kill -9 of the worker mid-import", Counts(half=0, differences=0, jobs=jobs))


def test_the_worker_is_killed_while_it_takes_in_a_sent_file_and_the_file_is_taken_in_again(site: Site) -> None:
    rows = 30_000  # enough to be met on the way
    run = site.shell(FORM.replace("ROWS", str(rows)))
    before = _imported(site)
    phase = "select phase from qdm_formrun where id = %s"
    # A form that applies itself checks and writes in one step.
    site.until(lambda: site.ask(phase, run)[0][0] == "checking", "checking")
    waiting = (
        "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'qdm_formrun.*counts'"
    )
    with psycopg.connect(site.database) as held:
        # It is kept from its last step: every row is written, nothing is committed.
        held.execute("select from qdm_formrun where id = %s for update", [run])
        site.until(lambda: site.ask(waiting)[0][0], "all but committed")
        site.served.child("worker").kill()
    assert site.ask(phase, run)[0][0] == "checking", "killed before its end"
    site.until(lambda: _imported(site) == before, "rolled back")
    site.ask("update qdm_formrun set heartbeat = heartbeat - interval '2 minutes' where id = %s returning 1", run)
    assert site.shell(RECOVER_RUNS) == "1"
    site.until(lambda: site.ask(phase, run)[0][0] == "applied", "applied")
    assert _imported(site) == before + rows
    assert site.ask("select * from qdm.check('ws_sheets')") == []
    jobs = f"resumed 1, failed 0; rows: 0 after the kill, {rows} of {rows} at the end"
    record("kill -9 of the worker while it takes in a sent file", Counts(half=0, differences=0, jobs=jobs))


def test_a_job_delivered_twice_is_done_once(site: Site) -> None:
    rows = 2_000
    before = _imported(site)
    job = site.shell(IMPORT.replace("ROWS", str(rows)))
    twice = (
        "insert into procrastinate_jobs (queue_name, task_name, args) "
        "select queue_name, task_name, args from procrastinate_jobs, generate_series(1, 3) "
        "where task_name = 'integram.imports.load' and args ->> 'job_id' = %s returning id"
    )
    copies = site.ask(twice, job)
    assert len(copies) == 3
    site.until(lambda: _phase(site, job) == "done", "done")
    site.until(
        lambda: not site.ask("select from procrastinate_jobs where status in ('todo', 'doing') "
                             "and id = any(%s)", [row[0] for row in copies]),
        "delivered",
    )  # fmt: skip
    assert _imported(site) == before + rows
    assert site.ask("select * from qdm.check('ws_sheets')") == []
    jobs = f"delivered 4 times, done once: {rows} of {rows} rows"
    record("a job delivered twice and more", Counts(half=0, differences=0, jobs=jobs))


def test_the_clock_jumps_under_a_running_import_and_it_is_done_once(site: Site) -> None:
    """The worker is alive, but by the clock that jumped a day its last sign of life is long ago."""
    rows = 20_000
    before = _imported(site)
    job, begun_again = site.shell(IMPORT.replace("ROWS", str(rows)) + CLOCK_JUMPS).split()
    assert begun_again == "1", "its worker was taken for dead"
    site.until(lambda: _phase(site, job) == "done", "done")
    pending = "select from procrastinate_jobs where status in ('todo', 'doing') and args ->> 'job_id' = %s"
    site.until(lambda: not site.ask(pending, job), "ended")
    assert _imported(site) == before + rows
    assert site.ask("select * from qdm.check('ws_sheets')") == []
    jobs = f"begun again {begun_again}, failed 0; {rows} of {rows} rows, once"
    record("the clock jumps a day under a running import", Counts(half=0, differences=0, jobs=jobs))


def test_an_edit_by_one_web_process_is_told_by_another_and_after_the_database_was_killed(site: Site) -> None:
    """Open sheets hang on the second process; when its database connection breaks it makes a new one and says so."""
    with (
        site.second_web_process() as port,
        Traffic(site.served.port, site.place) as traffic,
        site.open_sheet(port) as sheet,
    ):
        traffic.wait_for(3)
        told: dict[str, object] = {}
        while "rows" not in told:
            told = json.loads(sheet.recv(timeout=PATIENCE))
        pid = int((Server(site.var_dir).directory / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        while "refetch" not in told:
            told = json.loads(sheet.recv(timeout=PATIENCE))
        traffic.wait_for(3)
        while "rows" not in told:
            told = json.loads(sheet.recv(timeout=PATIENCE))
    sheets = "refetch told, then live again"
    record("kill -9 of PostgreSQL under open sheets", replace(prove(site.database, site.place, traffic), sheets=sheets))
