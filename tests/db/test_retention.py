"""The history is kept for a time: old parts go as whole tables, and nothing else goes with them."""

import threading
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone, translation

from integram import emptying
from qdm.access import Action
from qdm.errors import Forbidden, NotFound
from qdm.models import Workspace
from qdm.selectors import changes, history
from qdm.services import batches, records, retention, workspaces
from rbac import grants
from rbac.access import access_for
from rbac.models import User
from tests.archive.test_round_trip import state
from tests.db.projections import differences
from tests.grid import staff as world
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def committed(transactional_db: None) -> Iterator[Staff]:
    yield world.make()
    workspaces.drop(SLUG, SLUG)


def parts(table: str = "change") -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid "
            f"where i.inhparent = 'ws_{SLUG}.{table}'::regclass order by 1"
        )
        return [row[0] for row in cursor.fetchall()]


def grow_old(days: int) -> None:
    """As if all that was done so far had been done so many days earlier."""
    with connection.cursor() as cursor:
        cursor.execute(f"update ws_{SLUG}.batch set at = at - make_interval(days => %s)", [days])


def trim(staff: Staff, days: int = 30) -> int:
    return retention.trim(days, timezone.now(), access=staff.access())


def test_an_old_part_goes_whole_and_what_is_younger_stays(staff: Staff) -> None:
    old = staff.add(3)
    grow_old(40)
    assert trim(staff) == 1  # it was closed, and is older than 30 days as a whole
    assert parts() == ["change_2"]
    assert parts("batch") == ["batch_2"]
    [young] = staff.add(1, first=9)
    made = history.of_record(young, access=staff.access())
    assert [entry.kind for entry in made] == ["c"]
    assert history.of_record(old[0], access=staff.access()) == []
    assert records.update(old[0], {staff.candidates: "Новое имя"}, access=staff.access())
    assert len(history.of_record(old[0], access=staff.access())) == 1
    assert differences(SLUG) == []


def test_a_part_is_closed_after_a_twelfth_of_the_time_and_kept_until_its_newest_act_is_too_old(staff: Staff) -> None:
    staff.add(1)
    grow_old(10)
    assert trim(staff, 60) == 0
    assert parts() == ["change_1", "change_2"]
    staff.add(1, first=2)
    assert trim(staff, 60) == 0
    assert parts() == ["change_1", "change_2"]  # the open one is young
    grow_old(45)
    assert trim(staff, 60) == 0
    assert parts() == ["change_1", "change_2", "change_3"]  # the first is 55 days old
    grow_old(10)
    assert trim(staff, 60) == 1
    assert parts() == ["change_2", "change_3"]


def test_what_is_forgotten_cannot_be_undone_and_what_is_kept_can(staff: Staff) -> None:
    staff.add(1)
    forgotten = history.batches(access=staff.access())[0].id
    grow_old(40)
    trim(staff)
    kept = staff.add(2, first=5)
    undone = history.batches(access=staff.access())[0].id
    with pytest.raises(NotFound):
        batches.undo(forgotten, access=staff.access())
    assert batches.undo(undone, access=staff.access()).removed == len(kept)


def test_who_was_away_since_before_the_forgotten_is_told_to_fetch_anew(committed: Staff) -> None:
    staff = committed
    long_ago = changes.point(access=staff.access())
    staff.add(1)
    assert changes.since(staff.candidates, long_ago, access=staff.access())
    grow_old(40)
    trim(staff)
    assert changes.since(staff.candidates, long_ago, access=staff.access()) is None


def test_only_who_manages_the_workspace_forgets(staff: Staff) -> None:
    user = User.objects.create_user("viewer")
    grants.grant(user, [Action.VIEW], grants.on_workspace(staff.access()), access=staff.access())
    with pytest.raises(Forbidden):
        retention.trim(30, timezone.now(), access=access_for(user, SLUG, via="grid"))


def test_each_workspace_has_its_own_days_and_the_trash_is_remembered_for_as_long_as_it_is_kept(staff: Staff) -> None:
    staff.add(1)
    grow_old(40)
    assert emptying.trim_all(0, 0) == {}  # for ever, on the whole site
    retention.keep(30, access=staff.access())
    assert emptying.trim_all(0, 90) == {SLUG: 0}  # what is in the trash is kept for 90 days
    assert emptying.trim_all(0, 0) == {SLUG: 1}
    retention.keep(0, access=staff.access())
    assert emptying.trim_all(30, 0) == {}
    assert Workspace.objects.get(slug=SLUG).history_days == 0


def test_what_the_history_has_forgotten_is_not_erased_for_days_it_does_not_reach_back(staff: Staff) -> None:
    [row] = staff.add(1)
    records.delete(row, access=staff.access())
    grow_old(100)
    trim(staff, 90)
    staff.add(1, first=2)
    grow_old(91)  # the row is in the trash for 191 days; of that nobody knows more than that it is 91
    said = StringIO()
    with translation.override("en"):
        call_command("empty_trash", SLUG, days=120, stdout=said)
    assert "0 nodes erased" in said.getvalue()
    assert "1 thing kept" in said.getvalue()
    done = emptying.empty_all(90, SLUG)[SLUG]
    assert (done.erased > 0, done.undated) == (True, 0)
    assert differences(SLUG) == []


def test_an_archive_has_all_parts_and_comes_back_as_it_was(staff: Staff, tmp_path: Path) -> None:
    staff.add(2)
    grow_old(10)
    trim(staff, 60)
    staff.add(2, first=7)
    was = state(SLUG)
    call_command("dump_workspace", SLUG, output=tmp_path / "staff.zip")
    workspaces.drop(SLUG, SLUG)
    call_command("restore_workspace", tmp_path / "staff.zip")
    assert state(SLUG) == was
    assert differences(SLUG) == []


def test_a_workspace_made_before_there_were_parts_gets_its_first(staff: Staff) -> None:
    kept = staff.add(2)
    with connection.cursor() as cursor:
        # The tables as create_workspace made them before.
        cursor.execute(f"""
            set local search_path = ws_{SLUG}, public;
            create table plain as table change;
            create table acts as table batch;
            drop table change, batch;
            alter table meta drop column forgotten;
            create table batch (id bigint generated always as identity primary key,
                                at timestamptz not null default now(), actor bigint, actor_name text not null,
                                via text not null, note text, undone_by bigint,
                                xid xid8 not null default pg_current_xact_id());
            create index batch_xid on batch (xid);
            create table change (record bigint not null, ver bigint not null, term bigint not null,
                                 batch bigint not null, kind "char" not null, before jsonb, after jsonb,
                                 primary key (record, ver));
            create index change_order on change using brin (ver, batch);
            insert into batch overriding system value table acts;
            insert into change table plain;
            drop table plain, acts;
            set local search_path = public;
            select qdm.part_history('ws_{SLUG}');
        """)  # fmt: skip
    before = history.batches(access=staff.access())
    assert [entry.kind for entry in history.of_record(kept[0], access=staff.access())] == ["c"]
    more = staff.add(1, first=8)
    newest = history.batches(access=staff.access())[0]
    assert newest.id == before[0].id + 1
    assert batches.undo(newest.id, access=staff.access()).removed == len(more)
    grow_old(40)
    assert trim(staff) == 1
    assert parts() == ["change_2"]


def test_people_go_on_writing_while_the_history_is_cut(committed: Staff) -> None:
    staff = committed
    [row] = staff.add(1)
    grow_old(11)
    stop, failed, written = threading.Event(), [], []

    def write() -> None:
        try:
            while not stop.is_set():
                records.update(row, {staff.candidates: f"Имя {len(written)}"}, access=staff.access())
                written.append(1)
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(4):
            trim(staff, 120)
            before = len(written)
            while len(written) < before + 3 and not failed:
                time.sleep(0.01)
            grow_old(11)
    finally:
        stop.set()
        writer.join()
    assert failed == []
    assert len(parts()) == 5
    entries = history.of_record(row, access=staff.access(), limit=100_000)
    assert len([entry for entry in entries if entry.kind == "u"]) == len(written)
    assert differences(SLUG) == []
