"""``manage.py demo``: the real workbooks, imported once, compared with the files cell by cell."""

import io
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.contrib.auth import authenticate
from django.core.management import call_command
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from integram.management.commands.demo import CASES, Case
from qdm.access import Access
from qdm.models import Workspace
from qdm.query.ast import Compare, Op, Query
from qdm.record import Link, Record
from qdm.schema import ROOT_ID, Requisite, Term
from qdm.selectors import records, structure
from qdm.types.base import BaseType
from rbac.access import access_for
from rbac.models import User

#: The savepoints of the tests lie within the transaction of ``printed``.
pytestmark = [pytest.mark.django_db, pytest.mark.slow]

DEMO = Path(__file__).resolve().parents[2] / "demo"
Rows = list[tuple[object, ...]]

#: workspace -> sheet -> the tables its columns link to, and "^" for the one its rows belong to.
LINKS = {
    "recruiting": {
        "Кандидаты": {
            "Должность": "Должности",
            "Рекрутёр": "Рекрутёры",
            "Вакансия": "Вакансии",
            "Город": "Город",
            "Английский": "Английский",
            "Источник": "Источник",
            "Статус": "Статус",
        },
        "Интервью": {
            "^": "Кандидаты",
            "Вакансия": "Вакансии",
            "Рекрутёр": "Рекрутёры",
            "Этап": "Этап",
            "Формат встречи": "Формат встречи",
            "Результат": "Результат",
        },
        "Вакансии": {
            "Должность": "Должности",
            "Клиент": "Клиенты",
            "Рекрутёр": "Рекрутёры",
            "Состояние": "Состояние",
        },
        "Клиенты": {"Форма": "Форма", "Должность контакта": "Должность контакта"},
        "Рекрутёры": {},
        "Должности": {},
    },
    "plants": {
        "Заводы": {},
        "Цеха": {"Завод": "Заводы"},
        "Продукция": {"Завод": "Заводы", "Цех": "Цеха"},
        "Выпуск": {
            "Завод": "Заводы",
            "Цех": "Цеха",
            "Продукция": "Продукция",
            "Смена": "Смена",
            "Мастер": "Мастер",
            "Причина простоя": "Причина простоя",
        },
        "План": {"Завод": "Заводы", "Продукция": "Продукция"},
    },
    "shops": {
        "Заказы": {
            "Магазин": "Магазины",
            "Город": "Город",
            "Доставка": "Доставка",
            "Оплата": "Оплата",
            "Статус": "Статус",
        },
        "Позиции заказа": {"^": "Заказы", "Товар": "Товары"},
        "Магазины": {"Менеджер": "Сотрудники", "Площадка": "Площадка", "Состояние": "Состояние"},
        "Товары": {"Поставщик": "Поставщики", "Категория": "Категория"},
        "Поставщики": {},
        "Сотрудники": {},
    },
}


@pytest.fixture(scope="module")
def printed(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """What the command said; all tests of this file see what it made, and then it is rolled back."""
    with django_db_blocker.unblock(), transaction.atomic():
        User.objects.create_superuser("admin")
        out = io.StringIO()
        call_command("demo", people=True, stdout=out)
        yield out.getvalue()
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def books() -> dict[str, dict[str, Rows]]:
    """Workspace -> sheet -> rows of the file, the header first, read by another library than the import's."""
    found = {}
    for case in CASES:
        book = openpyxl.load_workbook(DEMO / case.workbook, data_only=True)
        found[case.slug] = {sheet.title: list(sheet.values) for sheet in book}
    return found


def _access(slug: str) -> Access:
    return access_for(User.objects.get(username="admin"), slug, via="test")


def _all(term: Term, access: Access) -> list[Record]:
    """In the order of the file: the import gives ids so."""
    made: list[Record] = []
    after = None
    while True:
        page = records.page(term.id, Query(limit=1000, after=after), access=access)
        made += page.records
        if page.next is None:
            return sorted(made, key=lambda record: record.id)
        after = page.next


def _canonical(value: object, base: BaseType) -> str | None:
    """What docs/contract.md says a cell of the file is stored as."""
    match value:
        case None:
            return None
        case datetime():
            return value.date().isoformat() if base is BaseType.DATE else value.isoformat(timespec="seconds")
        case date():
            return value.isoformat()
        case "да" | "нет" if base is BaseType.BOOLEAN:
            return "1" if value == "да" else "0"
        case int() | float() if base is BaseType.NUMBER:
            return format(Decimal(repr(value)).normalize(), "f")
        case _:
            return str(value)


def test_there_are_three_workspaces_of_the_first_administrator(printed: str) -> None:
    assert {w.slug: w.title for w in Workspace.objects.all()} == {case.slug: case.title for case in CASES}
    for case in CASES:
        assert f"({case.slug}): " in printed


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_sheet_is_a_table_with_its_columns_and_links(
    printed: str, books: dict[str, dict[str, Rows]], case: Case
) -> None:
    access = _access(case.slug)
    assert LINKS[case.slug].keys() == books[case.slug].keys()
    for sheet, rows in books[case.slug].items():
        term = access.schema.by_name[sheet.casefold()]
        links = {r.name: access.term(r.target).name for r in term.cells if r.target is not None}
        for parent in access.schema.parents_of(term.id):
            links["^"] = access.term(parent.term_id).name
        assert links == LINKS[case.slug][sheet], sheet
        beside = [str(name) for name in rows[0] if str(name) not in (_main(sheet, rows), _owner(case, sheet))]
        assert [r.name for r in term.cells] == beside, sheet


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.slug)
def test_every_cell_of_the_file_is_there(printed: str, books: dict[str, dict[str, Rows]], case: Case) -> None:
    access = _access(case.slug)
    compared = 0
    for sheet, (header, *rows) in books[case.slug].items():
        term = access.schema.by_name[sheet.casefold()]
        made = _all(term, access)
        assert len(made) == len(rows), sheet
        owner = _owner(case, sheet)
        parents = {r.id: r.val for p in access.schema.parents_of(term.id) for r in _all(access.term(p.term_id), access)}
        for number, (record, row) in enumerate(zip(made, rows, strict=True), start=2):
            for name, value in zip(map(str, header), row, strict=True):
                where = f"{sheet}, row {number}, {name}"
                if name == owner:
                    assert parents[record.up] == value, where
                elif name == _main(sheet, [header]):
                    assert record.val == _canonical(value, term.base), where
                else:
                    assert _shown(record, term.by_name[name.casefold()]) == _canonical(value, _base(term, name)), where
                compared += 1
            if owner is None:
                assert record.up == ROOT_ID
    assert compared > 60_000


def _main(sheet: str, rows: Rows) -> str | None:
    """The column that names the rows; these sheets have none."""
    return None if sheet in ("Выпуск", "План", "Позиции заказа") else str(rows[0][0])


def _owner(case: Case, sheet: str) -> str | None:
    return dict(case.owners).get(sheet)


def _base(term: Term, name: str) -> BaseType:
    requisite = term.by_name[name.casefold()]
    return BaseType.CHARS if requisite.is_reference else requisite.base


def _shown(record: Record, requisite: Requisite) -> object:
    cell = record.cells.get(requisite.id)
    return cell.label if isinstance(cell, Link) else cell


def test_numbers_that_are_names_stay_as_they_are(printed: str) -> None:
    access = _access("shops")
    suppliers, goods, orders = (access.schema.by_name[n] for n in ("поставщики", "товары", "заказы"))
    assert suppliers.by_name["инн"].base is BaseType.CHARS
    assert goods.by_name["штрихкод"].base is BaseType.CHARS
    track = orders.by_name["трек-номер"]
    assert any(str(r.cells.get(track.id, "")).startswith("00") for r in _all(orders, access)[:50])


def test_a_second_time_changes_nothing(printed: str) -> None:
    before = {case.slug: structure.schema(case.slug).version for case in CASES}
    out = io.StringIO()
    call_command("demo", stdout=out)
    assert {case.slug: structure.schema(case.slug).version for case in CASES} == before
    assert len(out.getvalue().splitlines()) == len(CASES)


def test_the_recruiter_and_the_manager_see_what_is_theirs(printed: str) -> None:
    passwords = {line.split()[0]: line.split()[1] for line in printed.splitlines() if line[:3] in ("rec", "man")}
    seen = {}
    for name, password in passwords.items():
        user = authenticate(username=name, password=password)
        assert isinstance(user, User)
        seen[name] = access_for(user, "recruiting", via="test")
    recruiter, manager = seen["recruiter"], seen["manager"]

    candidates = manager.schema.by_name["кандидаты"]
    salary = candidates.by_name["зарплатные ожидания"]
    everybody, own = _all(candidates, manager), _all(candidates, recruiter)
    name = User.objects.get(username="recruiter").known_as
    mine = {r.id for r in everybody if _shown(r, candidates.by_name["рекрутёр"]) == name}
    assert len(everybody) == 2640
    assert {r.id for r in own} == mine
    assert 20 < len(mine) < len(everybody) / 4
    assert any(salary.id in r.cells for r in own)
    assert any(salary.id in r.cells and r.id not in mine for r in everybody)

    interviews = manager.schema.by_name["интервью"]
    assert {r.up for r in _all(interviews, recruiter)} <= mine
    assert "клиенты" not in recruiter.schema.by_name
    hired = Query(filter=Compare("Статус", Op.EQ, "Вышел на работу"))
    assert 0 < records.count(candidates.id, hired, access=recruiter).value < len(mine)
