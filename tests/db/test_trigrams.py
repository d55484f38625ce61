"""Texts looked for inside others: the index of trigrams finds what reading every record finds, and no more is seen."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from qdm.access import Access
from qdm.errors import UnknownField
from qdm.managers import column_uses, indexing
from qdm.query import inside, label_searches, paging
from qdm.query.ast import Compare, Filter, Not, Op, Or, Query, Search, Sort
from qdm.query.compiler import Compiler
from qdm.record import Record
from qdm.selectors import records
from qdm.services import indexes, workspaces
from tests.db.selectors.recruiting import Recruiting, build, restricted

pytestmark = pytest.mark.django_db(transaction=True)
SLUG, ROWS = "trigrams", 400


@pytest.fixture
def w(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recruiting]:
    monkeypatch.setattr(indexing, "LEAST_ROWS", 1)
    monkeypatch.setattr(paging, "WALKED", 7)
    column_uses._counted.clear()
    w = build(SLUG)
    n = w.nodes
    departments = [n.record(w.department, f"Отдел {i}", {w.budget: str(i)}) for i in range(40)]
    for i in range(ROWS):
        n.record(
            w.candidate,
            f"Кандидат {i:03d}" if i % 7 else None,
            {
                w.note: f"Съёмка {i * 37 % 101}% \\ Ёж_{i}\x01и" if i % 3 else None,
                w.skills: [f"Навык {i % 11}", "ЧТЕНИЕ"] if i % 5 else None,
                w.dept: departments[i % 40] if i % 4 else None,
                w.depts: departments[i % 3 : i % 3 + 2],
                w.salary: str(i),
            },
        )
    n.write()
    for term in (w.candidate, w.department):
        run("VACUUM ANALYZE {}", sql.Identifier(f"ws_{SLUG}", f"t_{term}"))
    try:
        yield w
    finally:
        workspaces.drop(SLUG, SLUG)
        run("DELETE FROM qdm.column_use")


def run(statement: str, *of: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*of))
        return cursor.fetchall() if cursor.description else []


def indexed(w: Recruiting) -> None:
    for _ in range(indexing.LEAST_USES):
        records.page(w.candidate, Query(filter=Search("съёмка")), access=w.owner)
    column_uses.write()
    indexes.tend_all()


FILTERS: list[Filter] = [
    Search("съёмка 1"), Search("КАНДИДАТ 0"), Search("тдел 3"), Search("чтен"), Search("навык 10"),
    Search("нет такого"), Search("ёж_12"), Search("0% \\ ё"), Search("8\x01и"), Search("4 ч"), Search("12"),
    Compare("Заметка", Op.CONTAINS, "СЪЁМКА 7"), Compare("Заметка", Op.ENDS, "ж_8\x01и"),
    Compare("val", Op.CONTAINS, "т 01"), Compare("Навык", Op.CONTAINS, "вык 1"),
    Compare("Отдел", Op.CONTAINS, "тдел 1"), Not(Search("съёмка")),
    Or((Search("отдел 39"), Compare("Зарплата", Op.LT, "3"))),
]  # fmt: skip
SORTS: list[tuple[Sort, ...]] = [(), (Sort("val", True),), (Sort("Зарплата"),)]


def answers(w: Recruiting, access: Access) -> dict[str, list[int]]:
    """Ids of every filter in every order, the pages one after another; a page by offset and the count agree."""
    found: dict[str, list[int]] = {}
    for item in FILTERS:
        try:
            records.count(w.candidate, Query(filter=item), access=access)
        except UnknownField:
            continue
        for sorts in SORTS:
            query = Query(filter=item, sorts=sorts, limit=30)
            walked: list[Record] = [r for run in records.walk(w.candidate, query, access=access, size=30) for r in run]
            beyond = records.page(w.candidate, Query(filter=item, sorts=sorts, limit=10, offset=5), access=access)
            count = records.count(w.candidate, query, access=access, cap=None).value
            assert len(walked) == count
            assert [r.id for r in beyond.records] == [r.id for r in walked[5:15]]
            found[f"{item} {sorts}"] = [r.id for r in walked]
    return found


def accesses(w: Recruiting) -> list[Access]:
    return [
        w.owner,
        restricted(w, rows={w.candidate: Compare(w.salary, Op.LT, 200), w.department: Compare(w.budget, Op.GE, 5)}),
        restricted(w, fields={w.note: Compare(w.salary, Op.GE, 100), w.dept: Compare(w.salary, Op.LT, 300)}),
        restricted(w, rows={w.candidate: Compare(w.note, Op.CONTAINS, "мка 1")}),
        restricted(w, hidden_fields=[w.note, w.depts]),
    ]


def test_the_index_finds_what_reading_everything_finds(w: Recruiting) -> None:
    before = [answers(w, access) for access in accesses(w)]
    assert sum(map(bool, before[0].values())) > 40
    assert before[0] != before[1] != before[2]
    indexed(w)
    assert inside.index_name(w.owner.term(w.candidate)) in w.owner.schema.indexes
    for most in (label_searches.MOST, 0):
        label_searches.MOST = most
        try:
            for access, was in zip(accesses(w), before, strict=True):
                now = answers(w, access)
                assert {question: ids for question, ids in now.items() if ids != was[question]} == {}
        finally:
            label_searches.MOST = 5_000


def test_pages_and_counts_ask_the_index(w: Recruiting) -> None:
    indexed(w)
    access = w.owner
    term, name = access.term(w.candidate), inside.index_name(access.term(w.candidate))
    compiler = Compiler(access)
    run("SET enable_seqscan = off")
    try:
        for item in (Search("съёмка 1"), Compare("Заметка", Op.CONTAINS, "съёмка 1"), Compare("val", Op.ENDS, "т 017")):
            query = Query(filter=item, limit=20)
            links = label_searches.searches(compiler, term, query)
            compiler.links.update(dict.fromkeys(links, ()))
            assert bool(links) == isinstance(item, Search)
            asked = paging.page(compiler, term, query)
            assert isinstance(asked, paging.Hunt)
            for statement in (asked.fetched(), compiler.count(term, query, 100)):
                with connection.cursor() as cursor:
                    cursor.execute(sql.SQL("EXPLAIN {}").format(statement.sql), dict(statement.params))
                    assert name in "\n".join(line for (line,) in cursor.fetchall())
    finally:
        run("RESET enable_seqscan")


def test_another_column_asks_for_another_index(w: Recruiting) -> None:
    indexed(w)
    was = inside.index_name(w.owner.term(w.candidate))
    w.nodes.requisite(w.candidate, w.nodes.term("Прозвище", w.owner.term(w.department).base), 20)
    w.nodes.write()
    name = inside.index_name(w.owner.term(w.candidate))
    assert name != was
    assert records.page(w.candidate, Query(filter=Search("съёмка 17"), limit=5), access=w.owner).records
    tended = indexes.tend_all()[SLUG]
    assert (tended.made, tended.dropped) == ((name,), (was,))
