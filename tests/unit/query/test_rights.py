"""Predicates of an Access: nothing without one, nothing added where everything is seen, nothing seen by mistake."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from qdm.access import ALL_ACTIONS, Access, Action, Actor
from qdm.query import paging
from qdm.query.ast import EVERYTHING, NOTHING, Compare, Filter, Op, Query
from qdm.query.bound import FALSE, TRUE, All, Any, Field, Special, Test
from qdm.query.compiler import Compiler
from qdm.query.rights import Rights
from qdm.schema import Requisite, Schema
from qdm.types.base import BaseType
from tests.unit.query.structure import CANDIDATE, INTERVIEW, INTERVIEWS, SALARY, SECRET, schema

S = schema()


@dataclass(frozen=True)
class Ruled(Access):
    rules: Mapping[int, Filter] = field(default_factory=dict)

    def rows(self, table: int, action: Action) -> Filter:
        return self.rules.get(table, EVERYTHING)


def ruled(rules: Mapping[int, Filter], whole: Schema = S, seen: Schema | None = None) -> Rights:
    return Rights(Ruled(Actor(1, "low"), seen or whole, whole=whole, rules=rules))


def text(access: Access, term: int) -> str:
    asked = paging.page(Compiler(access), access.term(term), Query())
    assert isinstance(asked, paging.Runs)
    return asked.statements[0].sql.as_string(None)


def test_nothing_is_compiled_without_an_access() -> None:
    for nobody in (None, S, object()):
        with pytest.raises((TypeError, AttributeError)):
            Compiler(nobody)  # type: ignore[arg-type]


def test_the_owner_is_asked_nothing() -> None:
    owner = Access(Actor(1, "owner"), S, ALL_ACTIONS)
    rights = Rights(owner)
    assert [rights.rows(term) for term in S.terms] == [TRUE] * len(S.terms)
    assert not rights.restrict
    assert "CASE" not in text(owner, INTERVIEW)


def test_without_a_grant_no_row_is_seen() -> None:
    assert Rights(Access(Actor(1, "nobody"), S)).rows(CANDIDATE) == FALSE
    assert "FALSE" in text(Access(Actor(1, "nobody"), S), CANDIDATE)


def test_a_hidden_table_has_no_rows_whatever_its_rule() -> None:
    assert ruled({}, seen=S.pruned({CANDIDATE})).rows(SECRET) == FALSE


def test_a_rule_of_the_parent_reaches_the_rows_of_its_sub_table() -> None:
    assert isinstance(ruled({CANDIDATE: Compare(SALARY, Op.EQ, "5")}).rows(INTERVIEW), Any)
    assert ruled({INTERVIEW: NOTHING}).rows(INTERVIEW) == FALSE
    own = Compare("Оценка", Op.EQ, "5")
    assert isinstance(ruled({CANDIDATE: NOTHING, INTERVIEW: own}).rows(INTERVIEW), All)
    assert ruled({}).rows(INTERVIEW) == TRUE
    hidden = S.pruned(S.terms, frozenset({INTERVIEWS}))
    alone = Test(Field(S.terms[INTERVIEW], Special.UP), Op.EQ, ("1",))
    assert ruled({}, seen=hidden).rows(INTERVIEW) == alone


def test_a_table_nested_in_itself_ends() -> None:
    base = S.terms[CANDIDATE]
    own = Requisite(900, CANDIDATE, CANDIDATE, "Замещает", 9, BaseType.CHARS, is_subtable=True)
    nested = Schema("hr", 1, {CANDIDATE: type(base)(CANDIDATE, "Кандидат", BaseType.CHARS, (own,))})
    assert ruled({}, nested).rows(CANDIDATE) == TRUE
    restricted = ruled({CANDIDATE: Compare("val", Op.EQ, "x")}, nested).rows(CANDIDATE)
    assert isinstance(restricted, All)
