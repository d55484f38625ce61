"""The sender's own file back: what is wrong marked where it stands, all else as it was, and a sheet that sums up."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import openpyxl
from django.utils.translation import gettext as _
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from qdm.sheets.export.xlsx import sheet_name

#: Marked cells; the rest are only listed.
MOST_MARKED = 5_000
_RED = PatternFill("solid", fgColor="FFFFC7CE")
_BOLD = Font(bold=True)
_AUTHOR = "Integram"


def mark(
    source: Path, target: Path, sheet: str, counts: Mapping[str, int], problems: Sequence[Mapping[str, Any]]
) -> None:
    """Write a copy of the workbook with the problems (as ``FormRun.problems`` has them) marked on the sheet.

    A file that is no .xlsx (CSV, .ods, .xls) becomes a workbook with the summary alone.
    """
    try:
        with source.open("rb") as file:
            book = openpyxl.load_workbook(file, rich_text=True)
    except (BadZipFile, KeyError, ValueError, TypeError):  # another format, or a part that only its reader minds
        book = openpyxl.Workbook()
        book.remove(book.worksheets[0])
    if sheet in book.sheetnames and isinstance(book[sheet], Worksheet):
        _mark(book[sheet], problems)
    _summary(book, sheet, counts, problems)
    book.save(target)


def _mark(page: Worksheet, problems: Sequence[Mapping[str, Any]]) -> None:
    merged = {cell: area.start_cell.coordinate for area in page.merged_cells.ranges for cell in _cells(area)}
    texts: dict[str, list[str]] = defaultdict(list)
    for problem in problems[:MOST_MARKED]:
        address = problem["cell"] or f"A{problem['row']}"
        texts[merged.get(address, address)].append(f"{problem['column']}: {problem['problem']}".lstrip(": "))
    for address, lines in texts.items():
        cell = page[address]
        cell.fill = _RED
        before = f"{cell.comment.text}\n" if cell.comment else ""
        cell.comment = Comment(before + "\n".join(dict.fromkeys(lines)), _AUTHOR, height=80, width=280)


def _cells(area: Any) -> list[str]:
    return [f"{get_column_letter(column)}{row}" for row, column in area.cells]


def _summary(
    book: openpyxl.Workbook, sheet: str, counts: Mapping[str, int], problems: Sequence[Mapping[str, Any]]
) -> None:
    title = sheet_name(_("What is wrong"))
    while title in book.sheetnames:
        title = f"{title[:29]} ."
    page = book.create_sheet(title)
    # Nothing of what the table has: the file goes to outsiders too.
    words = {
        "bad": _("Bad rows, not taken in"),
        "skipped": _("Rows that are no data (totals, signatures)"),
    }
    for name, text in words.items():
        _line(page, [text, counts.get(name, 0)])
    _line(page, [])
    _line(page, [_("Row"), _("Cell"), _("Column"), _("Value"), _("What is wrong")], bold=True)
    for problem in problems:
        _line(page, [problem["row"], problem["cell"], problem["column"], problem["value"], problem["problem"]])
    for letter, width in zip("ABCDE", (44, 10, 24, 30, 80), strict=True):
        page.column_dimensions[letter].width = width
    book.active = book.index(page) if sheet not in book.sheetnames else book.sheetnames.index(sheet)


def _line(page: Worksheet, values: Sequence[Any], *, bold: bool = False) -> None:
    page.append(list(values))
    for cell in page[page.max_row] if values else ():
        if isinstance(cell.value, str):
            cell.data_type = "s"  # never a formula, whatever the sender wrote
        if bold:
            cell.font = _BOLD
