"""What a grant on a row repeats of it: whether it is there, what it is sorted by. Whoever writes, that stays true; and
pages and counts made of it are those made of the rows."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from psycopg import sql

from qdm.access import Access, Action
from qdm.query import paging
from qdm.query.ast import END, EVERYTHING, Compare, Filter, Op, Or, Query, RowInQuery, Sort, Unrestricted
from qdm.query.compiler import Compiler
from qdm.selectors import records as reading
from qdm.services import records, terms
from rbac import grants
from rbac.access import access_for
from rbac.models import AccessLog, User
from tests.rbac.world import Agency

VIEW = Action.VIEW
REPEATED = """
select g.node_id, g.is_there, g.row_key, p.id is not null, p.skey
from (select node_id, table_id, is_there, row_key from rbac_guarduser where kind = 'r' union all
      select node_id, table_id, is_there, row_key from rbac_guardgroup where kind = 'r') g
left join {rows} p on p.id = g.node_id where g.table_id = %s
"""


def differing(a: Agency, *tables: int) -> list[object]:
    """The grants that repeat what is not so."""
    found: list[object] = []
    with connection.cursor() as cursor:
        for term in tables or (a.candidate, a.interview):
            rows = sql.Identifier(f"ws_{a.world.slug}", f"t_{term}")
            cursor.execute(sql.SQL(REPEATED).format(rows=rows), [term])
            found += [row for row in cursor.fetchall() if row[1:3] != row[3:]]
    return found


@pytest.fixture
def granted(a: Agency, root: Access, anna: User) -> Agency:
    """Anna has six candidates and three interviews, some by a role too, some for changing too."""
    role = Group.objects.create(name="role")
    anna.groups.add(role)
    for row in (*a.candidates[:6], *a.interview_rows[:2], a.interview_rows[-1]):
        grants.grant(anna, [VIEW], grants.on_record(row, access=root), access=root)
    for row in a.candidates[4:8]:
        grants.grant(role, [VIEW, Action.CHANGE], grants.on_record(row, access=root), access=root)
    return a


@pytest.mark.django_db
def test_whoever_writes_a_grant_repeats_what_is_so(granted: Agency, root: Access) -> None:
    a, w = granted, granted.world
    first, second, third = a.candidates[:3]
    whole = root

    steps: list[Callable[[], object]] = [
        lambda: records.update(first, {a.candidate: "Яковлев"}, access=whole),
        lambda: w.run("update node set val = null where id = %s", second),
        lambda: records.delete(third, access=whole),
        lambda: w.run("update node set up = -up where id = %s or up = %s", third, -third),
        lambda: w.run("update node set val = val || '!' where t = %s", a.candidate),
        lambda: w.run("update node set up = -up where id = any(%s)", list(a.candidates[:5])),
        lambda: w.run("update node set up = -up where id = any(%s)", list(a.candidates[:3])),
        lambda: w.run("update node set t = %s where id = %s", a.department, second),
        lambda: w.run("update node set t = %s where id = %s", a.candidate, second),
        lambda: w.erase(a.candidates[5]),
        lambda: w.run("insert into node (id, up, t, val) values (%s, 1, %s, 'снова')", a.candidates[5], a.candidate),
        lambda: terms.delete(a.candidate, with_records=True, access=whole),
        lambda: w.run("update node set up = 0 where id = %s", a.candidate),
        lambda: connection.cursor().execute("select qdm.rebuild('ws_agency')"),
    ]
    assert not differing(a)
    told = AccessLog.objects.count()
    for at, step in enumerate(steps):
        step()
        if a.candidate in w.schema.terms:
            assert not differing(a), at
            whole = Access.system(w.schema, "tests")
    assert AccessLog.objects.count() == told
    assert not [log for log in AccessLog.objects.all() if "row_key" in str((log.before, log.after))]
    assert {row.id for row in reading.page(a.candidate, Query(), access=whole).records} >= {first, second, third}


@pytest.fixture
def many(a: Agency, root: Access, anna: User, monkeypatch: pytest.MonkeyPatch) -> Access:
    """What Anna sees of sixty candidates, some nameless, some in the trash: those she was granted, many twice."""
    monkeypatch.setattr("rbac.granted.ROWS_AS_IDS", 5)
    rng = random.Random(4)
    names = ["", "а", "А", "б", "Я", "z", "Ы" * 200]
    rows = [a.world.record(a.candidate, rng.choice(names) + str(i % 7), {a.salary: i % 5}) for i in range(60)]
    rows += [a.world.node(1, a.candidate, None) for _ in range(3)]
    roles = [Group.objects.create(name=f"role {i}") for i in range(2)]
    anna.groups.set(roles)
    for row in rng.sample(rows, 45):
        for holder in rng.sample([anna, *roles], rng.choice([1, 1, 2, 3])):
            action = rng.choice([[VIEW], [Action.CHANGE], [VIEW, Action.EXPORT]])
            grants.grant(holder, action, grants.on_record(row, access=root), access=root)
    a.world.run("update node set up = -up where id = any(%s)", rows[::9])
    return access_for(anna, "agency", via="test")


QUESTIONS = [
    Query(filter=item, sorts=sorts)
    for item in (EVERYTHING, Compare("Зарплата", Op.GE, 2))
    for sorts in ((), (Sort("val", descending=True),), (Sort("id"),), (Sort("val"), Sort("Зарплата")))
]


def looked_up(access: Access, table: int, others: Filter | None = None) -> tuple[Access, Access]:
    """The same rights twice: with the rows listed, and with rows that have to be looked up."""
    listed = access.rows(table, VIEW)
    assert isinstance(listed, RowInQuery)
    assert listed.there is not None
    plain = replace(listed, there=None)
    both = [listed, plain] if others is None else [Or((others, listed)), Or((others, plain))]
    one, other = (replace(access, rules={**access.rules, table: {VIEW: rule}}) for rule in both)
    return one, other


@pytest.mark.django_db
@pytest.mark.parametrize("beside", [False, True])
def test_what_is_listed_is_what_is_looked_up(
    a: Agency, many: Access, beside: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qdm.query.branches._has_index", lambda *_asked: True)
    others = Unrestricted(Compare("Статус", Op.IN, ("new", "нет"))) if beside else None
    listed, plain = looked_up(many, a.candidate, others)
    for query in QUESTIONS:
        ids = [r.id for r in reading.page(a.candidate, replace(query, limit=100), access=plain).records]
        assert 3 < len(ids) < 63
        for access in (listed, plain):
            assert walked(a, query, access, forwards=True) == ids
            assert walked(a, query, access, forwards=False) == ids
            for offset in (0, 2, len(ids) - 1, len(ids)):
                page = reading.page(a.candidate, replace(query, limit=3, offset=offset), access=access)
                assert [r.id for r in page.records] == ids[offset : offset + 3]
            for cap in (None, 3, len(ids) - 1, len(ids)):
                count = reading.count(a.candidate, query, access=access, cap=cap)
                assert count.value == (len(ids) if cap is None else min(cap, len(ids)))
            assert reading.some(a.candidate, access=access)


def walked(a: Agency, query: Query, access: Access, *, forwards: bool) -> list[int]:
    found: list[int] = []
    query = replace(query, limit=4, before=None if forwards else END)
    while True:
        page = reading.page(a.candidate, query, access=access)
        ids = [r.id for r in page.records]
        found = found + ids if forwards else ids + found
        place = page.next if forwards else page.previous
        if place is None:
            return found
        query = replace(query, after=place, before=None) if forwards else replace(query, before=place)


@pytest.mark.django_db
def test_only_the_rows_of_the_page_are_looked_up(a: Agency, many: Access) -> None:
    term = many.term(a.candidate)
    runs = paging.page(Compiler(many), term, Query(limit=4))
    assert isinstance(runs, paging.Runs)
    (page,) = runs.statements
    assert explained(page.sql, page.params).count(f" on {term.table} ") == 1
    for asked in (Compiler(many).count(term, Query(), 10), Compiler(many).some(term)):
        assert term.table not in explained(asked.sql, asked.params)


def explained(statement: sql.Composable, params: object) -> str:
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off")
        cursor.execute(sql.SQL("explain {}").format(statement), dict(params))  # type: ignore[call-overload]
        return "\n".join(line for (line,) in cursor.fetchall() if "->" in line or "Scan" in line)
