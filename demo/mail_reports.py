"""The daily reports of two plants as they come by mail, each in its own form and with its own faults.

Title rows, merged headers, dates written in both orders, decimal commas and numbers kept as text, cells with errors,
a totals row and a signature: what the import of the monthly form is made for.
"""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from random import Random
from typing import Any

import xlsxwriter

from demo.production import LAST, MAILED, Holding, Output
from demo.workbook import write_cell

BRICKS, MIXES = "Красная глина", "Волгамикс"


def save(folder: Path, holding: Holding, rng: Random) -> None:
    """One file a plant and day; the bricks send the last day of the workbook a second time, corrected."""
    folder.mkdir(exist_ok=True)
    for day in MAILED:
        _bricks(folder / f"Сводка Красная глина {day:%d.%m.%Y}.xlsx", _of(holding, BRICKS, day), day, rng)
        _mixes(folder / f"vypusk_volgamix_{day:%Y-%m-%d}.xlsx", _of(holding, MIXES, day), day, rng)
    corrected = [
        _again(o, made=round(o.made - 1.4, o.product.digits)) if i in (1, 4) else o
        for i, o in enumerate(_of(holding, BRICKS, LAST))
    ]
    _bricks(folder / f"Сводка Красная глина {LAST:%d.%m.%Y} уточнённая.xlsx", corrected, LAST, rng)


def _of(holding: Holding, plant: str, day: date) -> list[Output]:
    return [o for o in holding.outputs if o.plant.name == plant and o.day == day]


def _again(output: Output, *, made: float) -> Output:
    fields = {name: getattr(output, name) for name in Output.__slots__}
    return Output(**{**fields, "made": made, "remark": "Уточнено по складу"})


def comma(value: float, digits: int) -> str:
    """A number as people type it: groups by a no-break space, a decimal comma."""
    return f"{value:,.{digits}f}".replace(",", "\u00a0").replace(".", ",")


def _open(path: Path, author: str, sheet: str) -> tuple[Any, Any]:
    book = xlsxwriter.Workbook(path, {"strings_to_formulas": False, "strings_to_urls": False})
    book.set_properties({"author": author, "created": datetime(2026, 11, 16, 8, 15)})
    return book, book.add_worksheet(sheet)


def _bricks(path: Path, outputs: list[Output], day: date, rng: Random) -> None:
    """A form for printing: the date stands in the title, the workshop once for its rows, the header in two lines."""
    book, page = _open(path, "ПДО", f"{day:%d.%m}")
    bold = book.add_format({"bold": True, "align": "center", "valign": "vcenter", "text_wrap": True, "border": 1})
    title = book.add_format({"bold": True, "font_size": 13, "align": "center"})
    plain = book.add_format({"border": 1})
    number = book.add_format({"border": 1, "num_format": "#,##0.00"})
    share = book.add_format({"border": 1, "num_format": "0.0%"})
    side = book.add_format({"border": 1, "valign": "vcenter", "text_wrap": True})
    for i, width in enumerate((5, 18, 40, 9, 8, 10, 10, 11, 9, 10, 26, 18)):
        page.set_column(i, i, width)
    page.merge_range("A1:L1", "АО «Красная глина»", title)
    page.merge_range("A2:L2", f"Суточная сводка о выпуске продукции за {day:%d.%m.%Y} г.", title)
    for i, name in enumerate(("№ п/п", "Цех", "Наименование продукции", "Ед. изм.", "Смена")):
        page.merge_range(3, i, 4, i, name, bold)
    page.merge_range("F4:H4", "Выпуск", bold)
    for i, name in enumerate(("План", "Факт", "Выполнение"), start=5):
        page.write_string(4, i, name, bold)
    for i, name in enumerate(("Брак", "Простой, ч", "Примечание", "Мастер"), start=8):
        page.merge_range(3, i, 4, i, name, bold)
    first = row = 5
    unplanned = rng.randrange(2, len(outputs) - 1)
    as_text = rng.sample([i for i in range(len(outputs)) if i != unplanned], 2)
    for shop, group in _by_workshop(outputs):
        if len(group) > 1:
            page.merge_range(row, 1, row + len(group) - 1, 1, shop, side)
        else:
            page.write_string(row, 1, shop, side)
        for o in group:
            index = row - first
            plan = 0 if index == unplanned else o.plan
            page.write_number(row, 0, index + 1, plain)
            page.write_string(row, 2, o.product.name, plain)
            page.write_string(row, 3, o.product.unit, plain)
            page.write_string(row, 4, o.shift, plain)
            page.write_number(row, 5, plan, number)
            if index in as_text:
                page.write_string(row, 6, comma(o.made, o.product.digits) + " ", plain)
            else:
                page.write_number(row, 6, o.made, number)
            done = round(o.made / plan, 6) if plan else "#DIV/0!"
            page.write_formula(row, 7, f"=G{row + 1}/F{row + 1}", share, "#VALUE!" if index in as_text else done)
            page.write_number(row, 8, o.waste, number)
            write_cell(page, row, 9, o.stopped or None, number)
            write_cell(page, row, 10, o.remark, plain)
            page.write_string(row, 11, o.foreman, plain)
            row += 1
    page.merge_range(row, 0, row, 4, "ИТОГО", bold)
    for i, letter in enumerate("FG", start=5):
        values = [o.plan if i == 5 else o.made for n, o in enumerate(outputs) if n != unplanned or i == 6]
        total = sum(v for n, v in enumerate(values) if i == 5 or n not in as_text)
        page.write_formula(row, i, f"=SUM({letter}{first + 1}:{letter}{row})", number, round(total, 2))
    page.write_string(row + 2, 1, "Начальник ПДО")
    page.write_string(row + 2, 2, "____________________ Зуева Н. В.")
    page.write_string(row + 3, 1, f"Передано {day:%d.%m.%Y} в 18:40")
    book.close()


def _by_workshop(outputs: Iterable[Output]) -> list[tuple[str, list[Output]]]:
    groups: dict[str, list[Output]] = {}
    for o in outputs:
        groups.setdefault(o.workshop.name, []).append(o)
    return list(groups.items())


def _mixes(path: Path, outputs: list[Output], day: date, rng: Random) -> None:
    """A dump of their program: month before day, every number as text with a comma, the article by a broken look-up."""
    book, page = _open(path, "1C Export", "Лист1")
    bold = book.add_format({"bold": True, "bg_color": "#D9E1F2"})
    page.set_column(0, 9, 14)
    page.set_column(2, 3, 38)
    page.write_string(0, 0, "ООО «Волгамикс»")
    page.write_string(1, 0, f"Выпуск за {day:%m/%d/%Y}  (выгружено {day:%m/%d/%Y} 11:58 PM)")
    head = (
        "Дата",
        "Код",
        "Продукция",
        "Цех",
        "Смена",
        "План, т",
        "Выпуск, т",
        "Брак, т",
        "Простой, ч",
        "Мастер",
        "Комментарий",
    )
    for i, name in enumerate(head):
        page.write_string(3, i, name, bold)
    broken, lost = rng.sample(range(len(outputs)), 2)
    for index, o in enumerate(outputs):
        row = index + 4
        page.write_string(row, 0, f"{day:%m/%d/%Y}")
        if index == broken:
            page.write_formula(row, 1, f"=VLOOKUP(C{row + 1},Коды!A:B,2,0)", None, "#N/A")
        else:
            page.write_string(row, 1, o.product.article)
        page.write_string(row, 2, o.product.name)
        page.write_string(row, 3, f"{o.workshop.name}, {o.plant.name}")
        page.write_string(row, 4, o.shift.lower())
        page.write_string(row, 5, comma(o.plan, 2))
        page.write_string(row, 6, "#Н/Д" if index == lost else comma(o.made, 2))
        page.write_string(row, 7, comma(o.waste, 2))
        page.write_string(row, 8, comma(o.stopped, 1))
        page.write_string(row, 9, o.foreman)
        write_cell(page, row, 10, o.remark)
    book.close()
