"""A page made of a branch for each value of a rule is the page the rule itself gives."""

import pytest

from qdm.access import Access
from qdm.query import branches
from qdm.query.ast import EVERYTHING, And, Compare, Filter, Not, Op, Or, Query, RowInQuery, Sort, Unrestricted
from qdm.selectors import records
from tests.db.selectors.recruiting import Recruiting, restricted

CITIES = ("Омск", "омск", "Тверь", "Уфа", None, "О" * 200)


@pytest.fixture
def filled(w: Recruiting) -> Recruiting:
    n = w.nodes
    departments = [
        n.record(w.department, name, {w.budget: str(budget)})
        for budget, name in enumerate(("ИТ", "ит", "Склад", "Бухгалтерия"))
    ]
    for i in range(60):
        n.record(
            w.candidate,
            f"К{i * 7 % 30:02}" if i % 11 else None,
            {
                w.note: CITIES[i % len(CITIES)],
                w.salary: str(i * 13 % 20) if i % 5 else None,
                w.dept: departments[i % 4] if i % 7 else None,
                w.active: str(i % 2),
            },
        )
    n.write()
    return w


def city(*values: str) -> Filter:
    return Unrestricted(Compare("Заметка", Op.IN, values))


RULES: dict[str, Filter] = {
    "one value": Unrestricted(Compare("Заметка", Op.EQ, "ОМСК")),
    "several": city("Омск", "омск", "Уфа", "нет такого"),
    "a number": Unrestricted(Compare("Зарплата", Op.IN, (3, 13, 16))),
    "a label": Unrestricted(Compare("Отдел", Op.IN, ("ИТ", "Склад"))),
    "two columns": Or((city("Уфа"), Unrestricted(Compare("Отдел", Op.EQ, "склад")))),
    "two tests of one": Or((city("Уфа"), city("Тверь"))),
    "and more": And((city("Омск"), Not(Unrestricted(Compare("Активен", Op.EQ, True))))),
    "a long value": city("О" * 200),
    "beside granted rows": Or((city("Уфа"), RowInQuery("select id from ws_hr.t_{t} where id %% 3 = 0", ()))),
    "a deeper one": Unrestricted(Compare("Отдел.Бюджет", Op.LE, 1)),
}
QUESTIONS = [
    Query(filter=item, sorts=sorts)
    for item in (EVERYTHING, Compare("Активен", Op.EQ, True), Compare("Зарплата", Op.EMPTY))
    for sorts in (
        (),
        (Sort("val", descending=True),),
        (Sort("Зарплата"),),
        (Sort("Зарплата", descending=True), Sort("Отдел")),
        (Sort("Заметка"),),
        (Sort("Отдел"),),
    )
]


@pytest.mark.parametrize("name", RULES)
def test_pages_and_counts_are_those_of_the_rule(filled: Recruiting, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = RULES[name]
    if isinstance(rule, Or):
        arms = (
            RowInQuery(one.statement.replace("{t}", str(filled.candidate)), ()) if isinstance(one, RowInQuery) else one
            for one in rule.items
        )
        rule = Or(tuple(arms))
    low = restricted(filled, rows={filled.candidate: rule})
    plain = [everything(filled, query, low) for query in QUESTIONS]
    assert 0 < len(plain[0]) < 60
    monkeypatch.setattr(branches, "_has_index", lambda *_asked: True)
    for query, ids in zip(QUESTIONS, plain, strict=True):
        assert everything(filled, query, low) == ids
        assert forwards(filled, query, low) == ids
        assert backwards(filled, query, low) == ids
        for offset in (1, 5, len(ids), len(ids) + 3):
            assert pages(filled, query, low, offset=offset, limit=4) == ids[offset : offset + 4]
        for cap in (None, 3, len(ids)):
            count = records.count(filled.candidate, query, access=low, cap=cap)
            assert count.value == (len(ids) if cap is None else min(cap, len(ids)))
        if ids:
            assert records.position(ids[-1], filled.candidate, query, access=low) == len(ids) - 1


def test_which_rules_have_branches(filled: Recruiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(branches, "_has_index", lambda *_asked: True)
    made: list[str] = []
    real = branches.Branches.pick
    monkeypatch.setattr(
        branches.Branches, "pick", lambda self, *said, **more: made.append(name) or real(self, *said, **more)
    )
    for name, rule in RULES.items():
        if name != "beside granted rows":
            records.page(filled.candidate, Query(), access=restricted(filled, rows={filled.candidate: rule}))
    assert set(RULES) - set(made) == {"beside granted rows", "a long value", "a deeper one"}


def pages(w: Recruiting, query: Query, access: Access, **more: int) -> list[int]:
    asked = Query(filter=query.filter, sorts=query.sorts, **more)  # type: ignore[arg-type]
    return [r.id for r in records.page(w.candidate, asked, access=access).records]


def everything(w: Recruiting, query: Query, access: Access) -> list[int]:
    return pages(w, query, access, limit=100)


def forwards(w: Recruiting, query: Query, access: Access) -> list[int]:
    found: list[int] = []
    after = None
    while True:
        asked = Query(filter=query.filter, sorts=query.sorts, limit=7, after=after)
        page = records.page(w.candidate, asked, access=access)
        found += [r.id for r in page.records]
        after = page.next
        if after is None:
            return found


def backwards(w: Recruiting, query: Query, access: Access) -> list[int]:
    first = records.page(w.candidate, Query(filter=query.filter, sorts=query.sorts, limit=100), access=access)
    if len(first.records) < 2:
        return [r.id for r in first.records]
    asked = Query(filter=query.filter, sorts=query.sorts, limit=len(first.records) - 1)
    rest = records.page(w.candidate, asked, access=access)
    last = records.page(
        w.candidate, Query(filter=query.filter, sorts=query.sorts, limit=1, after=rest.next), access=access
    )
    found = [r.id for r in last.records]
    before = last.previous
    while before is not None:
        page = records.page(
            w.candidate, Query(filter=query.filter, sorts=query.sorts, limit=6, before=before), access=access
        )
        found = [r.id for r in page.records] + found
        before = page.previous
    return found
