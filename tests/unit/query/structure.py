"""A schema made by hand: candidates with a department, interviews and what not."""

from qdm.schema import Modifier, Requisite, Schema, Term
from qdm.types.base import BaseType

DEPARTMENT, CANDIDATE, INTERVIEW, SECRET = 200, 300, 400, 500
BUDGET, NAME, SALARY, BORN, SEEN, DEPT, BOSS, DOTTED, INTERVIEWS, GRADE, SKILLS = range(201, 212)


def requisite(id_: int, term: int, name: str, base: BaseType, **more: object) -> Requisite:
    type_id = more.pop("type_id", id_ + 1000)
    return Requisite(id_, term, type_id, name, id_, base, **more)  # type: ignore[arg-type]


def schema() -> Schema:
    terms = [
        Term(DEPARTMENT, "Отдел", BaseType.CHARS, (requisite(BUDGET, DEPARTMENT, "Бюджет", BaseType.NUMBER),)),
        Term(
            CANDIDATE,
            "Кандидат",
            BaseType.CHARS,
            (
                requisite(NAME, CANDIDATE, "Имя", BaseType.CHARS, modifiers=(Modifier("ALIAS", "Полное имя"),)),
                requisite(SALARY, CANDIDATE, "Зарплата", BaseType.NUMBER),
                requisite(BORN, CANDIDATE, "Родился", BaseType.DATE),
                requisite(SEEN, CANDIDATE, "Замечен", BaseType.DATETIME),
                requisite(DEPT, CANDIDATE, "Отдел", BaseType.CHARS, target=DEPARTMENT),
                requisite(BOSS, CANDIDATE, "Начальник", BaseType.CHARS, target=CANDIDATE),
                requisite(DOTTED, CANDIDATE, "Отдел.Код", BaseType.CHARS),
                requisite(INTERVIEWS, CANDIDATE, "Интервью", BaseType.CHARS, is_subtable=True, type_id=INTERVIEW),
                requisite(SKILLS, CANDIDATE, "Навыки", BaseType.CHARS, modifiers=(Modifier("MULTIPLE"),)),
            ),
            (Modifier("ORDER", "-Зарплата, Имя"),),
        ),
        Term(INTERVIEW, "Интервью", BaseType.DATE, (requisite(GRADE, INTERVIEW, "Оценка", BaseType.NUMBER),)),
        Term(SECRET, "Тайна", BaseType.CHARS),
    ]
    return Schema("hr", 1, {term.id: term for term in terms})
