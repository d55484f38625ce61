"""A small workspace written as nodes, with everything rights are about: references, a sub-table, numbers, texts."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import connection
from psycopg import sql

from qdm.schema import Schema
from qdm.selectors import structure
from qdm.services import workspaces

CHARS, NUMBER = 3, 13


@dataclass
class Cells:
    """One record as it was written: the truth the brute-force evaluator reads."""

    id: int
    term: int
    up: int
    val: str
    cells: dict[int, str] = field(default_factory=dict)  #: requisite -> text, or id of the referenced record as text


class World:
    """Writes nodes by plain SQL and remembers them."""

    def __init__(self, slug: str) -> None:
        self.slug = slug
        self.workspace = workspaces.create(slug, slug.title())
        self.records: dict[int, Cells] = {}

    @property
    def schema(self) -> Schema:
        return structure.schema(self.slug)

    def node(self, up: int, t: int, val: str | None) -> int:
        statement = sql.SQL("insert into {}.node (up, t, val) values (%s, %s, %s) returning id").format(
            sql.Identifier(f"ws_{self.slug}")
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [up, t, val])
            return int(cursor.fetchone()[0])

    def term(self, name: str, base: int = CHARS) -> int:
        return self.node(0, base, name)

    def column(self, term: int, name: str, base: int = CHARS) -> int:
        return self.attach(term, self.term(name, base))

    def attach(self, term: int, type_id: int) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("select count(*) from {}.node where up = %s and t > 100").format(
                    sql.Identifier(f"ws_{self.slug}")
                ),
                [term],
            )
            ordinal = cursor.fetchone()[0] + 1
        return self.node(term, type_id, str(ordinal))

    def reference(self, term: int, target: int, name: str | None = None) -> int:
        return self.attach(term, self.node(0, target, name))

    def record(self, term: int, val: str, cells: Mapping[int, object] | None = None, up: int = 1) -> int:
        record_id = self.node(up, term, val)
        self.records[record_id] = Cells(record_id, term, up, val)
        for requisite, value in (cells or {}).items():
            self.write(record_id, requisite, value)
        return record_id

    def write(self, record_id: int, requisite: int, value: object) -> None:
        if self.schema.requisites[requisite].is_reference:
            self.node(record_id, int(str(value)), str(requisite))
        else:
            self.node(record_id, requisite, str(value))
        self.records[record_id].cells[requisite] = str(value)

    def run(self, text: str, *values: object) -> None:
        """Plain SQL on the nodes of the workspace, called ``node`` in it."""
        table = sql.Identifier(f"ws_{self.slug}", "node")
        with connection.cursor() as cursor:
            cursor.execute(sql.SQL(text.replace("node", "{}", 1)).format(table), list(values))

    def erase(self, *records: int) -> None:
        """As if the records had never been: their cells, what refers to them, their sub-records."""
        for record_id in records:
            self.erase(*(r.id for r in self.records.values() if r.up == record_id))
            self.run("delete from node where id = %s or up = %s or t = %s", record_id, record_id, record_id)

    def drop_column(self, requisite: int) -> None:
        """As if the column had never been, its type with it."""
        found = self.schema.requisites[requisite]
        if found.is_reference:
            self.run("delete from node where val = %s and up > 100", str(requisite))
        self.run("delete from node where t = %s", requisite)
        self.run("delete from node where id = %s or up = %s", requisite, requisite)
        if not found.is_subtable:
            self.run("delete from node where id = %s", found.type_id)


@dataclass(frozen=True)
class Agency:
    """The recruiting agency: departments, candidates, interviews as a sub-table of candidates."""

    world: World
    department: int
    budget: int
    candidate: int
    recruiter: int
    salary: int
    status: int
    in_department: int
    interview: int
    interviews: int  #: the sub-table requisite
    mark: int
    departments: tuple[int, ...]
    candidates: tuple[int, ...]
    interview_rows: tuple[int, ...]


def agency(slug: str) -> Agency:
    """Three departments, eight candidates of three recruiters, two interviews of each, one interview of nobody."""
    w = World(slug)
    department = w.term("Отдел")
    budget = w.column(department, "Бюджет", NUMBER)
    candidate = w.term("Кандидат")
    recruiter = w.column(candidate, "Рекрутёр")
    salary = w.column(candidate, "Зарплата", NUMBER)
    status = w.column(candidate, "Статус")
    in_department = w.reference(candidate, department, "Подразделение")
    interview = w.term("Собеседование")
    mark = w.column(interview, "Оценка", NUMBER)
    interviews = w.attach(candidate, interview)
    departments = tuple(
        w.record(department, name, {budget: money}) for name, money in [("HR", 10), ("IT", 20), ("Секретный", 30)]
    )
    candidates = tuple(
        w.record(
            candidate,
            f"Кандидат {i}",
            {
                recruiter: ["anna", "boris", "Vera"][i % 3],
                **({salary: 100 + 10 * i} if i % 4 else {}),
                status: ["new", "hired"][i % 2],
                **({in_department: departments[i % 3]} if i != 7 else {}),
            },
        )
        for i in range(8)
    )
    rows = [w.record(interview, f"{c}/{n}", {mark: n}, up=c) for c in candidates for n in (1, 2)]
    rows.append(w.record(interview, "общее", {mark: 5}))
    return Agency(
        w,
        department,
        budget,
        candidate,
        recruiter,
        salary,
        status,
        in_department,
        interview,
        interviews,
        mark,
        departments,
        candidates,
        tuple(rows),
    )
