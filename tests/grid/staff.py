"""A small workspace for the pages' tests, made through the services: candidates with cities and skills."""

from dataclasses import dataclass

from qdm.access import Access
from qdm.schema import Requisite
from qdm.services import records, tables
from qdm.services.column_types import Spec
from qdm.services.writes import Create
from qdm.types.base import BaseType
from rbac.access import access_for
from rbac.models import User
from rbac.workspaces import create_workspace

SLUG = "staff"


@dataclass(frozen=True)
class Staff:
    """Term ids, the id of each column by name, the owner."""

    owner: User
    candidates: int
    cities: int
    skills: int
    columns: dict[str, int]
    skills_tab: int

    def access(self, user: User | None = None) -> Access:
        return access_for(user or self.owner, SLUG, via="grid")

    def add(self, count: int, first: int = 1) -> list[int]:
        """So many candidates, named in the order of their numbers."""
        writes = [
            Create(
                {
                    self.candidates: f"Кандидат {number:05}",
                    self.columns["Зарплата"]: number * 1000,
                    self.columns["Город"]: "Казань" if number % 2 else "Уфа",
                    self.columns["Переезд"]: bool(number % 2),
                    self.columns["Родился"]: "1990-05-17",
                }
            )
            for number in range(first, first + count)
        ]
        return [r.id for r in records.write(self.candidates, writes, access=self.access()) if r.id is not None]


def make(password: str = "") -> Staff:
    """The workspace with an owner, two cities and no candidates yet."""
    owner = User.objects.create_user("owner", password=password)
    create_workspace(SLUG, "Кадры", owner)

    def access() -> Access:
        return access_for(owner, SLUG, via="grid")

    cities = tables.create("Города", access=access())
    records.write(cities, [Create({cities: name}) for name in ("Казань", "Уфа", "Омск")], access=access())
    candidates = tables.create(
        "Кандидаты",
        [
            Spec("Телефон", BaseType.CHARS),
            Spec("Зарплата", BaseType.NUMBER),
            Spec("Родился", BaseType.DATE),
            Spec("Переезд", BaseType.BOOLEAN),
            Spec("Заметка", BaseType.MEMO),
            Spec("Город", target=cities),
        ],
        access=access(),
    )
    skills = tables.create("Навыки", [Spec("Уровень", BaseType.NUMBER)], parent=candidates, access=access())
    term = access().term(candidates)
    return Staff(owner, candidates, cities, skills, {r.name: r.id for r in term.cells}, _tab(term.requisites))


def _tab(requisites: tuple[Requisite, ...]) -> int:
    return next(r.id for r in requisites if r.is_subtable)
