"""Every operator, sort, group and aggregate on every base type, single and MULTIPLE, gives an answer or a clear no."""

from collections.abc import Callable
from itertools import product

import pytest

from qdm.access import ALL_ACTIONS, Access, Actor
from qdm.errors import BadFilter
from qdm.query.ast import Aggregate, Compare, FieldRef, Function, Op, Query, Sort
from qdm.selectors import records
from qdm.types.base import BaseType
from tests.db.selectors.recruiting import Nodes

pytestmark = pytest.mark.django_db

SAMPLES = {
    BaseType.NUMBER: ["5.50", "-1"],
    BaseType.FLOAT: ["1e+300", "0.1"],
    BaseType.DATE: ["2025-12-31", "2024-02-29"],
    BaseType.DATETIME: ["2025-12-31T13:45:00", "2025-12-31T00:00:00.500000"],
    BaseType.BOOLEAN: ["1", "0"],
    BaseType.UUID: ["123e4567-e89b-12d3-a456-426614174000", "00000000-0000-0000-0000-000000000001"],
}
TEXTS = ["Текст % _ \\ ' \"", "<b>x</b>"]
#: Operators every base type must know, and those a type of numbers or dates must.
ALWAYS = {Op.EQ, Op.NE, Op.IN, Op.EMPTY, Op.NOT_EMPTY, Op.BAD}
ORDERED = {Op.LT, Op.LE, Op.GT, Op.GE, Op.BETWEEN}


def answered(ask: Callable[[], object]) -> bool:
    try:
        ask()
    except BadFilter:
        return False
    return True


@pytest.mark.parametrize("base", list(BaseType), ids=lambda base: base.name)
def test_every_question_about_a_type_has_an_answer_or_a_clear_no(base: BaseType) -> None:
    n = Nodes("types")
    term = n.term("Главная", base)
    single = n.requisite(term, n.term("Одно", base), 1)
    many = n.requisite(term, n.term("Много", base), 2, {"MULTIPLE": ""})
    target = n.requisite(term, n.reference(term), 3)
    targets = n.requisite(term, n.reference(term, "Несколько"), 4, {"MULTIPLE": ""})
    n.write()
    first, second = SAMPLES.get(base, TEXTS)
    a = n.record(term, first, {single: first, many: [first, second]})
    b = n.record(term, second, {single: "не то", many: [second, "не то"], target: a, targets: [a, a + 10**6]})
    n.write()
    access = Access(Actor(None, "owner"), n.schema, ALL_ACTIONS)
    fields: list[FieldRef] = ["val", single, many, target, targets, "Главная.Одно", "Несколько.Много"]
    values = {Op.IN: (first, second), Op.BETWEEN: (first, second)}

    for field, op in product(fields, Op):
        query = Query(filter=Compare(field, op, values.get(op, first)))
        known = answered(lambda query=query: records.page(term, query, access=access))  # type: ignore[misc]
        assert known or op not in ALWAYS
        assert known or op not in ORDERED or base in (BaseType.BOOLEAN, BaseType.UUID)
    for field, descending in product(fields, (False, True)):
        page = records.page(term, Query(sorts=(Sort(field, descending),), limit=1), access=access)
        after = Query(sorts=(Sort(field, descending),), limit=1, after=page.next)
        rest = records.page(term, after, access=access)
        assert sorted(r.id for r in page.records + rest.records) == [a, b]
    for field in fields[:-1]:
        assert sum(group.count for group in records.groups(term, Query(), [field], access=access)) >= 2
    for field, function in product(fields, Function):
        wanted = [Aggregate(function, field)]
        known = answered(lambda wanted=wanted: records.totals(term, Query(), wanted, access=access))  # type: ignore[misc]
        assert known or function is not Function.COUNT
    found = records.page(term, Query(filter=Compare(single, Op.EQ, first)), access=access).records
    assert [r.id for r in found] == [a]
    assert records.get(a, access=access).cells == {single: first, many: (first, second)}
