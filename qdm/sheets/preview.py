"""The first rows as they will be, from the sample in the proposal: no file and no database is touched."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.sheets.convert import converter, plain_text
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, TablePlan
from qdm.types import codec
from qdm.types.base import Locale


@dataclass(frozen=True, slots=True)
class PreviewCell:
    """``text`` as a person will read it; ``problem`` '' where all is well; ``is_link`` for a link to another table."""

    text: str
    problem: str = ""
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """``titles``: the main value's column first."""

    titles: tuple[str, ...]
    rows: tuple[tuple[PreviewCell, ...], ...]


def preview(table: TablePlan, locale: Locale) -> Preview:
    """First rows of a table under its present plan, formatted for the reader's locale."""
    numbered = table.main == ROW_NUMBER
    columns = [*([] if numbered else [table.column(table.main)]), *table.kept]
    titles = [*([_("Number")] if numbered else []), *(column.name for column in columns)]
    convert = [(column, converter(column)) for column in columns]
    rows = []
    for number, row in enumerate(table.sample, start=1):
        cells = [PreviewCell(str(number))] if numbered else []
        for column, stored in convert:
            cell = row[column.index] if column.index < len(row) else None
            if column.target:
                cells.append(PreviewCell(plain_text(cell, column) or "", is_link=True))
                continue
            text, problem = stored(cell)
            cells.append(PreviewCell(_shown(text, problem, column, locale), problem))
        rows.append(tuple(cells))
    return Preview(tuple(titles), tuple(rows))


def _shown(text: str | None, problem: str, column: ColumnPlan, locale: Locale) -> str:
    if text is None or problem:
        return text or ""
    return codec(column.base).display(text, locale)
