"""Names become fields, typed values canonical text; what cannot be bound is said in one way."""

import pytest

from qdm.errors import BadFilter, UnknownField
from qdm.query.ast import EVERYTHING, And, Compare, Filter, Not, Op, Or, RowIn, Search, Sort, Unrestricted
from qdm.query.binder import MAX_DEPTH, Binder
from qdm.query.bound import FALSE, TRUE, All, Any, Bound, Field, Hop, Inverse, Linked, Special, Test, Way
from qdm.types.base import Locale
from tests.unit.query.structure import (
    BORN,
    BOSS,
    BUDGET,
    CANDIDATE,
    DEPARTMENT,
    DEPT,
    DOTTED,
    GRADE,
    INTERVIEWS,
    NAME,
    SALARY,
    SEEN,
    SKILLS,
    schema,
)

S = schema()
TERM = S.terms[CANDIDATE]


def bind(item: Filter) -> Bound:
    return Binder(S).filter(item, TERM)


def field(requisite: int) -> Field:
    return Field(S.terms[S.requisites[requisite].term_id], S.requisites[requisite])


def hop(requisite: int) -> Hop:
    r = S.requisites[requisite]
    if r.is_subtable:
        return Hop(Way.CHILDREN, S.terms[r.type_id], r)
    assert r.target is not None
    return Hop(Way.REFERENCE, S.terms[r.target], r)


MAIN = Field(TERM, Special.MAIN)


@pytest.mark.parametrize("name", ["Зарплата", " зарплата ", "ЗАРПЛАТА", SALARY])
def test_a_column_is_found_by_name_without_case_and_by_id(name: str | int) -> None:
    assert Binder(S).field(name, TERM) == field(SALARY)


@pytest.mark.parametrize("name", ["полное имя", "Имя", NAME])
def test_an_alias_and_the_name_behind_it_are_both_known(name: str | int) -> None:
    assert Binder(S).field(name, TERM) == field(NAME)


@pytest.mark.parametrize("name", ["val", "Кандидат", CANDIDATE])
def test_the_main_value_has_the_name_of_its_table(name: str | int) -> None:
    assert Binder(S).field(name, TERM) == MAIN


def test_a_dotted_path_leads_through_references_and_sub_tables() -> None:
    path = Binder(S).path("Начальник.Отдел.Бюджет", TERM)
    assert (path.hops, path.field) == ((hop(BOSS), hop(DEPT)), field(BUDGET))
    assert Binder(S).path("Интервью.Оценка", TERM).field == field(GRADE)


def test_a_name_with_a_dot_of_its_own_comes_first() -> None:
    assert Binder(S).path("Отдел.Код", TERM).field == field(DOTTED)


@pytest.mark.parametrize(
    "name", ["", ".", "Нет", "Отдел.", "Отдел.Нет", "Зарплата.Бюджет", ".Отдел", 9, True, BUDGET, "r202", "ID"]
)
def test_what_is_not_there_is_unknown_in_one_text(name: str | int) -> None:
    for act in (
        lambda: bind(Compare(name, Op.EMPTY)),
        lambda: bind(Or((EVERYTHING, Not(Compare(name, Op.EQ, "x"))))),
        lambda: Binder(S).sorts([Sort(name)], TERM),
    ):
        with pytest.raises(UnknownField) as caught:
            act()
        assert str(caught.value) == str(UnknownField())


def test_negative_operators_are_inverses() -> None:
    assert bind(Compare(SALARY, Op.NE, 5)) == Inverse(Test(field(SALARY), Op.EQ, ("5",)))
    assert bind(Compare(SALARY, Op.EMPTY)) == Inverse(Test(field(SALARY), Op.NOT_EMPTY))
    assert bind(Not(Not(Compare(SALARY, Op.EMPTY)))) == Inverse(Inverse(Inverse(Test(field(SALARY), Op.NOT_EMPTY))))


def test_constants_are_folded() -> None:
    assert bind(And((EVERYTHING, Or((And(), Compare(SALARY, Op.BAD)))))) == TRUE
    assert bind(And((Or(), Compare(SALARY, Op.BAD)))) == FALSE
    assert bind(Not(Or())) == TRUE
    assert bind(Search("")) == TRUE


def test_a_value_is_read_as_a_person_writes_it() -> None:
    assert bind(Compare(SALARY, Op.GT, "1 234,50")) == Test(field(SALARY), Op.GT, ("1234.50",))
    assert bind(Compare(BORN, Op.EQ, "31.12.2025")) == Test(field(BORN), Op.EQ, ("2025-12-31",))
    english = Binder(S, Locale("en", day_first=False)).filter(Compare(BORN, Op.EQ, "12/31/2025"), TERM)
    assert english == Test(field(BORN), Op.EQ, ("2025-12-31",))


@pytest.mark.parametrize(
    "item",
    [
        Compare(SALARY, Op.GT, "много"),
        Compare(BORN, Op.EQ, "31.02.2025"),
        Compare(SALARY, Op.IN, "5"),
        Compare(SALARY, Op.BETWEEN, (1, 2, 3)),
        Compare(SALARY, Op.BETWEEN, 1),
        Compare("id", Op.EQ, 2**63),
        Compare("id", Op.EQ, "x"),
        Compare("id", Op.EQ, True),
        Compare("id", Op.CONTAINS, "1"),
        Compare(DEPT, Op.EQ, 2**63),
        Compare(DEPT, Op.LT, 5),
        Compare(DEPT, Op.BETWEEN, (5, 6)),
        Compare(INTERVIEWS, Op.BAD),
        Compare("Имя", Op.EQ, "a\0b"),
        Compare("Имя", Op.CONTAINS, {"a": 1}),
        Search("a\0b"),
        Search("\ud800"),
        Compare("Имя", Op.EQ, ["a"]),
        RowIn(frozenset({1})),
        Unrestricted(EVERYTHING),
    ],
)
def test_a_value_that_cannot_be_meant_is_a_bad_filter(item: Filter) -> None:
    with pytest.raises(BadFilter):
        bind(item)


def test_an_empty_value_is_equal_to_nothing() -> None:
    assert bind(Compare(SALARY, Op.EQ, "")) == FALSE
    assert bind(Compare(NAME, Op.CONTAINS, None)) == FALSE
    assert bind(Compare(NAME, Op.IN, ())) == FALSE
    assert bind(Compare(SALARY, Op.BETWEEN, (None, ""))) == FALSE
    assert bind(Compare(SALARY, Op.BETWEEN, (None, 5))) == Test(field(SALARY), Op.LE, ("5",))


def test_text_on_a_reference_means_the_label_and_a_number_the_id() -> None:
    target = S.terms[DEPARTMENT]
    label, identity = Field(target, Special.MAIN), Field(target, Special.ID)
    assert bind(Compare(DEPT, Op.EQ, "7")) == Linked(hop(DEPT), Test(label, Op.EQ, ("7",)))
    assert bind(Compare(DEPT, Op.EQ, 7)) == Linked(hop(DEPT), Test(identity, Op.IN, ("7",)))
    assert bind(Compare(DEPT, Op.IN, (7, "ИТ"))) == Linked(
        hop(DEPT), Any((Test(identity, Op.IN, ("7",)), Test(label, Op.IN, ("ИТ",))))
    )
    assert bind(Compare(DEPT, Op.EMPTY)) == Inverse(Linked(hop(DEPT), TRUE))


def test_a_sub_table_is_compared_by_the_type_of_its_main_value() -> None:
    assert bind(Compare(INTERVIEWS, Op.GE, "1.2.2025")) == Linked(
        hop(INTERVIEWS), Test(Field(S.terms[400], Special.MAIN), Op.GE, ("2025-02-01",))
    )


def test_a_bare_date_means_the_whole_day_of_a_moment() -> None:
    at = field(SEEN)
    start, end = "2025-12-31T00:00:00", "2026-01-01T00:00:00"
    assert bind(Compare(SEEN, Op.EQ, "31.12.2025")) == All((Test(at, Op.GE, (start,)), Test(at, Op.LT, (end,))))
    assert bind(Compare(SEEN, Op.LE, "31.12.2025")) == Test(at, Op.LT, (end,))
    assert bind(Compare(SEEN, Op.GT, "31.12.2025")) == Test(at, Op.GE, (end,))
    assert bind(Compare(SEEN, Op.EQ, "31.12.2025 00:00")) == Test(at, Op.EQ, (start,))
    assert bind(Compare(SEEN, Op.EQ, "31.12.9999")) == Test(at, Op.EQ, ("9999-12-31T00:00:00",))


def test_a_reference_to_a_hidden_table_is_an_empty_cell_but_no_path() -> None:
    pruned = S.pruned(set(S.terms) - {DEPARTMENT})
    binder = Binder(pruned)
    term = pruned.terms[CANDIDATE]
    assert binder.filter(Compare(DEPT, Op.EQ, "ИТ"), term) == FALSE
    assert binder.filter(Compare(DEPT, Op.EQ, 7), term) == FALSE
    assert binder.filter(Compare(DEPT, Op.EMPTY), term) == TRUE
    with pytest.raises(UnknownField):
        binder.path("Отдел.Бюджет", term)


def test_search_asks_texts_and_labels_only() -> None:
    found = bind(Search("x"))
    assert isinstance(found, Any)
    asked = {item.field.key if isinstance(item, Test) else item.hop.term.name for item in found.items}  # type: ignore[union-attr]
    assert asked == {"val", f"r{NAME}", f"r{DOTTED}", f"r{SKILLS}", "Отдел", "Кандидат"}


def test_a_table_has_an_order_of_its_own() -> None:
    bound = Binder(S).sorts([], TERM)
    assert [(sort.path.key, sort.descending) for sort in bound] == [(f"r{SALARY}", True), (f"r{NAME}", False)]
    pruned = S.pruned(S.terms, frozenset({SALARY}))
    low = Binder(pruned).sorts([], pruned.terms[CANDIDATE])
    assert [(sort.path.key, sort.descending) for sort in low] == [("val", False)]


def test_a_filter_nested_beyond_reason_is_refused() -> None:
    item: Filter = EVERYTHING
    for _ in range(MAX_DEPTH + 1):
        item = Not(item)
    with pytest.raises(BadFilter):
        bind(item)


def test_a_rule_whose_column_is_gone_gives_nothing() -> None:
    rule = Or((Unrestricted(Compare("Нет", Op.EQ, "x")), Unrestricted(Compare(SALARY, Op.EQ, "5"))))
    assert Binder(S, rights=True).filter(rule, TERM) == Test(field(SALARY), Op.EQ, ("5",))
