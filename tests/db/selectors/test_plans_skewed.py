"""Plans on skewed data with the indexes the worker made: one value in nine rows of ten, and no table is scanned."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from qdm.access import Access
from qdm.managers import column_uses, indexing
from qdm.query import cursor as cursors
from qdm.query.ast import END, Aggregate, And, Compare, Op, Query, Sort
from qdm.query.compiler import Compiler
from qdm.query.cursor import Cursor
from qdm.query.statement import Statement
from qdm.query.uses import Use
from qdm.record import Page
from qdm.selectors import back_references, history, records
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


def assert_walks(w: Recruiting, ask: Callable[[], object]) -> None:
    """Each statement of the question reads indexes: no scan of what has many rows."""
    plans: list[str] = []

    def explained(execute: Callable[..., Any], text: Any, values: Any, many: bool, context: Any) -> Any:
        if isinstance(text, str) and not text.lstrip().lower().startswith(("select", "with", "--")):
            return execute(text, values, many, context)
        statement = Statement(text if isinstance(text, sql.Composable) else sql.SQL(text), values or {})
        # What is an EXPLAIN itself cannot be explained: it reads nothing.
        if "EXPLAIN" not in statement.sql.as_string(None)[:10]:
            plans.append(plan(statement))
        return execute(text, values, many, context)

    with connection.execute_wrapper(explained):
        ask()
    assert plans
    for text in plans:
        for scan in re.finditer(rf".*Seq Scan on (?:t_{w.candidate}|node|change\w*)\b.*", text):
            # The first rows of a table, whichever they are, may be read as they stand.
            removed = re.match(r"\n(?:.*Filter: .*\n)?.*Rows Removed by Filter: (\d+)", text[scan.end() :])
            rows = re.search(r"actual rows=(\d+)", scan.group())
            assert (int(rows.group(1)) if rows else 0) + (int(removed.group(1)) if removed else 0) < 1_000, text


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
    "rows below a row": Query(up=FIRST),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PAGES)
def test_a_page_and_the_next_scan_nothing(w: Recruiting, name: str) -> None:
    query, access = PAGES[name], w.owner
    found: list[Page] = []
    assert_walks(w, lambda: found.append(records.page(w.candidate, query, access=access)))
    if found[0].next is not None and not query.offset:
        assert_walks(w, lambda: records.page(w.candidate, replace(query, after=found[0].next), access=access))


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["1", "500", None])
def test_a_page_from_any_place_scans_nothing(w: Recruiting, key: str | None) -> None:
    query = Query(sorts=(Sort("Зарплата"),))
    text = cursors.encode(Compiler(w.owner).sorts(w.owner.term(w.candidate), query), Cursor((key,), FIRST + 5 * 1000))
    for place in ({"after": text}, {"before": text}, {"before": END}):
        assert_walks(w, lambda place=place: records.page(w.candidate, replace(query, **place), access=w.owner))


RARE_ONES = Query(filter=Compare("Заметка", Op.EQ, RARE))
HOT: dict[str, Callable[[Recruiting, Access], object]] = {
    "one record": lambda w, a: records.get(FIRST + 500, access=a),
    "records by id": lambda w, a: records.by_ids(w.candidate, [FIRST, FIRST + 500], access=a),
    "the record beside it": lambda w, a: records.beside(FIRST + 500, w.candidate, Query(), access=a),
    "the one before it in another order": lambda w, a: records.beside(
        FIRST + 500, w.candidate, Query(sorts=(Sort("Зарплата"),)), access=a, backward=True
    ),
    "its place": lambda w, a: records.position(FIRST + 500, w.candidate, Query(), access=a),
    "its place in another order": lambda w, a: records.position(
        FIRST + 500, w.candidate, Query(sorts=(Sort("Зарплата", True),)), access=a
    ),
    "count of what is rare": lambda w, a: records.count(w.candidate, RARE_ONES, access=a, cap=None),
    "count up to a cap": lambda w, a: records.count(w.candidate, Query(), access=a, cap=100),
    "footers of what is rare": lambda w, a: records.totals(
        w.candidate, RARE_ONES, [Aggregate("avg", "Зарплата"), Aggregate("max", "Зарплата")], access=a
    ),
    "groups of what is rare": lambda w, a: records.groups(w.candidate, RARE_ONES, ["Отдел"], access=a),
    "values of what is rare": lambda w, a: records.distinct(w.candidate, "Заметка", RARE_ONES, access=a),
    "whether there is any": lambda w, a: records.some(w.candidate, access=a),
    "links to pick": lambda w, a: records.options(w.dept, "Отдел 5", access=a),
    "rows of sub-tables": lambda w, a: records.subtable_counts(w.candidate, [FIRST, FIRST + 500], access=a),
    "what refers to it": lambda w, a: back_references.of_record(
        w.department, records.options(w.dept, "Отдел 50", access=a)[0].id, access=a
    ),
    "history of a record": lambda w, a: history.of_record(FIRST + 500, access=a),
    "history of a table": lambda w, a: history.of_table(w.candidate, access=a, limit=20),
    "batches": lambda w, a: history.batches(access=a),
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", HOT)
def test_a_hot_question_scans_nothing(w: Recruiting, name: str) -> None:
    access = w.owner
    assert_walks(w, lambda: HOT[name](w, access))
