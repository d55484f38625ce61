"""Kept ladders: their places are those of this moment whatever was changed since they were made, or there are none."""

import random
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from psycopg import sql

from qdm.access import Access
from qdm.managers import ladders, statements
from qdm.query.ast import Compare, Op, Query, Sort
from qdm.query.compiler import Compiler
from qdm.record import Count
from qdm.selectors import history, records
from qdm.selectors.ladder import ladder
from qdm.services import batches, columns, retention, workspaces
from qdm.services import records as service
from qdm.sql import statement
from qdm.types.base import BaseType
from tests.db.selectors.recruiting import Recruiting, build, restricted

pytestmark = pytest.mark.django_db(transaction=True)
SLUG, ROWS, STEP = "rungs", 120, 7
WS = f"ws_{SLUG}"
FIELDS = ("val", "note", "salary", "born", "rate")


@pytest.fixture
def w(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recruiting]:
    """Candidates without a name or with the same, cells that are empty or do not fit; ladders by five columns."""
    monkeypatch.setattr(ladders, "LEAST_ROWS", 1)
    monkeypatch.setattr(ladders, "STEP", STEP)
    w = build(SLUG)
    dice = random.Random(7)
    for at in range(ROWS):
        bad = {} if at % 20 else {w.salary: "много"}
        w.nodes.record(w.candidate, f"Имя {at % 9}" if at % 8 else None, cells(w, dice) | bad)
    w.nodes.write()
    with connection.cursor() as cursor:
        for column in (w.note, w.salary, w.born, w.rate):
            key = '(qdm.key({}) collate "C")' if column == w.note else "{}"
            cursor.execute(
                sql.SQL("CREATE INDEX {} ON {} (" + key + ", id)").format(
                    sql.Identifier(f"t_{w.candidate}_s{column}"), table(w), sql.Identifier(f"r{column}")
                )
            )
        cursor.execute(sql.SQL("ANALYZE {}").format(table(w)))
    statements.run(statement("indexes_changed", ws=WS), {"ws": WS})
    try:
        assert ladders.tend(WS) == len(FIELDS)
        yield w
    finally:
        workspaces.drop(SLUG, SLUG)


def table(w: Recruiting) -> sql.Identifier:
    return sql.Identifier(WS, f"t_{w.candidate}")


def cells(w: Recruiting, dice: random.Random) -> dict[int, object]:
    texts = {
        w.note: ("а", "Б", "ё", "😀", "z"),
        w.salary: ("10", "9", "-1.50"),
        w.born: ("2024-02-29", "1999-12-31"),
        w.rate: ("1", "0.5", "1e300"),
    }
    return {column: dice.choice(some) for column, some in texts.items() if dice.random() < 0.8}


def orders(w: Recruiting) -> Iterator[Query]:
    for name in FIELDS:
        for down in (False, True):
            yield Query(sorts=(Sort("val" if name == "val" else getattr(w, name), down),), limit=1000)


def is_kept(w: Recruiting, query: Query, access: Access | None = None) -> bool:
    access = access or w.owner
    return ladders.of_order(Compiler(access), access.term(w.candidate), query) is not None


def check(w: Recruiting) -> int:
    """Each rung of each order stands before the rows it says, each row where a walk says; how many rungs there are."""
    found = 0
    for query in orders(w):
        ids = [record.id for record in records.page(w.candidate, query, access=w.owner).records]
        assert records.count(w.candidate, query, access=w.owner, cap=5) == Count(len(ids))
        answer = ladder(w.candidate, query, step=1, seconds=0, access=w.owner)
        assert len(answer.places) == len(answer.rungs)
        assert list(answer.places) == sorted(answer.places)
        for place, rung in zip(answer.places, answer.rungs, strict=True):
            behind = records.page(w.candidate, replace(query, after=rung, limit=3), access=w.owner).records
            assert [record.id for record in behind] == ids[place : place + 3]
            before = records.page(w.candidate, replace(query, before=rung, limit=3), access=w.owner).records
            assert [record.id for record in before] == ids[max(place - 4, 0) : place - 1]
        for place in range(0, len(ids), 5):
            assert records.position(ids[place], w.candidate, query, access=w.owner) == place
        found += len(answer.rungs)
    return found


def test_places_follow_what_changes(w: Recruiting) -> None:
    assert check(w) == 2 * len(FIELDS) * (ROWS // STEP)
    dice = random.Random(11)
    ids = [record.id for record in records.page(w.candidate, Query(limit=1000), access=w.owner).records]
    dice.shuffle(ids)
    for record_id in ids[:10]:
        service.update(record_id, {**cells(w, dice), w.candidate: dice.choice(("А", "Имя 4"))}, access=w.owner)
        service.update(record_id, {w.note: "ещё раз", w.born: None}, access=w.owner)
    made = [service.create(w.candidate, 1, {w.candidate: "Имя 3", **cells(w, dice)}, access=w.owner) for _ in range(9)]
    for record_id in ids[5:20]:
        service.delete(record_id, access=w.owner)
    batches.undo(history.batches(access=w.owner)[0].id, access=w.owner)
    assert made[0].id is not None
    service.update(made[0].id, {w.salary: "5"}, access=w.owner)
    service.delete(made[0].id, access=w.owner)
    with connection.cursor() as cursor:  # as any program with SQL could
        cursor.execute(
            sql.SQL("UPDATE {} SET val = 'Б2' WHERE up = ANY(%s) AND t = %s").format(sql.Identifier(WS, "node")),
            [ids[20:30], w.note],
        )
        cursor.execute(sql.SQL("DELETE FROM {} WHERE id = ANY(%s)").format(sql.Identifier(WS, "node")), [ids[30:33]])
    assert all(is_kept(w, query) for query in orders(w))
    assert check(w) > len(FIELDS) * (ROWS // STEP)
    assert ladders.tend(WS) == 0


def test_a_ladder_that_does_not_know_is_not_told_and_made_anew(w: Recruiting, monkeypatch: pytest.MonkeyPatch) -> None:
    query = Query(sorts=(Sort(w.note),), limit=5)
    by_salary = Query(sorts=(Sort(w.salary),), limit=5)
    ids = [record.id for record in records.page(w.candidate, query, access=w.owner).records]
    monkeypatch.setattr(ladders, "CHANGES", 2)
    for record_id in ids[:3]:
        service.update(record_id, {w.note: "ю"}, access=w.owner)
    assert not is_kept(w, query)
    monkeypatch.setattr(ladders, "CHANGES", 1000)
    assert is_kept(w, query)
    columns.change_type(w.salary, base=BaseType.CHARS, access=w.owner)
    assert not is_kept(w, replace(by_salary, sorts=(Sort(w.salary),)))
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("UPDATE {} SET forgotten = pg_current_xact_id()").format(sql.Identifier(WS, "meta")))
        assert not is_kept(w, query)
    # What a new one has seen begins behind the oldest transaction there is, of another process's test too.
    until = time.monotonic() + 60
    while not is_kept(w, query):
        assert time.monotonic() < until, "it was not made anew"
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL("UPDATE {} SET made = made - interval '1 day'").format(sql.Identifier(WS, "ladder")))
        assert ladders.tend(WS) > 0
    check(w)


def test_what_is_not_all_rows_in_one_readable_column_is_not_kept(w: Recruiting) -> None:
    query = Query(sorts=(Sort(w.note),), limit=5)
    assert is_kept(w, query, restricted(w))
    some = Compare(w.salary, Op.GT, "5")
    assert not is_kept(w, query, restricted(w, rows={w.candidate: some}))
    assert not is_kept(w, query, restricted(w, fields={w.note: some}))
    for other in (replace(query, filter=some), replace(query, up=1), Query(sorts=(Sort(w.note), Sort(w.salary)))):
        assert not is_kept(w, other)


def test_a_batch_that_was_taken_up_again_is_not_guessed_at(w: Recruiting) -> None:
    query = Query(sorts=(Sort(w.note),), limit=5)
    ids = [record.id for record in records.page(w.candidate, query, access=w.owner).records]
    service.update(ids[0], {w.note: "ю"}, access=w.owner)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(WS, "ladder")))
    ladders.tend(WS)
    assert is_kept(w, query)
    with connection.cursor() as cursor:
        cursor.execute(
            sql.SQL("UPDATE {} SET xid = pg_current_xact_id() WHERE id = %s").format(sql.Identifier(WS, "batch")),
            [history.batches(access=w.owner)[0].id],
        )
    assert not is_kept(w, query)


def test_dropping_history_spares_what_the_ladder_has_seen(w: Recruiting) -> None:
    retention.trim(1, timezone.now() + timedelta(days=40), access=w.owner)
    check(w)
