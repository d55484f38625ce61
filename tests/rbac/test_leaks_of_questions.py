"""Leaks through structured questions: filter trees, sorts, groups, totals, nested selections, cursors. Asked twice, as
in test_leaks: by whom a column is hidden from, and by whom it is shown to in part of the rows."""

import json
import re
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from qdm.access import Access, Action
from rbac import grants, tokens
from rbac.models import Lock, User
from tests.rbac.world import Agency

pytestmark = pytest.mark.django_db


@dataclass
class Asker:
    agency: Agency
    client: Client

    def ask(self, term: int | None = None, **question: Any) -> tuple[int, str]:
        """Status, and body without the versions of rows, which rise with any of their cells (THREAT_MODEL.md)."""
        answer = self.client.post(
            f"/agency/query/{term or self.agency.candidate}", json.dumps(question), content_type="application/json"
        )
        return answer.status_code, re.sub(r'"version":\d+', '"version":0', answer.content.decode())

    def json(self, **question: Any) -> Any:
        status, text = self.ask(**question)
        assert status == 200, text
        return json.loads(text)


def asker(a: Agency, user: User) -> Asker:
    return Asker(a, Client(headers={"Authorization": f"Bearer {tokens.create(user)}"}))


@pytest.fixture
def low(a: Agency, root: Access, anna: User) -> Asker:
    """Sees all candidates without the salary, and all departments but the secret one."""
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    grants.grant(anna, [Action.VIEW], grants.on_table(a.department, "Бюджет < 25", access=root), access=root)
    grants.lock(grants.on_field(a.salary, access=root), Lock.VIEW, access=root)
    return asker(a, anna)


@pytest.fixture
def half(low: Asker, root: Access, anna: User) -> Asker:
    """Sees besides the salaries of her own candidates."""
    recruiters = Group.objects.create(name="Рекрутёры")
    anna.groups.add(recruiters)
    own = grants.on_field(low.agency.salary, "Рекрутёр = @me", access=root)
    grants.grant(recruiters, [Action.VIEW], own, access=root)
    return low


def salary(op: str, value: Any = None) -> dict[str, Any]:
    return {"field": "Зарплата", "op": op, **({} if value is None else {"value": value})}


ALWAYS = {"field": "Статус", "op": "not_empty"}

ABOUT_THE_HIDDEN: dict[str, dict[str, Any]] = {
    "LK-001": {"filter": salary(">", 100)},
    "LK-001-text": {"filter": "Зарплата > 100"},
    "LK-007-or": {"filter": {"or": [ALWAYS, salary(">", 100)]}},
    "LK-007-not": {"filter": {"not": {"not": {"and": [ALWAYS, salary("empty")]}}}},
    "LK-015": {"sort": ["Зарплата"]},
    "LK-015-descending": {"sort": [{"field": "Зарплата", "descending": True}]},
    "LK-021-sum": {"aggregates": ["sum(Зарплата)"]},
    "LK-021-count": {"aggregates": ["count(Зарплата)"]},
    "LK-021-in-groups": {"group": ["Статус"], "aggregates": ["max(Зарплата)"]},
    "LK-033": {"group": ["Зарплата"]},
    "select": {"select": ["Зарплата"]},
}


@pytest.mark.parametrize("name", ABOUT_THE_HIDDEN)
def test_a_question_about_a_hidden_column_is_one_about_nothing(low: Asker, name: str) -> None:
    question = ABOUT_THE_HIDDEN[name]
    there = low.ask(**question)
    typo = low.ask(**json.loads(json.dumps(question, ensure_ascii=False).replace("Зарплата", "Зарплато")))
    low.agency.world.drop_column(low.agency.salary)
    gone = low.ask(**question)
    assert there[0] == 400, there[1]
    assert there == gone
    assert there[1].replace("Зарплата", "Зарплато") == typo[1]


@pytest.mark.parametrize(
    "question",
    [
        {"filter": salary(">", 100)},
        {"filter": {"not": salary(">", 100)}},
        {"filter": salary("empty")},
        {"filter": salary("not_empty")},
        {"filter": salary("!=", 130)},
        {"sort": ["Зарплата"]},
        {"sort": ["-Зарплата"], "limit": 3},
        {"sort": ["Зарплата"], "total": "exact"},
        {"aggregates": ["sum(Зарплата)", "min(Зарплата)", "max(Зарплата)", "avg(Зарплата)", "count(Зарплата)"]},
        {"group": ["Зарплата"]},
        {"group": ["Статус"], "aggregates": ["sum(Зарплата)"]},
        {"select": ["*"]},
        {"search": "130"},
    ],
    ids=str,
)
def test_cells_one_may_not_read_are_empty_wherever_they_are_asked_about(half: Asker, question: dict[str, Any]) -> None:
    """LK-009, LK-017, LK-021, LK-029, LK-033: the same with the foreign cells and without them."""
    a = half.agency
    foreign = [c for c in a.candidates if a.world.records[c].cells[a.recruiter] != "anna"]
    question = {"limit": 50, **question}
    there = half.ask(**question)
    a.world.run("delete from node where t = %s and up = any(%s)", a.salary, foreign)
    assert there[0] == 200, there[1]
    assert there == half.ask(**question)


@pytest.mark.parametrize(
    "question",
    [
        {"filter": {"field": "Подразделение", "op": "=", "value": "Секретный"}},
        {"filter": {"field": "Подразделение", "op": "contains", "value": "екрет"}},
        {"filter": {"not": {"field": "Подразделение", "op": "=", "value": "Секретный"}}},
        {"filter": {"field": "Подразделение.Бюджет", "op": ">", "value": 25}},
        {"filter": {"field": "Подразделение", "op": "empty"}},
        {"sort": ["Подразделение"]},
        {"sort": ["-Подразделение.Бюджет"]},
        {"search": "Секретный"},
        {"aggregates": ["count(Подразделение)"]},
    ],
    ids=str,
)
def test_links_to_what_one_may_not_see_are_empty_in_questions(low: Asker, question: dict[str, Any]) -> None:
    """LK-003, LK-005: the rows, and their order, are the same with the unseen target and without it."""
    there = low.ask(select=["Статус"], limit=50, **question) if "aggregates" not in question else low.ask(**question)
    secret = low.agency.departments[2]
    low.agency.world.run("delete from node where id = %s or up = %s or t = %s", secret, secret, secret)
    gone = low.ask(select=["Статус"], limit=50, **question) if "aggregates" not in question else low.ask(**question)
    assert there[0] == 200, there[1]
    assert there == gone


def test_lk_025_unseen_targets_are_one_group_without_a_name(low: Asker) -> None:
    answer = low.json(group=["Подразделение"])
    assert [group["by"] for group in answer["groups"]].count([None]) == 1
    assert "Секретный" not in json.dumps(answer, ensure_ascii=False)
    assert str(low.agency.departments[2]) not in json.dumps(answer)


def test_lk_039_a_nested_selection_shows_nothing_of_an_unseen_target(low: Asker) -> None:
    text = json.dumps(low.json(select=[{"Подразделение": ["*"]}], limit=50), ensure_ascii=False)
    assert "Секретный" not in text
    assert f'"id": {low.agency.departments[2]}' not in text
    assert '{"hidden": true}' in text


def test_lk_003_a_table_one_may_not_see_is_not_reached_by_a_path(a: Agency, root: Access, anna: User) -> None:
    grants.grant(anna, [Action.VIEW], grants.on_table(a.candidate, access=root), access=root)
    own = asker(a, anna)
    for path in ("Подразделение.Бюджет", "Подразделение.Бюджеты"):
        status, text = own.ask(filter={"field": path, "op": ">", "value": 1})
        assert status == 400
        assert text.replace(path, "") == own.ask(filter={"field": "Нет", "op": ">", "value": 1})[1].replace("Нет", "")
    assert own.ask(term=a.department)[0] == 404


def test_a_cursor_made_by_another_user_opens_nothing_more(half: Asker, root: Access) -> None:
    """A position among values one may not read is one among empty cells: what comes after it tells nothing of them."""
    manager = User.objects.create_user("m")
    grants.grant(manager, [Action.MANAGE], grants.on_workspace(root), access=root)
    cursor = asker(half.agency, manager).json(sort=["Зарплата"], limit=2)["next"]
    a = half.agency
    foreign = [c for c in a.candidates if a.world.records[c].cells[a.recruiter] != "anna"]
    there = half.ask(sort=["Зарплата"], limit=50, after=cursor)
    a.world.run("delete from node where t = %s and up = any(%s)", a.salary, foreign)
    assert there == half.ask(sort=["Зарплата"], limit=50, after=cursor)
