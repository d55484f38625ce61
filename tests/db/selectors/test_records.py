"""Reading records: cells as canonical text, links as labels, texts that do not fit, pages, counts, options."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from qdm.errors import BadFilter, InvalidRequest, RecordNotFound, RequisiteNotFound, TermNotFound
from qdm.managers import records as manager
from qdm.query.ast import (
    Aggregate,
    Compare,
    Function,
    Op,
    Query,
    Search,
    Sort,
)
from qdm.record import Bad, Count, CountKind, Group, Link, Option
from qdm.selectors import records
from tests.db.selectors.recruiting import Recruiting, restricted

pytestmark = pytest.mark.django_db


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
    for record_id in (ivan, 999_999, w.candidate, w.salary, 1, 0, -5, 2**63, -(2**70)):
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
    assert statements(50, (w.note, w.dept)) == 1


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
    assert [r.id for r in records.by_ids(w.candidate, [c, b, other, 999_999, 2**64, a, c], access=low)] == [c, a]


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
        records.position(2**63, w.candidate, Query(), access=w.owner)
    with pytest.raises(RecordNotFound):
        records.position(ids[0], w.candidate, Query(filter=Compare("val", Op.EQ, "К1")), access=w.owner)


def test_a_term_without_records_reads_as_empty(w: Recruiting) -> None:
    unused = w.schema.requisites[w.born].type_id
    assert not w.schema.terms[unused].projected
    assert records.page(unused, Query(sorts=(Sort("val"),)), access=w.owner).records == ()
    assert records.count(unused, Query(filter=Search("x")), access=w.owner) == Count(0)


def test_a_record_is_found_whatever_was_looked_for_beside_it(w: Recruiting, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its table is guessed from its neighbours: one statement where that is right, the same answer where it is not."""
    monkeypatch.setattr(manager, "_seen", {})
    n = w.nodes
    first, department, second, third = (
        n.record(w.candidate, "Первый"), n.record(w.department, "Отдел"),
        n.record(w.candidate, "Второй"), n.record(w.candidate, "Третий"),
    )  # fmt: skip
    n.write()
    owner = w.owner
    assert [records.get(i, access=owner).val for i in (first, third)] == ["Первый", "Третий"]
    for record, label, statements in ((second, "Второй", 1), (department, "Отдел", 3), (department, "Отдел", 1)):
        with CaptureQueriesContext(connection) as asked:
            assert records.get(record, access=owner).val == label
        assert len(asked) == statements, label
    low = restricted(w, hidden_terms=[w.department])
    for record in (department, third + 1):
        with pytest.raises(RecordNotFound):
            records.get(record, access=low)
