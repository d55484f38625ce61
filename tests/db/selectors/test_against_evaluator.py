"""Random questions give what a plain evaluation of every row gives, and paging visits every row once, both ways."""

import random
from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdm.access import Access
from qdm.query.ast import Aggregate, And, Compare, Filter, Function, Not, Op, Or, Query, Search, Sort
from qdm.record import Bad, Link, Value
from qdm.selectors import records
from qdm.types.base import BaseType
from tests.db.selectors.evaluator import Evaluator, Row, typed
from tests.db.selectors.recruiting import Recruiting, build, restricted

pytestmark = pytest.mark.django_db

TEXTS = ["Яна", "яна", "Ян%", "ян_а", "а\\б", "Ёж", "ёж", "100%", "x" * 130, "x" * 130 + "y", "Пётр 2", "пётр 10"]
NUMBERS = ["0", "5", "5.0", "-1.50", "10", "1234567890123456789.01", "2"]
FLOATS = ["0.1", "5", "1e+300", "-2.5"]
DATES = ["2025-12-31", "2024-02-29", "0999-01-01", "2025-01-01"]
MOMENTS = ["2025-12-31T13:45:00", "2025-12-31T00:00:00", "2026-01-01T00:00:00", "2024-02-29T23:59:59.500000"]
FLAGS = ["0", "1"]
CODES = ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000001"]
BAD = "не то"


def fill(w: Recruiting, rows: int = 70) -> list[Row]:
    """The same random records in the database and as plain rows."""
    chance = random.Random(7)
    found: list[Row] = []

    def add(term: int, val: str, cells: dict[int, list[object]], up: int = 1) -> int:
        filled = {r: values for r, values in cells.items() if values}
        record = w.nodes.record(term, val, filled, up)
        found.append(Row(record, term, val, up, filled))
        return record

    def maybe(values: list[str], *, bad: bool = False) -> list[object]:
        roll = chance.random()
        return [] if roll < 0.3 else [BAD] if bad and roll < 0.4 else [chance.choice(values)]

    def some(values: list[object]) -> list[object]:
        return chance.sample(values, chance.randint(0, 3))

    departments = [add(w.department, name, {w.budget: maybe(NUMBERS, bad=True)}) for name in TEXTS[:6]]
    for _ in range(rows):
        parent = add(
            w.candidate,
            chance.choice(TEXTS),
            {
                w.note: maybe(TEXTS),
                w.salary: maybe(NUMBERS, bad=True),
                w.rate: maybe(FLOATS),
                w.born: maybe(DATES, bad=True),
                w.seen: maybe(MOMENTS),
                w.active: maybe(FLAGS),
                w.code: maybe(CODES),
                w.dept: [] if chance.random() < 0.3 else [chance.choice(departments)],
                w.depts: some(list(departments)),
                w.skills: some(list(TEXTS)),
                w.scores: some(list(NUMBERS)),
            },
        )
        for _ in range(chance.choice([0, 0, 1, 2])):
            add(w.interview, chance.choice(TEXTS), {w.grade: maybe(NUMBERS)}, up=parent)
    for _ in range(rows // 3):
        add(w.invoice, chance.choice([*NUMBERS, BAD]), {w.paid: maybe(FLAGS)})
    w.nodes.write()
    return found


def compares(w: Recruiting, ids: list[int]) -> st.SearchStrategy[Filter]:
    order = [Op.EQ, Op.NE, Op.LT, Op.LE, Op.GT, Op.GE]
    empty = [Op.EMPTY, Op.NOT_EMPTY, Op.BAD]
    texts = st.sampled_from([*TEXTS, "ян", "%", "_", "x", "\\", "x" * 128])

    def typed(fields: list[int | str], values: list[str], ops: list[Op] = order) -> st.SearchStrategy[Filter]:
        field, value = st.sampled_from(fields), st.sampled_from(values)
        return st.one_of(
            st.builds(Compare, field, st.sampled_from(ops), value),
            st.builds(Compare, field, st.sampled_from(empty)),
            st.builds(Compare, field, st.just(Op.IN), st.lists(value, max_size=3).map(tuple)),
        )

    between = st.builds(Compare, st.just(w.salary), st.just(Op.BETWEEN), st.tuples(*[st.sampled_from(NUMBERS)] * 2))
    parts = st.builds(
        Compare,
        st.sampled_from(["val", w.note, w.skills, w.dept, w.depts, w.salary, w.born, w.interviews]),
        st.sampled_from([Op.CONTAINS, Op.STARTS, Op.ENDS]),
        texts,
    )
    links = st.builds(
        Compare, st.sampled_from([w.dept, w.depts]), st.sampled_from([Op.EQ, Op.NE]), st.sampled_from(ids)
    )
    filled = st.builds(
        Compare, st.sampled_from([w.dept, w.depts, w.interviews]), st.sampled_from([Op.EMPTY, Op.NOT_EMPTY])
    )
    return st.one_of(
        typed(["val", w.note, w.skills], TEXTS),
        typed([w.salary, w.scores, "Отдел.Бюджет", "Желает.Бюджет", "Интервью.Оценка"], NUMBERS),
        typed([w.rate], FLOATS),
        typed([w.born], DATES),
        typed([w.seen], MOMENTS),
        typed([w.active], FLAGS, [Op.EQ, Op.NE]),
        typed([w.code], CODES, [Op.EQ, Op.NE]),
        st.builds(
            Compare, st.sampled_from([w.dept, w.depts, w.interviews]), st.sampled_from(order), st.sampled_from(TEXTS)
        ),
        between,
        parts,
        links,
        filled,
        st.builds(Search, texts),
    )


def filters(w: Recruiting, ids: list[int]) -> st.SearchStrategy[Filter]:
    return st.recursive(
        compares(w, ids),
        lambda inner: st.one_of(
            st.builds(And, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Or, st.lists(inner, max_size=3).map(tuple)),
            st.builds(Not, inner),
        ),
        max_leaves=4,
    )


def orders(w: Recruiting) -> st.SearchStrategy[tuple[Sort, ...]]:
    fields = ["val", w.note, w.salary, w.rate, w.born, w.seen, w.active, w.code, w.dept, w.depts, w.skills, w.scores]
    one = st.builds(Sort, st.sampled_from([*fields, "Отдел.Бюджет"]), st.booleans())
    return st.lists(one, min_size=1, max_size=3).map(tuple)


def rules(w: Recruiting) -> tuple[dict[int, Filter], dict[int, Filter]]:
    """What a restricted actor sees: rules of rows, rules of fields."""
    seen_rows = {
        w.candidate: Not(Compare(w.salary, Op.EQ, "5")),
        w.department: Or((Compare(w.budget, Op.NOT_EMPTY), Compare("val", Op.CONTAINS, "я"))),
    }
    seen_fields = {
        w.salary: Compare(w.active, Op.EQ, "1"),
        w.note: Compare(w.dept, Op.NOT_EMPTY),
        w.depts: Compare(w.salary, Op.NOT_EMPTY),
        w.budget: Compare("val", Op.CONTAINS, "я"),
        w.interviews: Compare(w.skills, Op.NOT_EMPTY),
    }
    return seen_rows, seen_fields


@pytest.mark.parametrize("who", ["owner", "restricted"])
def test_pages_counts_and_places_are_those_of_the_evaluator(who: str) -> None:
    w = build()
    rows = fill(w)
    row_rules, field_rules = rules(w) if who == "restricted" else ({}, {})
    access: Access = restricted(w, rows=row_rules, fields=field_rules) if who == "restricted" else w.owner
    evaluator = Evaluator(w.schema, rows, row_rules, field_rules)
    ids = [row.id for row in rows if row.term == w.department]
    for term in (w.candidate, w.department, w.interview, w.invoice):
        expected = evaluator.answer(term, And(), [Sort()])
        assert walk(term, Query(limit=20, fields=()), access, back=False) == expected

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(filters(w, ids), orders(w), st.sampled_from([3, 7, 30]), st.integers(0, 60))
    def check(item: Filter, sorts: tuple[Sort, ...], limit: int, at: int) -> None:
        expected = evaluator.answer(w.candidate, item, sorts)
        query = Query(filter=item, sorts=sorts, limit=limit, fields=())
        assert records.count(w.candidate, query, access=access).value == len(expected)
        assert walk(w.candidate, query, access, back=False) == expected
        assert walk(w.candidate, query, access, back=True) == expected
        jump = records.page(w.candidate, replace(query, offset=at), access=access)
        assert [r.id for r in jump.records] == expected[at : at + limit]
        if expected:
            place = at % len(expected)
            assert records.position(expected[place], w.candidate, query, access=access) == place

    check()


@pytest.mark.parametrize("who", ["owner", "restricted"])
def test_groups_and_totals_are_those_of_the_evaluator(who: str) -> None:
    w = build()
    rows = fill(w)
    row_rules, field_rules = rules(w) if who == "restricted" else ({}, {})
    access: Access = restricted(w, rows=row_rules, fields=field_rules) if who == "restricted" else w.owner
    evaluator = Evaluator(w.schema, rows, row_rules, field_rules)
    ids = [row.id for row in rows if row.term == w.department]
    fields = ["val", w.note, w.salary, w.born, w.seen, w.active, w.code, w.dept, w.depts, w.skills, w.scores]
    summed = Aggregate(Function.SUM, w.salary)

    def read(ref: int | str, value: Value | None) -> object:
        if value is None or isinstance(value, Bad):
            return None
        if isinstance(value, Link):
            return value.id
        base = w.schema.requisites[w.budget if isinstance(ref, str) else ref].base if ref != "val" else BaseType.CHARS
        read = typed(base, value)
        return read.lower() if isinstance(read, str) else read

    @settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(filters(w, ids), st.sampled_from([*fields, "Отдел.Бюджет"]), st.booleans())
    def check(item: Filter, ref: int | str, descending: bool) -> None:
        expected = evaluator.groups(w.candidate, item, ref, w.salary)
        query = Query(filter=item, limit=1000, sorts=(Sort(ref, descending),))
        found = records.groups(w.candidate, query, [ref], [summed], access=access)
        assert {
            read(ref, group.values[0]): (
                group.count,
                Decimal(total) if (total := group.totals[0]) is not None else None,
            )
            for group in found
        } == expected
        assert len(found) == len(expected)
        assert [g.values for g in found if g.values == (None,)] == [g.values for g in found][-1:] * (None in expected)
        total = records.totals(w.candidate, query, [Aggregate(Function.COUNT, ref)], access=access)
        filled = And((item, Compare(ref, Op.NOT_EMPTY)))
        assert [str(total.count), *total.totals] == [
            str(len(evaluator.answer(w.candidate, i, [Sort()]))) for i in (item, filled)
        ]
        if ref not in (w.depts, w.skills, w.scores):
            different = records.totals(w.candidate, query, [Aggregate(Function.DISTINCT, ref)], access=access)
            assert different.totals == (str(len(expected.keys() - {None})),)

    check()


@pytest.mark.parametrize("descending", [False, True])
def test_a_numeric_main_value_orders_as_a_number_and_misfits_come_last(descending: bool) -> None:
    w = build()
    evaluator = Evaluator(w.schema, fill(w))
    query = Query(sorts=(Sort("val", descending),), limit=4)
    expected = evaluator.answer(w.invoice, And(), query.sorts)
    assert walk(w.invoice, query, w.owner, back=False) == expected
    assert walk(w.invoice, query, w.owner, back=True) == expected


def walk(term: int, query: Query, access: Access, *, back: bool) -> list[int]:
    """Ids of all pages: first to last, or, going back, last to first."""
    page = records.page(term, query, access=access)
    pages = [[r.id for r in page.records]]
    while page.next is not None:
        page = records.page(term, replace(query, after=page.next), access=access)
        pages.append([r.id for r in page.records])
        assert len(pages) < 200
    if back:
        pages = [pages[-1]]
        while page.previous is not None:
            page = records.page(term, replace(query, before=page.previous), access=access)
            pages.insert(0, [r.id for r in page.records])
            assert len(pages) < 200
    return [record for ids in pages for record in ids]
