"""Plans on a filled table: hot queries walk indexes, no sequential scan of a projection."""

import re

import pytest
from django.db import connection
from psycopg import sql

from qdm.access import Access
from qdm.query import paging
from qdm.query.ast import Compare, Op, Query, Sort
from qdm.query.compiler import Compiler
from qdm.query.cursor import Cursor
from qdm.query.statement import Statement
from qdm.selectors import records
from qdm.services import workspaces
from tests.db.selectors.recruiting import Recruiting, build, restricted

RECORDS = 30_000
DEPARTMENTS = 300


@pytest.fixture(scope="module")
def filled(django_db_setup: None, django_db_blocker: object) -> object:
    """One filled workspace for the module: it only reads."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        w = build("plans")
        departments = [w.nodes.record(w.department, f"Отдел {i}", {w.budget: str(i)}) for i in range(DEPARTMENTS)]
        w.nodes.write()
        with connection.cursor() as cursor:
            node = sql.Identifier("ws_plans", "node")
            cursor.execute(
                sql.SQL(
                    "WITH r AS (SELECT 10000 + 10 * i AS id, i FROM generate_series(1, {count}) i)"
                    " INSERT INTO {node} (id, up, t, val)"
                    " SELECT id, 1, {candidate}, 'Кандидат ' || lpad((i * 7919 % {count})::text, 6, '0') FROM r"
                    " UNION ALL SELECT id + 1, id, {salary}, (i % 1000)::text FROM r WHERE i % 10 > 0"
                    " UNION ALL SELECT id + 2, id, {first} + (i % {departments}) * 2, {dept}::text FROM r"
                    " UNION ALL SELECT id + 3, id, {note}, repeat('заметка ', 20) || i FROM r"
                ).format(
                    node=node,
                    count=sql.Literal(RECORDS),
                    candidate=sql.Literal(w.candidate),
                    salary=sql.Literal(w.salary),
                    first=sql.Literal(departments[0]),
                    departments=sql.Literal(DEPARTMENTS),
                    dept=sql.Literal(w.dept),
                    note=sql.Literal(w.note),
                )
            )
            for term, column in ((w.candidate, f"r{w.salary}"),):
                cursor.execute(
                    sql.SQL("CREATE INDEX ON {} ({}, id)").format(
                        sql.Identifier("ws_plans", f"t_{term}"), sql.Identifier(column)
                    )
                )
            for term in (w.candidate, w.department):
                cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier("ws_plans", f"t_{term}")))
        yield w
        workspaces.drop("plans", "plans")


def plan(statement: Statement) -> str:
    with connection.cursor() as cursor:
        explain = sql.SQL("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, BUFFERS OFF, SUMMARY OFF) {}")
        cursor.execute(explain.format(statement.sql), dict(statement.params))
        return "\n".join(line for (line,) in cursor.fetchall())


def page(w: Recruiting, query: Query, access: Access, cursor: Cursor | None = None, *, backward: bool = False) -> str:
    compiler = Compiler(access)
    asked = paging.page(compiler, access.term(w.candidate), query, cursor, backward=backward)
    assert isinstance(asked, paging.Runs)
    found = ""
    rows = 0
    for statement in asked.statements:  # in turn, as long as the page is not full
        if rows <= query.limit:
            text = plan(statement)
            rows += int(re.search(r"actual rows=(\d+)", text).group(1))  # type: ignore[union-attr]
            found += text + "\n"
    return found


def assert_indexed(text: str) -> None:
    """What is run reads indexes: a part of a plan that is there for a page that is not full is never begun."""
    assert [line for line in text.splitlines() if "Seq Scan" in line and "never executed" not in line] == [], text
    assert "Index" in text, text


def assert_ordered(text: str) -> None:
    """The ids come in index order: what is sorted is the page alone, at the top."""
    assert_indexed(text)
    assert len(re.findall("Sort Key", text)) <= 1, text


@pytest.mark.django_db
@pytest.mark.parametrize("backward", [False, True])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("field", ["val", "Зарплата", "id"])
def test_pages_walk_the_index_of_their_order(filled: Recruiting, field: str, descending: bool, backward: bool) -> None:
    w = filled
    query = Query(sorts=(Sort(field, descending),), limit=100)
    at = {"val": "кандидат 015000", "Зарплата": "500", "id": "100000"}[field]
    for cursor in (None, Cursor((at,), 100_000), *([] if field == "id" else [Cursor((None,), 100_000)])):
        assert_ordered(page(w, query, w.owner, cursor, backward=backward))


@pytest.mark.django_db
def test_a_jump_reads_ids_from_the_index_alone(filled: Recruiting) -> None:
    text = page(filled, Query(limit=100, offset=15_000), filled.owner)
    assert_ordered(text)
    assert "Index Only Scan" in text


@pytest.mark.django_db
def test_a_filter_by_a_reference_uses_its_index(filled: Recruiting) -> None:
    w = filled
    options = records.options(w.dept, "Отдел 77", access=w.owner)
    by_id, by_label = Compare(w.dept, Op.EQ, options[0].id), Compare(w.dept, Op.EQ, "отдел 77")
    for item in (by_id, by_label):
        text = page(w, Query(filter=item, limit=100), w.owner)
        assert_indexed(text)
        assert f"t_{w.candidate}_x{w.dept}" in text
    low = restricted(
        w, rows={w.department: Compare(w.budget, Op.GE, 10), w.candidate: Compare(w.dept, Op.EQ, "отдел 77")}
    )
    for item in (by_id, by_label):
        text = page(w, Query(filter=item, limit=100), low)
        assert f"t_{w.candidate}_x{w.dept}" in text
        assert f"Seq Scan on t_{w.candidate} " not in text


@pytest.mark.django_db
def test_a_range_of_an_indexed_column_uses_the_index(filled: Recruiting) -> None:
    item = Compare(filled.salary, Op.BETWEEN, (10, 11))
    assert_indexed(page(filled, Query(filter=item, limit=100), filled.owner))
    assert_ordered(page(filled, Query(filter=item, sorts=(Sort(filled.salary, True),), limit=100), filled.owner))


@pytest.mark.django_db
def test_a_main_value_and_its_beginning_are_looked_up_in_the_index(filled: Recruiting) -> None:
    for op, text in ((Op.EQ, "КАНДИДАТ 000077"), (Op.STARTS, "Кандидат 00007"), (Op.IN, ("Кандидат 000001", "б"))):
        assert_indexed(page(filled, Query(filter=Compare("val", op, text), limit=100), filled.owner))


@pytest.mark.django_db
def test_labels_and_records_by_id_use_the_primary_key(filled: Recruiting) -> None:
    compiler = Compiler(filled.owner)
    term = filled.owner.term(filled.candidate)
    assert_indexed(plan(compiler.labels({term.id: [10_010, 10_020]})))
    assert_indexed(plan(compiler.by_ids(term, [10_010, 10_020])[0]))
    assert_indexed(plan(compiler.position(term, Query(), Cursor(("кандидат 000100",), 5))))


@pytest.mark.django_db
def test_a_sort_by_a_label_walks_the_labels(filled: Recruiting) -> None:
    text = page(filled, Query(sorts=(Sort(filled.dept),), limit=100), filled.owner)
    assert_indexed(text)
    assert f"t_{filled.candidate}_x{filled.dept}" in text, text


@pytest.mark.django_db
def test_an_estimate_is_near(filled: Recruiting) -> None:
    found = records.count(filled.candidate, Query(), access=filled.owner, cap=100)
    assert 0.8 * RECORDS < found.value < 1.2 * RECORDS
