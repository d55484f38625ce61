"""The first rows as they will be, from the sample in the proposal: no file and no database is touched."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from qdm.sheets.convert import Misfit, converter, plain_text
from qdm.sheets.proposal import ROW_NUMBER, TablePlan
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
    owner = [] if table.owner is None else [table.owner]
    columns = [*owner, *([] if numbered else [table.column(table.main)]), *table.kept]
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
            found = stored(cell)
            if isinstance(found, Misfit):
                cells.append(PreviewCell(found.text or "", found.problem))
            else:
                cells.append(PreviewCell(codec(column.base).display(found, locale) if found else ""))
        rows.append(tuple(cells))
    return Preview(tuple(titles), tuple(rows))
