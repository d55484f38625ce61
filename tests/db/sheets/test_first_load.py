"""The first import into a new workspace makes the key and indexes of `node` when it is done; readers do not wait."""

import threading
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from qdm.errors import NotUnique
from qdm.managers import bulk
from qdm.selectors import structure
from qdm.services import tables, workspaces
from qdm.sheets import load as loading
from qdm.sheets.at_once import import_file
from tests.db.projections import assert_whole
from tests.db.sheets.conftest import access_to
from tests.unit.sheets import files

pytestmark = pytest.mark.django_db(transaction=True)
ROWS = [["Код", "Сумма"], *([f"К{n:03}", n % 7] for n in range(300))]
OF_NODE = {"node_pkey", "node_up_t", "node_t"}


@pytest.fixture
def slug() -> Iterator[str]:
    """A committed workspace: what the threads of these tests do is seen by one another."""
    slug = f"first_{uuid.uuid4().hex[:8]}"
    workspaces.create(slug, "Первая")
    yield slug
    workspaces.drop(slug, slug)


def indexes(slug: str, table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "select indexname from pg_indexes where schemaname = %s and tablename = %s", [f"ws_{slug}", table]
        )
        return {row[0] for row in cursor.fetchall()}


def test_a_new_workspace_has_the_indexes_after_its_first_batch_whatever_it_was(slug: str) -> None:
    assert indexes(slug, "node") == set()
    tables.create("Т", access=access_to(slug))
    assert indexes(slug, "node") == OF_NODE


def is_keyed(slug: str) -> bool:
    """Whether the index of ids is the primary key by name too."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select count(*) from pg_constraint where conrelid = %s::regclass and contype = 'p'", [f"ws_{slug}.node"]
        )
        return bool(cursor.fetchone()[0])


def test_the_first_load_makes_the_key(tmp_path: Path, slug: str) -> None:
    assert not is_keyed(slug)
    import_file(files.xlsx(tmp_path / "a.xlsx", Т=ROWS), access=access_to(slug))
    assert is_keyed(slug)


def test_beside_a_long_reader_the_index_is_unique_without_the_name(tmp_path: Path, slug: str) -> None:
    reading, go_on = threading.Event(), threading.Event()

    def read() -> None:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(f"select count(*) from ws_{slug}.node")
                reading.set()
                go_on.wait(30)
        finally:
            connections.close_all()

    thread = threading.Thread(target=read)
    thread.start()
    assert reading.wait(30)
    try:
        import_file(files.xlsx(tmp_path / "a.xlsx", Т=ROWS), access=access_to(slug))
    finally:
        go_on.set()
        thread.join(30)
    assert indexes(slug, "node") == OF_NODE
    assert not is_keyed(slug)
    with connection.cursor() as cursor, pytest.raises(IntegrityError):
        cursor.execute(f"insert into ws_{slug}.node (id, up, t, val) values (1, 1, 1, 'twice')")
    assert_whole(slug)


def test_ids_are_drawn_in_blocks_that_nobody_else_gets(slug: str) -> None:
    ws = f"ws_{slug}"
    with transaction.atomic():
        bulk.begin_load(ws)
        alone = list(bulk.Ids(ws, lambda function: function()).draw(1000))
    beside = list(bulk.Ids(ws, lambda function: function()).draw(1000))
    with connection.cursor() as cursor:
        cursor.execute(f"select nextval('{ws}.node_id_seq')")
        (after,) = cursor.fetchone()
    assert alone == list(range(alone[0], alone[0] + 1000))
    assert beside == list(range(alone[-1] + 1, alone[-1] + 1001))
    assert after == beside[-1] + 1


def test_an_import_leaves_every_index(tmp_path: Path, slug: str) -> None:
    import_file(files.xlsx(tmp_path / "a.xlsx", Т=ROWS), access=access_to(slug))
    assert indexes(slug, "node") == OF_NODE
    made = structure.schema(slug).by_name["т"].id
    loaded = {name.removeprefix(f"t_{made}_") for name in indexes(slug, f"t_{made}")}
    assert loaded == {"pkey", "skey", "up", "bad"}
    assert_whole(slug)


def test_a_second_import_finds_the_indexes_and_keeps_them(tmp_path: Path, slug: str) -> None:
    path = files.xlsx(tmp_path / "a.xlsx", Т=ROWS)
    for _ in range(2):
        import_file(path, access=access_to(slug))
    assert indexes(slug, "node") == OF_NODE
    assert_whole(slug)


def test_who_reads_does_not_wait_and_who_writes_comes_after(
    tmp_path: Path, slug: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half of the rows are written, the import stands still: the structure is read at once, a new table waits."""
    original = loading.copy_nodes
    reached, go_on = threading.Event(), threading.Event()
    order: list[str] = []

    def halting(*given: Any) -> Any:
        reached.set()
        assert go_on.wait(30)
        return original(*given)

    def load() -> None:
        try:
            import_file(files.xlsx(tmp_path / "a.xlsx", Т=ROWS), access=access_to(slug))
            order.append("import")
        finally:
            connections.close_all()

    def write() -> None:
        try:
            tables.create("Другая", access=access_to(slug))
            order.append("write")
        finally:
            connections.close_all()

    monkeypatch.setattr(loading, "copy_nodes", halting)
    threads = [threading.Thread(target=load), threading.Thread(target=write)]
    try:
        threads[0].start()
        assert reached.wait(30)
        threads[1].start()
        assert "т" not in structure.schema(slug).by_name
        time.sleep(0.3)  # long enough for a writer that does not wait
        assert order == []
    finally:
        go_on.set()
        for thread in threads:
            thread.join(60)
    assert order == ["import", "write"]
    assert indexes(slug, "node") == OF_NODE
    assert_whole(slug)


def test_an_import_that_is_refused_leaves_the_workspace_as_it_was(tmp_path: Path, slug: str) -> None:
    # a number and the same number as text: told apart in the file, one value in the table
    rows = [["Код", "Номер"], *([f"К{n:03}", n] for n in range(300)), ["К300", "7"]]
    path = files.xlsx(tmp_path / "a.xlsx", Т=rows)
    with pytest.raises(NotUnique):
        import_file(path, access=access_to(slug))
    assert indexes(slug, "node") == set()
    assert "т" not in structure.schema(slug).by_name
    assert_whole(slug)
