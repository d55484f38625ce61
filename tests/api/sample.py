"""The sample workspace of the documentation: its ids are those of the examples in the OpenAPI document.

Должность 111, Кандидат 113 (email 114 unique, Должность 116 reference, Limit 117 called Зарплата, Собеседование 121
sub-table), Собеседование 119 (Дата 120); positions 122 and 123, candidates 124, 128, 132, interviews 134, 136.
"""

from qdm.access import Access
from qdm.selectors import structure
from qdm.services import records, references, requisites, terms

EMAIL, LIMIT, DATE = 66, 91, 88


def fill(workspace: str) -> None:
    def access() -> Access:
        return Access.system(structure.schema(workspace), "sample")

    position = terms.create("Должность", 3, access=access()).id
    reference = references.create(position, access=access()).id
    candidate = terms.create("Кандидат", 3, access=access()).id
    email = requisites.create(candidate, EMAIL, {"UNIQUE": 1}, access=access()).id
    wanted = requisites.create(candidate, reference, access=access()).id
    salary = requisites.create(candidate, LIMIT, {"ALIAS": "Зарплата"}, access=access()).id
    interview = terms.create("Собеседование", 3, access=access()).id
    day = requisites.create(interview, DATE, access=access()).id
    requisites.create(candidate, interview, access=access())

    def record(term: int, val: str, up: int = 1, **cells: object) -> int:
        names = {"email": email, "wanted": wanted, "salary": salary, "day": day}
        values = {term: val, **{names[name]: value for name, value in cells.items()}}
        created = records.create(term, up, values, access=access())
        assert created.id is not None
        return created.id

    engineer, analyst = record(position, "Инженер"), record(position, "Аналитик")
    ivan = record(candidate, "Иванов Иван", email="ivan@mail.example", wanted=engineer, salary=150_000)
    record(candidate, "Петров Пётр", email="petr@mail.example", wanted=analyst, salary=90_000)
    record(candidate, "Сидоров Семён", wanted=engineer)
    record(interview, "Знакомство", ivan, day="2025-02-01")
    record(interview, "Техническое", ivan, day="2025-02-08")
