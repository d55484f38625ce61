"""An IntegramDD table becomes a workspace: ids kept, projections built, what does not fit told and not lost."""

from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from qdm.access import Access
from qdm.models import Workspace
from qdm.query.ast import Query
from qdm.record import Bad, Link
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import records, workspaces
from tests.db.projections import assert_whole

#: Projections are rebuilt outside of a transaction.
pytestmark = pytest.mark.django_db(transaction=True)

ROWS = [
    (200, 0, 3, "Кандидат"),
    (201, 0, 13, "Оклад"),
    (202, 0, 3, "Отдел"),
    (203, 0, 202, None),
    (204, 200, 201, "1"),
    (205, 200, 203, "2"),
    (300, 1, 202, "Цех"),
    (301, 1, 200, "Иванов"),
    (302, 301, 204, "1000"),
    (303, 301, 300, "205"),
    (304, 1, 200, "Петров"),
    (305, 304, 204, "сто рублей"),
    (306, 304, 204, "сто"),
    (307, 99999, 204, "5"),
]


@pytest.fixture
def legacy() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute(
            "create table public.gold (id bigserial primary key, up int8 not null, t int8 not null, val text)"
        )
        cursor.execute("insert into gold values (1,1,1,'ROOT'), (3,0,3,'CHARS'), (13,0,13,'NUMBER'), (64,0,3,'Юзер')")
        cursor.executemany("insert into gold values (%s, %s, %s, %s)", ROWS)
    yield
    if Workspace.objects.filter(slug="gold").exists():
        workspaces.drop("gold", "gold")
    with connection.cursor() as cursor:
        cursor.execute("drop table public.gold")


def test_ids_are_kept_and_what_does_not_fit_is_told(legacy: None) -> None:
    out = StringIO()
    call_command("attach_node_table", "gold", "--from", "public.gold", stdout=out)
    access = Access.system(structure.schema("gold"), "test")
    page = reading.page(200, Query(), access=access)
    assert [(r.id, r.val, r.cells) for r in page.records] == [
        (301, "Иванов", {204: "1000", 205: Link(300, "Цех")}),
        (304, "Петров", {204: Bad("сто рублей")}),
    ]
    assert access.schema.terms[64].name == "Юзер"
    assert "Оклад: 1 texts do not fit the type, e.g. record 304" in out.getvalue()
    assert "Оклад: 1 records hold several values" in out.getvalue()
    assert "1 rows hang on rows that are not there" in out.getvalue()
    with connection.cursor() as cursor:
        cursor.execute("select id, up, t, val from ws_gold.node where id >= 200 order by id")
        assert cursor.fetchall() == ROWS
    new = records.create(202, 1, {202: "Склад"}, access=access)
    assert new.id
    assert new.id > 307
    assert_whole("gold")
    call_command("check_projections", "gold", stdout=out)
    call_command("rebuild_projections", "gold", stdout=out)
    assert_whole("gold")


@pytest.mark.parametrize(
    "source", ["nowhere", "public.auth_group", "x; drop table gold", 'public."gold"', "pg_catalog.pg_class"]
)
def test_what_is_no_node_table_is_refused_and_leaves_nothing(legacy: None, source: str) -> None:
    with pytest.raises(CommandError):
        call_command("attach_node_table", "gold", "--from", source)
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from pg_namespace where nspname = 'ws_gold'")
        assert cursor.fetchone() == (0,)


def test_a_broken_projection_is_found(legacy: None) -> None:
    call_command("attach_node_table", "gold", "--from", "gold", stdout=StringIO())
    with connection.cursor() as cursor:
        cursor.execute("update ws_gold.t_200 set r204 = 7 where id = 301")
    with pytest.raises(CommandError):
        call_command("check_projections", "gold", stderr=StringIO())
    call_command("rebuild_projections", "gold", stdout=StringIO())
    call_command("check_projections", "gold", stdout=StringIO())
