"""What may not be seen is as if it were not there: rows, cells, links, names."""

import pytest

from qdm.access import Access, Action, Actor
from qdm.errors import UnknownField
from qdm.query.ast import (
    Aggregate,
    Compare,
    Filter,
    Function,
    Op,
    Or,
    ParentIn,
    Query,
    RowIn,
    RowInQuery,
    Search,
    Sort,
    Unrestricted,
)
from qdm.record import HIDDEN_LINK, Count, Group
from qdm.selectors import records
from tests.db.selectors.recruiting import Recruiting, restricted

pytestmark = pytest.mark.django_db


def test_rows_of_a_sub_table_are_counted_and_seen_with_their_parent(w: Recruiting) -> None:
    a, b = w.nodes.record(w.candidate, "а"), w.nodes.record(w.candidate, "б")
    for parent, name in ((a, "первое"), (a, "второе"), (b, "третье")):
        w.nodes.record(w.interview, name, {w.grade: "5"}, up=parent)
    w.nodes.record(w.interview, "само по себе")
    w.nodes.write()

    def seen(access: object) -> list[str]:
        return [r.val for r in records.page(w.interview, Query(), access=access).records]  # type: ignore[arg-type]

    assert records.subtable_counts(w.candidate, [a, b], access=w.owner) == {a: {w.interviews: 2}, b: {w.interviews: 1}}
    assert seen(w.owner) == ["второе", "первое", "само по себе", "третье"]
    low = restricted(w, rows={w.candidate: Compare("val", Op.EQ, "б")})
    assert seen(low) == ["само по себе", "третье"]
    assert records.subtable_counts(w.candidate, [a, b], access=low) == {b: {w.interviews: 1}}
    assert seen(restricted(w, hidden_terms=[w.candidate])) == ["само по себе"]
    assert seen(restricted(w, hidden_fields=[w.interviews])) == ["само по себе"]
    by_parent = records.page(w.interview, Query(up=a), access=w.owner)
    assert [r.val for r in by_parent.records] == ["второе", "первое"]
    found = records.page(w.candidate, Query(filter=Compare(w.interviews, Op.CONTAINS, "трет")), access=w.owner)
    assert [r.id for r in found.records] == [b]


def test_hidden_and_mistyped_names_are_the_same_error(w: Recruiting) -> None:
    w.nodes.record(w.candidate, "а", {w.salary: "1"})
    w.nodes.write()
    low = restricted(w, hidden_fields=[w.salary, w.budget], hidden_terms=[w.interview])
    errors = set()
    for name in ("Зарплата", "Зарплаты", w.salary, 999_999, "Отдел.Бюджет", "Отдел.Бюджеты", "Интервью.Оценка", ""):
        for query in (
            Query(filter=Compare(name, Op.GT, "1")),
            Query(sorts=(Sort(name),)),
            Query(fields=(name,)),
        ):
            with pytest.raises(UnknownField) as caught:
                records.page(w.candidate, query, access=low)
            errors.add((str(caught.value), tuple(caught.value.fields) == (str(name),)))
        with pytest.raises(UnknownField):
            records.totals(w.candidate, Query(), [Aggregate(Function.SUM, name)], access=low)
        with pytest.raises(UnknownField):
            records.groups(w.candidate, Query(), [name], access=low)
    assert len(errors) == 1


def test_an_unseen_target_is_a_hidden_link_and_counts_as_empty(w: Recruiting) -> None:
    secret = w.nodes.record(w.department, "Секретный", {w.budget: "5"})
    a = w.nodes.record(w.candidate, "а", {w.dept: secret, w.depts: [secret]})
    w.nodes.write()
    for low in (
        restricted(w, rows={w.department: Compare("val", Op.NE, "Секретный")}),
        restricted(w, hidden_terms=[w.department]),
    ):
        assert records.get(a, access=low).cells == {w.dept: HIDDEN_LINK, w.depts: (HIDDEN_LINK,)}

        def found(op: Op, value: object = None, field: int = w.dept, low: object = low) -> bool:
            query = Query(filter=Compare(field, op, value))
            return records.count(w.candidate, query, access=low).value == 1  # type: ignore[arg-type]

        for field in (w.dept, w.depts):
            assert not found(Op.EQ, "Секретный", field)
            assert not found(Op.EQ, secret, field)
            assert not found(Op.IN, (secret, "Секретный"), field)
            assert not found(Op.NOT_EMPTY, None, field)
            assert found(Op.EMPTY, None, field)
            assert found(Op.NE, "Секретный", field)
        assert records.count(w.candidate, Query(filter=Search("секрет")), access=low) == Count(0)


def test_a_field_read_in_some_rows_is_empty_in_the_others_everywhere(w: Recruiting) -> None:
    n = w.nodes
    for name, salary in (("а", "100"), ("б", "200"), ("в", "много")):
        n.record(w.candidate, name, {w.salary: salary, w.note: f"тайна {name}"})
    n.write()
    own = Compare("val", Op.EQ, "а")
    low = restricted(w, fields={w.salary: own, w.note: own})
    page = records.page(w.candidate, Query(sorts=(Sort(w.salary, descending=True),)), access=low)
    assert [(r.val, r.cells) for r in page.records] == [
        ("а", {w.salary: "100", w.note: "тайна а"}),
        ("в", {}),
        ("б", {}),
    ]

    def found(item: object) -> list[str]:
        return [r.val for r in records.page(w.candidate, Query(filter=item), access=low).records]  # type: ignore[arg-type]

    assert found(Compare(w.salary, Op.GT, 150)) == []
    assert found(Compare(w.salary, Op.LT, 150)) == ["а"]
    assert found(Compare(w.salary, Op.NE, 200)) == ["а", "б", "в"]
    assert found(Compare(w.salary, Op.BAD)) == []
    assert found(Compare(w.salary, Op.EMPTY)) == ["б", "в"]
    assert found(Search("тайна")) == ["а"]
    total = records.totals(w.candidate, Query(), [Aggregate(Function.SUM, w.salary)], access=low)
    assert (total.count, total.totals) == (3, ("100",))
    assert records.groups(w.candidate, Query(), [w.salary], access=low) == [Group(("100",), 1), Group((None,), 2)]


def test_rules_of_rights_may_say_what_no_question_can(w: Recruiting) -> None:
    ids = [w.nodes.record(w.candidate, f"К{i:03}", {w.salary: str(i)}) for i in range(100)]
    inside = [w.nodes.record(w.interview, f"И{i:03}", up=ids[i]) for i in range(100)]
    w.nodes.write()

    def seen(term: int, rule: Filter) -> list[int]:
        low = restricted(w, rows={term: rule}, hidden_fields=[w.salary])
        return [r.id for r in records.page(term, Query(limit=1000), access=low).records]

    assert seen(w.candidate, RowIn(frozenset(ids[:3]))) == ids[:3]
    assert seen(w.candidate, RowIn(frozenset(ids[:90]))) == ids[:90]
    assert seen(w.candidate, RowIn(frozenset())) == []
    cheap = Unrestricted(Compare("Зарплата", Op.LT, 5))
    assert seen(w.candidate, cheap) == ids[:5]
    assert seen(w.candidate, Or((cheap, RowIn(frozenset(ids[3:90]))))) == ids[:90]
    assert seen(w.candidate, Or((Unrestricted(Compare("Нет такой", Op.EMPTY)), RowIn(frozenset(ids[:1]))))) == ids[:1]
    assert seen(w.interview, ParentIn(w.candidate, cheap)) == inside[:5]
    statement = "select %(from)s + 2 * i from generate_series(0, %(count)s - 1) i where 100 %% 7 = 2"
    two = Or(
        (
            RowInQuery(statement, (("from", ids[0]), ("count", 2))),
            RowInQuery(statement, (("from", ids[9]), ("count", 1))),
        )
    )
    assert seen(w.candidate, two) == [ids[0], ids[1], ids[9]]


def test_what_may_be_seen_but_not_exported_is_not_walked_for_export(w: Recruiting) -> None:
    for name, salary in (("а", "1"), ("б", "2"), ("в", "3"), ("г", "4")):
        w.nodes.record(w.candidate, name, {w.salary: salary})
    w.nodes.write()
    whole = w.schema
    rules = {
        w.candidate: {
            Action.VIEW: Compare(w.salary, Op.GE, "2"),
            Action.EXPORT: Unrestricted(Compare(w.salary, Op.LE, "3")),
        }
    }
    low = Access(Actor(1, "low"), whole, frozenset({Action.VIEW}), rules=rules, whole=whole)

    def walked(action: Action) -> list[str]:
        runs = records.walk(w.candidate, Query(), access=low, size=1, action=action)
        return [record.val for run in runs for record in run]

    assert walked(Action.VIEW) == ["б", "в", "г"]
    assert walked(Action.EXPORT) == ["б", "в"]
    assert records.count(w.candidate, Query(), access=low, action=Action.EXPORT) == Count(2)
