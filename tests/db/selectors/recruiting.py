"""A small recruiting workspace written as plain nodes, and an Access with any rules one likes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db import connection
from psycopg import sql

from qdm.access import ALL_ACTIONS, Access, Action, Actor
from qdm.managers import statements
from qdm.query.ast import EVERYTHING, NOTHING, Filter
from qdm.schema import MODIFIERS, Schema
from qdm.selectors import structure
from qdm.services import workspaces
from qdm.sql import statement
from qdm.types.base import BaseType


class Nodes:
    """Writes nodes of one workspace, as any program with SQL could."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self._next = 1000
        self._rows: list[tuple[int, int, int, str | None]] = []
        workspaces.create(slug, slug)
        # Plain SQL opens no batch, with which a workspace gets its indexes.
        statements.row(statement("index_nodes"), {"ws": f"ws_{slug}"})

    def add(self, up: int, t: int, val: str | None) -> int:
        self._next += 1
        self._rows.append((self._next, up, t, val))
        return self._next

    def write(self) -> None:
        """Everything added so far, in one statement."""
        if self._rows:
            with connection.cursor() as cursor:
                cursor.execute(
                    sql.SQL(
                        "INSERT INTO {} SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[])"
                    ).format(sql.Identifier(f"ws_{self.slug}", "node")),
                    [list(column) for column in zip(*self._rows, strict=True)],
                )
            self._rows.clear()

    def term(self, name: str, base: BaseType, modifiers: Mapping[str, str] = {}) -> int:
        return self._with(self.add(0, base, name), modifiers)

    def reference(self, target: int, name: str | None = None) -> int:
        return self.add(0, target, name)

    def requisite(self, term: int, type_id: int, ordinal: int, modifiers: Mapping[str, str] = {}) -> int:
        return self._with(self.add(term, type_id, str(ordinal)), modifiers)

    def _with(self, node: int, modifiers: Mapping[str, str]) -> int:
        for name, argument in modifiers.items():
            self.add(node, MODIFIERS[name], argument)
        return node

    def record(self, term: int, val: str | None, cells: Mapping[int, object] = {}, up: int = 1) -> int:
        """Cells: requisite -> text, an int for a reference, a list of either for MULTIPLE."""
        record = self.add(up, term, val)
        for requisite, values in cells.items():
            for value in values if isinstance(values, list) else [values]:
                if isinstance(value, int):
                    self.add(record, value, str(requisite))
                elif value is not None:
                    self.add(record, requisite, str(value))
        return record

    @property
    def schema(self) -> Schema:
        return structure.schema(self.slug)


@dataclass
class Recruiting:
    """Ids of the terms and requisites of the workspace."""

    nodes: Nodes
    department: int = 0
    budget: int = 0
    candidate: int = 0
    interview: int = 0
    grade: int = 0
    invoice: int = 0
    note: int = 0
    salary: int = 0
    rate: int = 0
    born: int = 0
    seen: int = 0
    active: int = 0
    code: int = 0
    dept: int = 0
    depts: int = 0
    skills: int = 0
    scores: int = 0
    interviews: int = 0
    paid: int = 0

    @property
    def schema(self) -> Schema:
        return self.nodes.schema

    @property
    def owner(self) -> Access:
        return Access(Actor(None, "owner"), self.schema, ALL_ACTIONS)


def build(slug: str = "hr") -> Recruiting:
    """The structure, without records."""
    n = Nodes(slug)
    w = Recruiting(n)
    w.department = n.term("Отдел", BaseType.CHARS)
    w.budget = n.requisite(w.department, n.term("Бюджет", BaseType.NUMBER), 1)
    w.interview = n.term("Интервью", BaseType.CHARS)
    w.grade = n.requisite(w.interview, n.term("Оценка", BaseType.NUMBER), 1)
    w.invoice = n.term("Счёт", BaseType.NUMBER)
    w.paid = n.requisite(w.invoice, n.term("Оплачен", BaseType.BOOLEAN), 1)
    w.candidate = n.term("Кандидат", BaseType.CHARS)
    plain = {
        "note": ("Заметка", BaseType.MEMO),
        "salary": ("Зарплата", BaseType.NUMBER),
        "rate": ("Ставка", BaseType.FLOAT),
        "born": ("Родился", BaseType.DATE),
        "seen": ("Замечен", BaseType.DATETIME),
        "active": ("Активен", BaseType.BOOLEAN),
        "code": ("Код", BaseType.UUID),
    }
    for ordinal, (name, (title, base)) in enumerate(plain.items(), start=1):
        setattr(w, name, n.requisite(w.candidate, n.term(title, base), ordinal))
    w.dept = n.requisite(w.candidate, n.reference(w.department), 10)
    w.depts = n.requisite(w.candidate, n.reference(w.department, "Желает"), 11, {"MULTIPLE": ""})
    w.skills = n.requisite(w.candidate, n.term("Навык", BaseType.CHARS), 12, {"MULTIPLE": ""})
    w.scores = n.requisite(w.candidate, n.term("Балл", BaseType.NUMBER), 13, {"MULTIPLE": ""})
    w.interviews = n.requisite(w.candidate, w.interview, 14)
    n.write()
    return w


@dataclass(frozen=True)
class Restricted(Access):
    """Rows and fields seen by rule; what no rule speaks of is seen whole."""

    row_rules: Mapping[int, Filter] = field(default_factory=dict)
    field_rules: Mapping[int, Filter] = field(default_factory=dict)

    def rows(self, table: int, action: Action) -> Filter:
        return self.row_rules.get(table, EVERYTHING if table in self.schema.terms else NOTHING)

    def field(self, requisite: int, action: Action) -> Filter:
        if requisite not in self.schema.requisites:
            return NOTHING
        return self.field_rules.get(requisite, EVERYTHING)


def restricted(
    w: Recruiting,
    *,
    rows: Mapping[int, Filter] = {},
    fields: Mapping[int, Filter] = {},
    hidden_terms: Iterable[int] = (),
    hidden_fields: Iterable[int] = (),
) -> Restricted:
    whole = w.schema
    pruned = whole.pruned(set(whole.terms) - set(hidden_terms), frozenset(hidden_fields))
    return Restricted(
        Actor(1, "low"), pruned, frozenset({Action.VIEW}), whole=whole, row_rules=rows, field_rules=fields
    )
