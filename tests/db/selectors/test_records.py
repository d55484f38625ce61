"""Reading records: cells as canonical text, links as labels, texts that do not fit, pages, counts, options."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qdm.errors import BadFilter, InvalidRequest, RecordNotFound, RequisiteNotFound, TermNotFound, UnknownField
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
from qdm.record import HIDDEN_LINK, Bad, Count, CountKind, Group, Link, Option
from qdm.selectors import records
from tests.db.selectors.recruiting import Recruiting, build, restricted

pytestmark = pytest.mark.django_db


@pytest.fixture
def w() -> Recruiting:
    return build()


def test_a_cell_comes_back_as_its_canonical_text(w: Recruiting) -> None:
    n = w.nodes
    sales = n.record(w.department, "Продажи", {w.budget: "1000.50"})
    it = n.record(w.department, "ИТ")
    cells = {
        w.note: 'О\'Брайен "Юр" \\ %s {x}',
        w.salary: "-1234.50",
        w.rate: "1e+300",
        w.born: "0999-12-31",
        w.seen: "2025-12-31T13:45:00",
        w.active: "0",
        w.code: "123e4567-e89b-12d3-a456-426614174000",
        w.dept: sales,
        w.depts: [sales, it],
        w.skills: ["SQL", "Тесты"],
        w.scores: ["5", "4.50"],
    }
    ivan = n.record(w.candidate, "Иванов", cells)
    n.write()
    got = records.get(ivan, access=w.owner)
    assert (got.id, got.term_id, got.up, got.val, got.bad_val) == (ivan, w.candidate, 1, "Иванов", False)
    assert got.version > 0
    assert got.cells == {
        **cells,
        w.dept: Link(sales, "Продажи"),
        w.depts: (Link(sales, "Продажи"), Link(it, "ИТ")),
        w.skills: ("SQL", "Тесты"),
        w.scores: ("5", "4.50"),
    }


@pytest.mark.parametrize(
    ("requisite", "text"),
    [
        ("rate", "1000000000000000"),
        ("rate", "9007199254740993"),
        ("rate", "0.1"),
        ("rate", "1e-05"),
        ("seen", "2025-12-31T13:45:00.000001"),
        ("seen", "0001-01-01T00:00:00"),
        ("salary", "0.10"),
        ("active", "1"),
    ],
)
def test_projections_give_the_text_of_node_back(w: Recruiting, requisite: str, text: str) -> None:
    ivan = w.nodes.record(w.candidate, "Иванов", {getattr(w, requisite): text})
    w.nodes.write()
    expected = {"9007199254740993": "9007199254740992"}.get(text, text)
    assert records.get(ivan, access=w.owner).cells == {getattr(w, requisite): expected}


def test_text_that_does_not_fit_is_shown_and_marked(w: Recruiting) -> None:
    bad = w.nodes.record(w.candidate, "Иванов", {w.salary: "много", w.scores: ["5", "отлично"], w.born: "2025-02-30"})
    number = w.nodes.record(w.invoice, "сто", {w.paid: "1"})
    w.nodes.write()
    assert records.get(bad, access=w.owner).cells == {
        w.salary: Bad("много"),
        w.scores: ("5", Bad("отлично")),
        w.born: Bad("2025-02-30"),
    }
    invoice = records.get(number, access=w.owner)
    assert (invoice.val, invoice.bad_val, invoice.cells) == ("сто", True, {w.paid: "1"})
    query = Query(filter=Compare(w.salary, Op.BAD))
    assert [r.id for r in records.page(w.candidate, query, access=w.owner).records] == [bad]
    query = Query(filter=Compare(w.salary, Op.EMPTY))
    assert records.count(w.candidate, query, access=w.owner) == Count(0)


def test_an_unseen_or_missing_record_is_not_found(w: Recruiting) -> None:
    ivan = w.nodes.record(w.candidate, "Иванов")
    w.nodes.write()
    low = restricted(w, rows={w.candidate: Compare("val", Op.EQ, "Петров")})
    for record_id in (ivan, 999_999, w.candidate, w.salary, 1, 0, -5):
        with pytest.raises(RecordNotFound):
            records.get(record_id, access=low)
    with pytest.raises(TermNotFound):
        records.page(999_999, Query(), access=low)


def test_statements_do_not_grow_with_rows_and_columns(w: Recruiting) -> None:
    departments = [w.nodes.record(w.department, f"Отдел {i}") for i in range(20)]
    for i in range(60):
        w.nodes.record(
            w.candidate, f"К {i}", {w.dept: departments[i % 20], w.depts: departments[:3], w.salary: "x", w.note: "n"}
        )
    w.nodes.write()
    access = w.owner

    def statements(limit: int, fields: tuple[int, ...] | None = None) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            records.page(w.candidate, Query(limit=limit, fields=fields), access=access)
        return len(captured)

    assert statements(1) == statements(50) == 3  # rows, labels, texts that do not fit
    assert statements(50, (w.note,)) == 1
    assert statements(50, (w.note, w.dept)) == 2


def test_a_page_has_the_cursors_of_its_neighbours(w: Recruiting) -> None:
    for i in range(5):
        w.nodes.record(w.candidate, f"К{i}")
    w.nodes.write()
    first = records.page(w.candidate, Query(limit=2), access=w.owner)
    assert [r.val for r in first.records] == ["К0", "К1"]
    assert first.previous is None
    second = records.page(w.candidate, Query(limit=2, after=first.next), access=w.owner)
    assert [r.val for r in second.records] == ["К2", "К3"]
    back = records.page(w.candidate, Query(limit=2, before=second.previous), access=w.owner)
    assert back.records == first.records
    assert back.previous is None
    last = records.page(w.candidate, Query(limit=2, after=second.next), access=w.owner)
    assert ([r.val for r in last.records], last.next) == (["К4"], None)
    with pytest.raises(InvalidRequest):
        records.page(w.candidate, Query(after=first.next, sorts=(Sort(w.salary),)), access=w.owner)
    for bad in ("", "x", "%%%", "W10", first.next[:-4] if first.next else ""):
        with pytest.raises(InvalidRequest):
            records.page(w.candidate, Query(after=bad), access=w.owner)


def test_an_offset_page_continues_by_cursor(w: Recruiting) -> None:
    for i in range(7):
        w.nodes.record(w.candidate, f"К{i}", {w.salary: str(i)} if i < 4 else {})
    w.nodes.write()
    query = Query(sorts=(Sort(w.salary, descending=True),), limit=2, offset=3)
    middle = records.page(w.candidate, query, access=w.owner)
    assert [r.val for r in middle.records] == ["К0", "К6"]
    after = records.page(w.candidate, Query(sorts=query.sorts, limit=2, after=middle.next), access=w.owner)
    assert [r.val for r in after.records] == ["К5", "К4"]
    assert records.page(w.candidate, Query(offset=100), access=w.owner).records == ()


def test_counts_say_what_they_are(w: Recruiting) -> None:
    for i in range(30):
        w.nodes.record(w.candidate, f"К{i}")
    w.nodes.write()
    assert records.count(w.candidate, Query(), access=w.owner) == Count(30)
    assert records.count(w.candidate, Query(), access=w.owner, cap=29).kind is CountKind.ESTIMATED
    assert records.count(w.candidate, Query(), access=w.owner, cap=None) == Count(30)
    low = restricted(w, rows={w.candidate: Compare("val", Op.STARTS, "К1")})
    assert records.count(w.candidate, Query(), access=low) == Count(11)
    assert records.count(w.candidate, Query(), access=low, cap=5) == Count(5, CountKind.CAPPED)


def test_options_begin_with_what_starts_with_the_text(w: Recruiting) -> None:
    names = ["Продажи", "Отдел продаж", "ПРОД_АЖИ", "Кадры", "100%"]
    ids = {name: w.nodes.record(w.department, name) for name in names}
    w.nodes.write()

    def found(search: str, limit: int = 10, offset: int = 0) -> list[str]:
        options = records.options(w.dept, search, access=w.owner, limit=limit, offset=offset)
        return [option.label for option in options]

    assert records.options(w.dept, "кадр", access=w.owner) == [Option(ids["Кадры"], "Кадры")]
    assert found("прод") == ["ПРОД_АЖИ", "Продажи", "Отдел продаж"]
    assert found("прод", limit=2, offset=1) == ["Продажи", "Отдел продаж"]
    assert found("прод", limit=2, offset=2) == ["Отдел продаж"]
    assert found("_") == ["ПРОД_АЖИ"]
    assert found("%") == ["100%"]
    assert found("\\") == []
    assert found("") == ["100%", "Кадры", "Отдел продаж", "ПРОД_АЖИ", "Продажи"]
    low = restricted(w, rows={w.department: Compare("val", Op.CONTAINS, "продаж")})
    assert [o.label for o in records.options(w.dept, "", access=low)] == ["Отдел продаж", "Продажи"]
    assert records.options(w.dept, "", access=restricted(w, hidden_terms=[w.department])) == []
    with pytest.raises(RequisiteNotFound):
        records.options(w.dept, "", access=restricted(w, hidden_fields=[w.dept]))
    with pytest.raises(InvalidRequest):
        records.options(w.salary, "", access=w.owner)


def test_by_ids_keeps_the_asked_order_and_leaves_out_the_unseen(w: Recruiting) -> None:
    a, b, c = (w.nodes.record(w.candidate, name) for name in "абв")
    other = w.nodes.record(w.department, "г")
    w.nodes.write()
    low = restricted(w, rows={w.candidate: Compare("val", Op.NE, "б")})
    assert [r.id for r in records.by_ids(w.candidate, [c, b, other, 999_999, a, c], access=low)] == [c, a]


def test_totals_and_groups(w: Recruiting) -> None:
    n = w.nodes
    sales, it = n.record(w.department, "Продажи"), n.record(w.department, "ИТ")
    n.record(w.candidate, "а", {w.dept: sales, w.salary: "10.50", w.skills: ["SQL", "sql", "Тесты"], w.rate: "1"})
    n.record(w.candidate, "б", {w.dept: sales, w.salary: "20", w.skills: ["sql"], w.born: "2001-01-01"})
    n.record(w.candidate, "в", {w.dept: it, w.salary: "не число", w.note: "да", w.rate: "2.5"})
    n.record(w.candidate, "г", {w.note: "ДА"})
    n.write()
    total = records.totals(
        w.candidate,
        Query(),
        [
            Aggregate(Function.SUM, w.salary),
            Aggregate(Function.MIN, "Родился"),
            Aggregate(Function.COUNT, w.note),
            Aggregate(Function.AVG, w.rate),
            Aggregate(Function.MAX, "Отдел.Бюджет"),
        ],
        access=w.owner,
    )
    assert (total.count, total.totals) == (4, ("30.50", "2001-01-01", "2", "1.75", None))
    by_department = records.groups(w.candidate, Query(), [w.dept], [Aggregate(Function.SUM, w.salary)], access=w.owner)
    assert by_department == [
        Group((Link(it, "ИТ"),), 1, (None,)),
        Group((Link(sales, "Продажи"),), 2, ("30.50",)),
        Group((None,), 1, (None,)),
    ]
    assert records.groups(w.candidate, Query(), [w.note], access=w.owner) == [Group(("ДА",), 2), Group((None,), 2)]
    assert records.distinct(w.candidate, w.skills, Query(), access=w.owner, by_count=True) == [
        Group(("SQL",), 2),
        Group((None,), 2),
        Group(("Тесты",), 1),
    ]
    assert records.distinct(w.candidate, w.dept, Query(), "прод", access=w.owner) == [
        Group((Link(sales, "Продажи"),), 2)
    ]
    for function, ref in (
        (Function.SUM, w.note),
        (Function.MAX, w.scores),
        (Function.AVG, w.born),
        (Function.MIN, w.dept),
    ):
        with pytest.raises(BadFilter):
            records.totals(w.candidate, Query(), [Aggregate(function, ref)], access=w.owner)
    with pytest.raises(BadFilter):
        records.groups(w.candidate, Query(), ["Желает.Бюджет"], access=w.owner)
    with pytest.raises(BadFilter):
        records.groups(w.candidate, Query(), [w.interviews], access=w.owner)
    low = restricted(w, rows={w.department: Compare("val", Op.EQ, "ИТ")})
    assert records.groups(w.candidate, Query(), [w.dept], access=low) == [
        Group((Link(it, "ИТ"),), 1),
        Group((None,), 3),
    ]
    hidden = restricted(w, hidden_terms=[w.department])
    assert records.groups(w.candidate, Query(), [w.dept, w.note], access=hidden) == [
        Group((None, "ДА"), 2),
        Group((None, None), 2),
    ]


def test_position_is_the_number_of_records_before(w: Recruiting) -> None:
    ids = [w.nodes.record(w.candidate, f"К{i}", {w.salary: str(i % 3)} if i % 4 else {}) for i in range(12)]
    w.nodes.write()
    for descending in (False, True):
        query = Query(sorts=(Sort(w.salary, descending),), limit=100)
        order = [r.id for r in records.page(w.candidate, query, access=w.owner).records]
        assert sorted(order) == ids
        assert [records.position(i, w.candidate, query, access=w.owner) for i in order] == list(range(12))
    with pytest.raises(RecordNotFound):
        records.position(ids[0], w.candidate, Query(filter=Compare("val", Op.EQ, "К1")), access=w.owner)


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


def test_a_term_without_records_reads_as_empty(w: Recruiting) -> None:
    unused = w.schema.requisites[w.born].type_id
    assert not w.schema.terms[unused].projected
    assert records.page(unused, Query(sorts=(Sort("val"),)), access=w.owner).records == ()
    assert records.count(unused, Query(filter=Search("x")), access=w.owner) == Count(0)


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
