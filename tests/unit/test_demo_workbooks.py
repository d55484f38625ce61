"""The committed demo files: made by their generator, whole, and harmless."""

import re
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zipfile import ZipFile

import openpyxl
import pytest

from demo import make_workbooks
from demo.companies import check_digit
from demo.people import feminine, latin, patronymic

HERE = Path(make_workbooks.__file__).parent
BOOKS = ("recruiting.xlsx", "production.xlsx", "shops.xlsx")
FILES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.xlsx"))
#: (book, sheet, column, sheet whose first column it names)
LINKS = [
    ("recruiting.xlsx", "Кандидаты", "Должность", "Должности"),
    ("recruiting.xlsx", "Кандидаты", "Рекрутёр", "Рекрутёры"),
    ("recruiting.xlsx", "Кандидаты", "Вакансия", "Вакансии"),
    ("recruiting.xlsx", "Интервью", "Кандидат", "Кандидаты"),
    ("recruiting.xlsx", "Интервью", "Вакансия", "Вакансии"),
    ("recruiting.xlsx", "Вакансии", "Клиент", "Клиенты"),
    ("production.xlsx", "Цеха", "Завод", "Заводы"),
    ("production.xlsx", "Выпуск", "Цех", "Цеха"),
    ("production.xlsx", "Выпуск", "Продукция", "Продукция"),
    ("production.xlsx", "План", "Продукция", "Продукция"),
    ("shops.xlsx", "Заказы", "Магазин", "Магазины"),
    ("shops.xlsx", "Позиции заказа", "Заказ", "Заказы"),
    ("shops.xlsx", "Позиции заказа", "Товар", "Товары"),
    ("shops.xlsx", "Товары", "Поставщик", "Поставщики"),
    ("shops.xlsx", "Магазины", "Менеджер", "Сотрудники"),
]
Table = dict[str, list[object]]


@pytest.fixture(scope="module")
def books() -> dict[str, dict[str, Table]]:
    """Book -> sheet -> column -> values."""
    found = {}
    for name in BOOKS:
        book = openpyxl.load_workbook(HERE / name, data_only=True)
        found[name] = {sheet.title: {str(c[0]): list(c[1:]) for c in zip(*sheet.values, strict=True)} for sheet in book}
    return found


def _texts(books: dict[str, dict[str, Table]]) -> Iterator[tuple[str, str]]:
    for sheets in books.values():
        for table in sheets.values():
            for column, values in table.items():
                yield from ((column, value) for value in values if isinstance(value, str))


def test_the_generator_makes_the_committed_files(tmp_path: Path) -> None:
    make_workbooks.main(tmp_path)
    assert sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*.xlsx")) == FILES
    for name in FILES:
        with ZipFile(tmp_path / name) as made, ZipFile(HERE / name) as committed:
            assert made.namelist() == committed.namelist(), name
            for part in made.namelist():
                assert made.read(part) == committed.read(part), f"{name}: {part}"


def test_the_files_stay_small() -> None:
    assert sum((HERE / name).stat().st_size for name in FILES) < 3_000_000


@pytest.mark.parametrize(("book", "sheet", "column", "target"), LINKS)
def test_every_reference_names_a_row(
    books: dict[str, dict[str, Table]], book: str, sheet: str, column: str, target: str
) -> None:
    keys = next(iter(books[book][target].values()))
    assert len(keys) == len(set(keys))
    named = {value for value in books[book][sheet][column] if value is not None}
    assert named
    assert named <= set(keys)


def test_an_order_costs_what_its_items_and_delivery_cost(books: dict[str, dict[str, Table]]) -> None:
    orders, items = books["shops.xlsx"]["Заказы"], books["shops.xlsx"]["Позиции заказа"]
    sums: dict[object, float] = dict(zip(orders["Номер"], orders["Стоимость доставки"], strict=True))
    for order, amount in zip(items["Заказ"], items["Сумма"], strict=True):
        sums[order] += float(str(amount))
    for order, total in zip(orders["Номер"], orders["Сумма"], strict=True):
        assert sums[order] == pytest.approx(total), order


def test_nobody_is_interviewed_before_he_is_known(books: dict[str, dict[str, Table]]) -> None:
    candidates, interviews = books["recruiting.xlsx"]["Кандидаты"], books["recruiting.xlsx"]["Интервью"]
    added = dict(zip(candidates["Кандидат"], candidates["Добавлен"], strict=True))
    for name, when in zip(interviews["Кандидат"], interviews["Дата и время"], strict=True):
        assert isinstance(when, datetime)
        assert added[name] < when


def test_tax_numbers_pass_the_check(books: dict[str, dict[str, Table]]) -> None:
    numbers = [value for column, value in _texts(books) if column == "ИНН"]
    assert len(numbers) > 100
    for number in numbers:
        assert re.fullmatch(r"[0-9]{2}99[0-9]{6}", number)
        assert check_digit(number[:9]) == number[9]
    # A published example of the algorithm.
    assert check_digit("783000229") == "3"


def test_addresses_reach_nobody(books: dict[str, dict[str, Table]]) -> None:
    mails = [value for _, value in _texts(books) if "@" in value]
    assert len(mails) > 2000
    assert all(re.fullmatch(r"[a-z0-9._]+@[a-z0-9-]+\.example", mail) for mail in mails)


def test_names_agree_with_gender() -> None:
    assert (patronymic("Илья", True), patronymic("Илья", False)) == ("Ильич", "Ильинична")
    assert (patronymic("Юрий", True), patronymic("Дмитрий", False)) == ("Юрьевич", "Дмитриевна")
    assert (feminine("Троицкий"), feminine("Толстой"), feminine("Седых")) == ("Троицкая", "Толстая", "Седых")
    assert latin("Щербакова Юлия") == "shcherbakova yuliya"


def test_mailed_reports_have_the_faults_they_are_for() -> None:
    mixes = [_shown(name) for name in FILES if "volgamix" in name]
    bricks = [name for name in FILES if "Сводка" in name]
    assert len(mixes) == 2
    assert len(bricks) == 3
    assert {"11/12/2026", "#N/A", "#Н/Д"} <= mixes[0]
    for name in bricks:
        assert {"#DIV/0!", "#VALUE!", "ИТОГО"} <= _shown(name)
        sheet = openpyxl.load_workbook(HERE / name).active
        assert "F4:H4" in {str(merged) for merged in sheet.merged_cells.ranges}


def _shown(name: str) -> set[str]:
    """What is to be seen in the cells of the file's sheet."""
    sheet = openpyxl.load_workbook(HERE / name, data_only=True).active
    return {str(cell.value) for row in sheet.iter_rows() for cell in row}
