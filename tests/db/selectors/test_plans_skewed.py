"""Plans on skewed data with the indexes the worker made: one value in nine rows of ten, and no table is scanned."""

import re
from collections.abc import Iterator

import pytest
from django.db import connection
from psycopg import sql

from qdm.managers import column_uses, indexing
from qdm.query.ast import And, Compare, Op, Query, Sort
from qdm.query.compiler import Compiler
from qdm.query.cursor import Cursor
from qdm.query.statement import Statement
from qdm.query.uses import Use
from qdm.services import indexes as service
from qdm.services import workspaces
from tests.db.selectors.recruiting import Recruiting, build
from tests.db.selectors.test_plans import plan

SLUG, ROWS, FIRST = "skewed", 30_000, 100_000


@pytest.fixture(scope="module")
def w(django_db_setup: None, django_db_blocker: object) -> Iterator[Recruiting]:
    """Nine rows of ten: note «частое», department 1, salary 1; the rest are all different."""
    with django_db_blocker.unblock():  # type: ignore[attr-defined]
        w = build(SLUG)
        departments = [w.nodes.record(w.department, f"Отдел {i}") for i in range(100)]
        w.nodes.write()
        with connection.cursor() as cursor:
            cursor.execute("select set_config('qdm.whole_records', 'on', false)")
            cursor.execute(
                sql.SQL(
                    "INSERT INTO {node} (id, up, t, val)"
                    " SELECT v.* FROM generate_series(0, {rows} - 1) i, LATERAL (VALUES"
                    " ({first} + i * 5, 1::bigint, {candidate}::bigint, 'Кандидат ' || lpad(i::text, 6, '0')),"
                    " ({first} + i * 5 + 1, {first} + i * 5, {note},"
                    "  CASE WHEN i % 10 > 0 THEN 'частое' ELSE 'редкое ' || i END),"
                    " ({first} + i * 5 + 2, {first} + i * 5, {salary}, CASE WHEN i % 10 > 0 THEN '1' ELSE i::text END),"
                    " ({first} + i * 5 + 3, {first} + i * 5,"
                    "  CASE WHEN i % 10 > 0 THEN {department} ELSE {department} + i % 100 END, {dept}::text)) v"
                ).format(
                    node=sql.Identifier(f"ws_{SLUG}", "node"), rows=sql.Literal(ROWS), first=sql.Literal(FIRST),
                    candidate=sql.Literal(w.candidate), note=sql.Literal(w.note), salary=sql.Literal(w.salary),
                    department=sql.Literal(departments[0]), dept=sql.Literal(w.dept),
                )
            )  # fmt: skip
            cursor.execute("select set_config('qdm.whole_records', 'off', false)")
            _analyze(w.candidate)
            column_uses._counted.clear()
            for requisite in (w.note, w.salary):
                column_uses.note(f"ws_{SLUG}", [Use(w.candidate, requisite, "s")] * indexing.LEAST_USES)
            column_uses.write()
            made = service.tend_all()[SLUG].made
            assert len(made) == 2
            _analyze(w.candidate)  # of the expressions that are indexed now
        yield w
        workspaces.drop(SLUG, SLUG)
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM qdm.column_use")


def _analyze(term: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("VACUUM ANALYZE {}").format(sql.Identifier(f"ws_{SLUG}", f"t_{term}")))


def assert_walks(w: Recruiting, statement: Statement) -> None:
    text = plan(statement)
    scans = [
        line for line in text.splitlines()
        if re.search(rf"Seq Scan on (t_{w.candidate}|node)\b", line) and "never executed" not in line
    ]  # fmt: skip
    assert scans == [], text


RARE, COMMON = "редкое 500", "частое"
PAGES = {
    "first page": Query(),
    "number up": Query(sorts=(Sort("Зарплата"),)),
    "number down": Query(sorts=(Sort("Зарплата", True),)),
    "text up": Query(sorts=(Sort("Заметка"),)),
    "text down": Query(sorts=(Sort("Заметка", True),)),
    "rare": Query(filter=Compare("Заметка", Op.EQ, RARE)),
    "common": Query(filter=Compare("Заметка", Op.EQ, COMMON)),
    "rare number": Query(filter=Compare("Зарплата", Op.EQ, "500")),
    "common number": Query(filter=Compare("Зарплата", Op.EQ, "1")),
    "range, sorted": Query(filter=Compare("Зарплата", Op.BETWEEN, ("1000", "2000")), sorts=(Sort("Зарплата", True),)),
    "two filters, sorted": Query(
        filter=And((Compare("Заметка", Op.EQ, RARE), Compare("Зарплата", Op.GT, "1"))), sorts=(Sort("Зарплата"),)
    ),
    "reverse reference, rare": Query(filter=Compare("Отдел", Op.EQ, "отдел 50")),
    "jump to the middle": Query(offset=ROWS // 2),
    "sub-table": Query(up=FIRST),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_page_scans_nothing(w: Recruiting, name: str) -> None:
    term = w.owner.term(w.candidate)
    statement, _layout = Compiler(w.owner).page(term, PAGES[name], None, backward=False)
    assert_walks(w, statement)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["1", "500", None])
def test_the_next_page_and_the_one_before_scan_nothing(w: Recruiting, key: str | None) -> None:
    term = w.owner.term(w.candidate)
    for backward in (False, True):
        statement, _layout = Compiler(w.owner).page(
            term, Query(sorts=(Sort("Зарплата"),)), Cursor((key,), FIRST + 5 * 1000), backward=backward
        )
        assert_walks(w, statement)


@pytest.mark.django_db
def test_one_record_labels_and_counts_of_what_is_rare_scan_nothing(w: Recruiting) -> None:
    compiler, term = Compiler(w.owner), w.owner.term(w.candidate)
    assert_walks(w, compiler.by_ids(term, [FIRST, FIRST + 500])[0])
    assert_walks(w, compiler.labels({w.candidate: [FIRST, FIRST + 500]}))
    assert_walks(w, compiler.count(term, Query(filter=Compare("Заметка", Op.EQ, RARE)), None))
    assert_walks(w, compiler.count(term, Query(filter=Compare("Зарплата", Op.GT, "29000")), None))
