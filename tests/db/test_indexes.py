"""Indexes follow what people ask by: made for a habit, dropped when it is over, whole or not there."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from psycopg import sql

from qdm.managers import column_uses, indexing
from qdm.query import inside, paging
from qdm.query.ast import And, Compare, Op, Or, Query, Search, Sort, Unrestricted
from qdm.query.compiler import Compiler
from qdm.query.uses import Use
from qdm.query.uses import uses as uses_of
from qdm.selectors import indexes, records
from qdm.services import indexes as service
from qdm.services import workspaces
from tests.db.selectors.recruiting import Recruiting, build, restricted

pytestmark = pytest.mark.django_db(transaction=True)
SLUG, ROWS = "habits", 3_000


@pytest.fixture
def w(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recruiting]:
    monkeypatch.setattr(indexing, "LEAST_ROWS", 1_000)
    monkeypatch.setattr(indexes, "LARGE", 1_000)
    indexes._seen.clear()
    column_uses._counted.clear()
    w = build(SLUG)
    run(
        "INSERT INTO {node} (id, up, t, val) SELECT 10000 + 10 * i, 1, {candidate}, 'Кандидат ' || i"
        " FROM generate_series(1, {rows}) i UNION ALL"
        " SELECT 10001 + 10 * i, 10000 + 10 * i, {salary}, (i % 500)::text FROM generate_series(1, {rows}) i UNION ALL"
        " SELECT 10002 + 10 * i, 10000 + 10 * i, {note}, 'Заметка ' || i FROM generate_series(1, {rows}) i",
        node=sql.Identifier(f"ws_{SLUG}", "node"),
        candidate=sql.Literal(w.candidate), salary=sql.Literal(w.salary), note=sql.Literal(w.note),
        rows=sql.Literal(ROWS),
    )  # fmt: skip
    run("VACUUM ANALYZE {}", sql.Identifier(f"ws_{SLUG}", f"t_{w.candidate}"))
    try:
        yield w
    finally:
        workspaces.drop(SLUG, SLUG)
        run("DELETE FROM qdm.column_use")
        run("DELETE FROM qdm.rule_use")


def run(statement: str, *of: Any, **named: Any) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(*of, **named))
        return cursor.fetchall() if cursor.description else []


def standing() -> set[str]:
    found = run("SELECT indexname FROM pg_indexes WHERE schemaname = {}", sql.Literal(f"ws_{SLUG}"))
    return {name for (name,) in found if re.search(r"_(s\d+|r\d+_\d+|g[0-9a-f]+)$", name)}


def ask(w: Recruiting, query: Query, times: int = indexing.LEAST_USES) -> None:
    for _ in range(times):
        records.page(w.candidate, query, access=w.owner)
    column_uses.write()


def test_a_habit_gets_its_index_and_the_question_walks_it(w: Recruiting) -> None:
    query = Query(sorts=(Sort("Зарплата"),), limit=20)
    name = f"t_{w.candidate}_s{w.salary}"
    ask(w, query, indexing.LEAST_USES - 1)
    assert service.tend_all() == {}, "once or twice is no habit"
    ask(w, query, 1)
    assert service.tend_all()[SLUG].made == (name,)
    assert service.tend_all() == {}
    asked = paging.page(Compiler(w.owner), w.owner.term(w.candidate), query)
    assert isinstance(asked, paging.Runs)
    statement = asked.statements[0]
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("EXPLAIN {}").format(statement.sql), dict(statement.params))
        plan = "\n".join(line for (line,) in cursor.fetchall())
    assert name in plan


def test_a_text_is_indexed_by_the_key_it_is_compared_by(w: Recruiting) -> None:
    ask(w, Query(filter=Compare("Заметка", Op.EQ, "заметка 7"), limit=20))
    service.tend_all()
    ((definition,),) = run(
        "SELECT indexdef FROM pg_indexes WHERE schemaname = {} AND indexname = {}",
        sql.Literal(f"ws_{SLUG}"), sql.Literal(f"t_{w.candidate}_s{w.note}"),
    )  # fmt: skip
    assert f'(qdm.key(r{w.note}) COLLATE "C"' in definition
    assert definition.endswith(", id)")


def test_what_is_looked_into_gets_one_index_for_all_texts_of_the_table(w: Recruiting) -> None:
    ask(w, Query(filter=Search("заметка 7"), limit=20), indexing.LEAST_USES - 1)
    ask(w, Query(filter=Compare("Заметка", Op.CONTAINS, "за"), limit=20))
    assert service.tend_all() == {}, "two characters have no trigram, and a search of many columns is one question"
    ask(w, Query(filter=Search("заметка 7"), limit=20), 1)
    service.tend_all()
    assert standing() == {inside.index_name(w.owner.term(w.candidate))}


def test_references_main_values_yes_and_no_get_none(w: Recruiting) -> None:
    for query in (
        Query(sorts=(Sort("Отдел"),)),
        Query(sorts=(Sort("val"),)),
        Query(sorts=(Sort("Активен"),)),
        Query(filter=Compare("Навык", Op.EQ, "x")),
    ):
        ask(w, query)
    assert service.tend_all() == {}


def test_a_table_gets_so_many_and_no_more_the_most_used_first(w: Recruiting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indexing, "PER_TABLE", 2)
    for times, field in enumerate(("Родился", "Ставка", "Зарплата"), 5):
        ask(w, Query(sorts=(Sort(field),)), times)
    service.tend_all()
    assert standing() == {f"t_{w.candidate}_s{w.salary}", f"t_{w.candidate}_s{w.rate}"}
    ask(w, Query(sorts=(Sort("Родился"),)), 50)
    assert service.tend_all() == {}, "one that is used does not make room"


def test_one_that_nobody_used_for_long_is_dropped(w: Recruiting) -> None:
    ask(w, Query(sorts=(Sort("Зарплата"),)))
    service.tend_all()
    run("UPDATE qdm.column_use SET last = now() - interval '46 days'")
    assert service.tend_all()[SLUG].dropped == (f"t_{w.candidate}_s{w.salary}",)
    assert standing() == set()


def test_what_was_cut_short_is_dropped_and_made_anew(w: Recruiting) -> None:
    ask(w, Query(sorts=(Sort("Зарплата"),)))
    name = f"t_{w.candidate}_s{w.salary}"
    run("CREATE INDEX {} ON {} (r{salary})", sql.Identifier(name), sql.Identifier(f"ws_{SLUG}", f"t_{w.candidate}"),
        salary=sql.Literal(w.salary))  # fmt: skip
    run("UPDATE pg_index SET indisvalid = false WHERE indexrelid = {}::regclass", sql.Literal(f"ws_{SLUG}.{name}"))
    tended = service.tend_all()[SLUG]
    assert tended.dropped == tended.made == (name,)
    assert run("SELECT indisvalid FROM pg_index WHERE indexrelid = {}::regclass", sql.Literal(f"ws_{SLUG}.{name}")) == [
        (True,)
    ]


def test_only_one_is_at_it(w: Recruiting) -> None:
    ask(w, Query(sorts=(Sort("Зарплата"),)))
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(hashtext('qdm.indexes'))")
        assert service.tend_all() == {}
        # a closed connection's locks go when its backend has noticed, so this one is given back in words
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('qdm.indexes'))")
    finally:
        other.close()
    assert service.tend_all()[SLUG].made


def test_a_page_knows_what_it_has_no_index_for(w: Recruiting) -> None:
    by_salary = Query(sorts=(Sort("Зарплата"),))
    (missing,) = indexes.unready(w.candidate, by_salary, access=w.owner)
    assert (missing.name, missing.inside, missing.percent) == ("Зарплата", False, None)
    ask(w, by_salary)
    service.tend_all()
    indexes._seen.clear()
    assert indexes.unready(w.candidate, by_salary, access=w.owner) == []
    assert indexes.unready(w.candidate, Query(sorts=(Sort("val"),)), access=w.owner) == []
    (inside,) = indexes.unready(w.candidate, Query(filter=Compare("Заметка", Op.CONTAINS, "7")), access=w.owner)
    assert inside.inside


def test_statistics_say_which_columns_and_how(w: Recruiting) -> None:
    term = w.owner.term(w.candidate)
    compiler = Compiler(w.owner)
    item = And((Compare("Зарплата", Op.GT, "5"), Compare("Заметка", Op.CONTAINS, "xyz"), Compare("Код", Op.NOT_EMPTY)))
    query = Query(filter=item, sorts=(Sort("Родился"), Sort("Ставка")))
    assert uses_of(compiler.binder.filter(item, term), compiler.sorts(term, query)) == {
        Use(w.candidate, w.salary, "s"),
        Use(w.candidate, w.note, "g"),
        Use(w.candidate, w.born, "s"),
    }


def test_following_pages_and_plain_ones_are_not_counted(w: Recruiting) -> None:
    records.page(w.candidate, Query(limit=20), access=w.owner)
    records.page(w.candidate, Query(sorts=(Sort("Зарплата"),), offset=20), access=w.owner)
    assert not column_uses._counted


def test_a_rule_people_read_by_gets_an_index_that_answers_it_alone(w: Recruiting) -> None:
    table = sql.Identifier(f"ws_{SLUG}", f"t_{w.candidate}")
    run("UPDATE {} SET val = 'Свои' WHERE t = {} AND id % 20 = 2",
        sql.Identifier(f"ws_{SLUG}", "node"), sql.Literal(w.note))  # fmt: skip
    rule = Unrestricted(Compare("Заметка", Op.IN, ("Заметка 7", "свои")))
    for query, name in (
        (Query(limit=20), f"t_{w.candidate}_r{w.note}_0"),
        (Query(sorts=(Sort("Зарплата", descending=True),), limit=20), f"t_{w.candidate}_r{w.note}_{w.salary}"),
    ):
        low = restricted(w, rows={w.candidate: rule})
        for _ in range(indexing.LEAST_USES):
            plain = records.page(w.candidate, query, access=low).records
        assert len(plain) == 20
        column_uses.write()
        assert name in service.tend_all()[SLUG].made
        run("VACUUM ANALYZE {}", table)
        low = restricted(w, rows={w.candidate: rule})
        compiler = Compiler(low)
        asked = paging.page(compiler, low.term(w.candidate), query)
        assert isinstance(asked, paging.Runs)
        page = asked.statements[0]
        for statement in (page, compiler.count(low.term(w.candidate), Query(), 1000)):
            with connection.cursor() as cursor:
                cursor.execute(sql.SQL("EXPLAIN {}").format(statement.sql), dict(statement.params))
                plan = "\n".join(line for (line,) in cursor.fetchall())
            wanted = name if statement is page else f"t_{w.candidate}_r{w.note}_"
            assert re.search(f"Index Only Scan (Backward )?using {wanted}", plan)
        assert records.page(w.candidate, query, access=low).records == plain
        assert records.count(w.candidate, Query(), access=low).value == ROWS // 2 + 1


def test_a_text_too_long_for_the_index_of_a_rule_is_found_all_the_same(w: Recruiting) -> None:
    long = "я" * 3000
    run("UPDATE {} SET val = {} WHERE id = 10022", sql.Identifier(f"ws_{SLUG}", "node"), sql.Literal(long))
    for rule, names in (
        (Compare("Заметка", Op.EQ, long), ["Кандидат 2"]),
        (Or((Compare("Заметка", Op.EQ, "Заметка 1"), Compare("Заметка", Op.EQ, long))), ["Кандидат 1", "Кандидат 2"]),
        (Compare("Заметка", Op.EQ, "Заметка 1"), ["Кандидат 1"]),
    ):
        for _ in range(indexing.LEAST_USES):
            low = restricted(w, rows={w.candidate: Unrestricted(rule)})
            found = records.page(w.candidate, Query(limit=20), access=low).records
            assert [r.val for r in found] == names
            assert records.count(w.candidate, Query(), access=low).value == len(names)
        column_uses.write()
        service.tend_all()
    assert f"t_{w.candidate}_r{w.note}_0" in standing()
