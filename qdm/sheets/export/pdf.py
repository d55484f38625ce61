"""PDF for printing: a table on pages with its heading on each. The whole document is laid out in memory, so only small
tables."""

from collections.abc import Sequence
from pathlib import Path

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from fpdf import FPDF
from fpdf.fonts import FontFace

from qdm.errors import TooLarge
from qdm.record import CellValue
from qdm.sheets.export.layout import Column, Row, joined, text_of
from qdm.types.base import BaseType, Locale

#: What can be printed: rows, columns.
MOST_ROWS, MOST_COLUMNS = 2_000, 24
#: Columns up to which a sheet of this format is wide enough.
_PORTRAIT, _LANDSCAPE = 5, 12
#: Characters shown of a long text.
_LONGEST = 500
_FONTS = Path(__file__).parent / "fonts"
_FAMILY = "DejaVu"
_NUMBERS = (BaseType.NUMBER, BaseType.FLOAT)


class Pdf:
    """``cut``: texts that were too long to print whole."""

    ending = "pdf"

    def __init__(self, path: Path, title: str, columns: Sequence[Column], locale: Locale) -> None:
        """Raises TooLarge for more columns than fit on paper."""
        if len(columns) > MOST_COLUMNS:
            raise TooLarge(
                _("%(count)d columns do not fit on paper, %(most)d would. Export to Excel and print from there.")
                % {"count": len(columns), "most": MOST_COLUMNS}
            )
        self.cut = 0
        self._path = path
        self._title = title
        self._columns = columns
        self._locale = locale
        self._lines: list[list[str]] = []

    def write(self, rows: Sequence[Row]) -> None:
        """Raises TooLarge."""
        if len(self._lines) + len(rows) > MOST_ROWS:
            raise TooLarge(
                _("At most %(most)d rows can be printed. Filter the table first, or export to Excel.")
                % {"most": MOST_ROWS}
            )
        for row in rows:
            self._lines.append([self._text(value, column) for value, column in zip(row, self._columns, strict=True)])

    def _text(self, value: CellValue | None, column: Column) -> str:
        if value is None:
            return ""
        values = value if isinstance(value, tuple) else (value,)
        texts = [text_of(one, column.base, self._locale) for one in values]
        text = joined(texts) if isinstance(value, tuple) else texts[0]
        if len(text) > _LONGEST:
            self.cut += 1
            text = f"{text[:_LONGEST]}…"
        return text

    def close(self) -> None:
        width = len(self._columns)
        page = _Page(
            orientation="portrait" if width <= _PORTRAIT else "landscape", format="A4" if width <= _LANDSCAPE else "A3"
        )
        page.add_font(_FAMILY, "", _FONTS / "DejaVuSansCondensed.ttf")
        page.add_font(_FAMILY, "B", _FONTS / "DejaVuSansCondensed-Bold.ttf")
        page.set_title(self._title)
        page.set_auto_page_break(auto=True, margin=15)
        page.alias_nb_pages()
        page.add_page()
        page.set_font(_FAMILY, "B", 13)
        page.multi_cell(0, 7, self._title, new_x="LMARGIN", new_y="NEXT")
        page.set_font(_FAMILY, "", 7)
        made = _("%(rows)d rows, %(when)s") % {
            "rows": len(self._lines),
            "when": date_format(timezone.localtime(), "SHORT_DATETIME_FORMAT"),
        }
        page.cell(0, 5, made, new_x="LMARGIN", new_y="NEXT")
        aligned = tuple("RIGHT" if column.base in _NUMBERS else "LEFT" for column in self._columns)
        with page.table(
            col_widths=self._widths(),
            text_align=aligned,
            headings_style=FontFace(emphasis="BOLD", fill_color=(232, 238, 244)),
            line_height=3.6,
            padding=0.8,
            wrapmode="CHAR",
        ) as table:
            for line in [[column.name for column in self._columns], *self._lines]:
                table.row(line)
        page.output(str(self._path))

    def _widths(self) -> tuple[int, ...]:
        """Shares of the width, by the usual length of what stands in the columns."""
        shares = []
        for place, column in enumerate(self._columns):
            lengths = sorted(len(line[place]) for line in self._lines) or [0]
            shares.append(min(max(lengths[len(lengths) * 9 // 10], len(column.name) // 2, 4), 40))
        return tuple(shares)


class _Page(FPDF):
    """With the number of the page at its foot."""

    def footer(self) -> None:
        self.set_y(-10)
        self.set_font(_FAMILY, "", 7)
        self.cell(0, 5, f"{self.page_no()} / {{nb}}", align="C")
