"""Whatever writes to `node`, by whatever door: after each step every projection equals its rebuild."""

import random
import uuid
from collections.abc import Callable
from contextlib import suppress

import psycopg
import pytest
from django.db import connection, transaction
from django.db.utils import Error as DatabaseError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qdm.access import Access
from qdm.errors import QdmError
from qdm.query.ast import Query
from qdm.selectors import records as reading
from qdm.selectors import structure
from qdm.services import columns, records, references, requisites, tables, terms, workspaces
from qdm.services.column_types import Spec
from qdm.services.records import Create, Mode, Update
from qdm.types.base import BaseType
from tests.db.projections import differences

pytestmark = pytest.mark.django_db

TEXTS = ["", "a", "Ж", "10", "-2.50", "2025-02-28", "2025-02-31", "1", "да", "x" * 300, None, "3 4", "1e5"]
BASES = [3, 13, 14, 9, 4, 11, 12, 16]


class Walk:
    """One random walk through a workspace of its own; every choice comes from the seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.slug = f"walk_{uuid.uuid4().hex[:12]}"
        workspaces.create(self.slug, "Walk")
        self.steps: list[str] = []

    @property
    def access(self) -> Access:
        return Access.system(structure.schema(self.slug), "test")

    def pick_term(self) -> int:
        mine = [t for t in self.access.schema.terms if t > 110] or [64]
        return self.random.choice(mine)

    def pick_record(self, term_id: int) -> int | None:
        page = reading.page(term_id, Query(limit=20), access=self.access)
        return self.random.choice(page.records).id if page.records else None

    def pick_requisite(self) -> int | None:
        mine = [r.id for t, term in self.access.schema.terms.items() if t > 110 for r in term.requisites]
        return self.random.choice(mine) if mine else None

    def text(self) -> str | None:
        return self.random.choice(TEXTS)

    # by services

    def create_term(self) -> None:
        terms.create(f"T{self.random.randrange(12)}", self.random.choice(BASES), access=self.access)

    def create_table(self) -> None:
        specs = [Spec(f"C{n}", BaseType(self.random.choice(BASES))) for n in range(self.random.randrange(4))]
        tables.create(f"Table {self.random.randrange(30)}", specs, access=self.access)

    def create_requisite(self) -> None:
        given = self.random.choice([{}, {"MULTIPLE": 1}, {"UNIQUE": 1}])
        requisites.create(self.pick_term(), self.pick_term(), given, access=self.access)

    def create_reference(self) -> None:
        made = references.create(self.pick_term(), self.random.choice([None, "Ref"]), access=self.access)
        given = self.random.choice([{}, {"MULTIPLE": 1}])
        requisites.create(self.pick_term(), made.id, given, access=self.access)

    def modify(self) -> None:
        if requisite := self.pick_requisite():
            given = {self.random.choice(["UNIQUE", "MULTIPLE", "SIZE"]): self.random.choice([0, 1])}
            requisites.set_modifiers(requisite, given, access=self.access)

    def retype(self) -> None:
        if requisite := self.pick_requisite():
            columns.change_type(requisite, base=BaseType(self.random.choice(BASES)), access=self.access)

    def rebase(self) -> None:
        terms.update(self.pick_term(), base=self.random.choice(BASES), access=self.access)

    def delete_column(self) -> None:
        if requisite := self.pick_requisite():
            requisites.delete(requisite, access=self.access)

    def delete_table(self) -> None:
        terms.delete(self.pick_term(), with_records=True, access=self.access)

    def write_records(self) -> None:
        term = self.access.schema.terms[self.pick_term()]
        writes: list[Create | Update] = []
        for _n in range(self.random.randrange(1, 5)):
            values: dict[int, object] = {r.id: self.value(r.target) for r in term.cells if self.random.random() < 0.6}
            if self.random.random() < 0.5 and (record := self.pick_record(term.id)):
                writes.append(Update(record, values))
            else:
                writes.append(Create({term.id: self.text() or "x", **values}, self.parent(term.id)))
        records.write(term.id, writes, access=self.access, mode=Mode.GOOD)

    def value(self, target: int | None) -> object:
        if target is None:
            return self.text()
        return [i for i in [self.pick_record(target)] if i] if target in self.access.schema.terms else None

    def parent(self, term_id: int) -> int:
        owners = self.access.schema.parents_of(term_id)
        if owners and self.random.random() < 0.7:
            return self.pick_record(self.random.choice(owners).term_id) or 1
        return 1

    def delete_record(self) -> None:
        if record := self.pick_record(self.pick_term()):
            records.delete(record, access=self.access)

    # by plain SQL, as a stored procedure or psql would

    def sql(self, text: str, *values: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(text.replace("{node}", f"ws_{self.slug}.node"), values)

    def sql_cells(self) -> None:
        term_id = self.pick_term()
        record, requisite = self.pick_record(term_id), self.pick_requisite()
        if record and requisite:
            self.sql("insert into {node} (up, t, val) values (%s, %s, %s)", record, requisite, self.text())

    def sql_link(self) -> None:
        record, requisite = self.pick_record(self.pick_term()), self.pick_requisite()
        target = self.pick_record(self.pick_term())
        if record and requisite and target:
            self.sql("insert into {node} (up, t, val) values (%s, %s, %s)", record, target, str(requisite))

    def sql_update(self) -> None:
        self.sql(
            "update {node} set val = %s where id in (select id from {node} where id > 110 and up > 0 "
            "order by hashint8(id + %s) limit 3)",
            self.text(),
            self.random.randrange(1000),
        )

    def sql_delete(self) -> None:
        self.sql(
            "delete from {node} where id in (select id from {node} where id > 110 order by hashint8(id + %s) limit 2)",
            self.random.randrange(1000),
        )

    def sql_structure(self) -> None:
        self.sql("insert into {node} (up, t, val) values (0, %s, %s)", self.random.choice(BASES), f"S{self.text()}")
        self.sql("insert into {node} (up, t, val) values (%s, %s, '9')", self.pick_term(), self.pick_term())

    def sql_flip(self) -> None:
        self.sql(
            "update {node} set up = -up where id in (select id from {node} where id > 110 and up <> 0 "
            "order by hashint8(id + %s) limit 2)",
            self.random.randrange(1000),
        )

    def copy(self) -> None:
        """A term with its columns, records and cells in any order, in one COPY."""
        base = 10_000 + self.random.randrange(10**6) * 100
        kind, link = self.pick_term(), base + 2
        rows = [
            (base, 0, self.random.choice(BASES), f"Copied {base}"),
            (base + 1, base, self.random.choice([65, 88, 91]), "1"),
            (link, 0, kind, None),
            (base + 3, base, link, "2"),
        ]
        for n in range(10, 20):
            rows.append((base + n, 1, base, self.text()))
            rows.append((base + n + 20, base + n, base + 1, self.text()))
            rows.append((base + n + 40, base + n, base + n, str(base + 3)))
        self.random.shuffle(rows)
        into = f"copy ws_{self.slug}.node (id, up, t, val) from stdin"
        with connection.cursor() as cursor, cursor.copy(into) as copy:  # type: ignore[attr-defined]
            for row in rows:
                copy.write_row(row)

    def step(self) -> None:
        name = self.random.choice(ACTIONS)
        self.steps.append(name)
        action: Callable[[], None] = getattr(self, name)
        # Refused writes are no writes: the promise holds after them too.
        with suppress(QdmError, DatabaseError, psycopg.Error), transaction.atomic():
            action()
        with transaction.atomic():
            wrong = differences(self.slug)
        assert wrong == [], f"after {self.steps[-1]}: {wrong}; steps {self.steps}"


ACTIONS = [
    *["create_term", "create_table", "create_requisite", "create_reference", "modify", "retype", "rebase"],
    *["delete_column", "delete_table", "write_records", "write_records", "write_records", "delete_record"],
    *["sql_cells", "sql_link", "sql_update", "sql_delete", "sql_structure", "sql_flip", "copy"],
]


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10**9))
def test_projections_equal_their_rebuild_after_every_step(seed: int) -> None:
    with transaction.atomic():
        walk = Walk(seed)
        for _n in range(30):
            walk.step()
        with connection.cursor() as cursor:
            cursor.execute("select qdm.rebuild(%s)", [f"ws_{walk.slug}"])
        assert differences(walk.slug) == []
        transaction.set_rollback(True)
