""".ods by a streaming expat parser.

calamine loses error cells, merged areas, formulas and durations of this format, and expands repeated rows in memory.
"""

import re
import zipfile
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from xml.parsers import expat

from qdm.sheets.reading import limits
from qdm.sheets.reading.archive import check_xml
from qdm.sheets.reading.cells import ERROR, FORMULA, Special
from qdm.sheets.reading.facts import Format, Formulas, SheetFacts
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.formats import note_format
from qdm.sheets.reading.spool import spool_path, write_sheet

_CHUNK = 1 << 18
#: Cells that repetition alone may add; more is an attack.
_MAX_REPEATED = 1_000_000
_DURATION = re.compile(r"(-?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,]\d+)?S)?)?")
_ERROR = re.compile(r"#[A-ZА-Я/0-9]+[!?]?|Err:\d+|Ошибка:\d+")
_OFFICE_ERROR = "error"
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "GBP": "£"}


@dataclass
class _Table:
    facts: SheetFacts
    rows: deque[list[object]] = field(default_factory=deque)
    number: int = 0
    ended: bool = False


class _Content:
    """Handlers of one content.xml: completed rows gather in the current table's ``rows``."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self._hidden: set[str] = set()
        self._style = ""
        self._row: list[object] = []
        self._row_repeat = 1
        self._cell: dict[str, str] | None = None
        self._text: list[str] | None = None
        self._paragraphs = 0
        self._skipping = 0
        self._depth = 0
        self._repeated = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if self._skipping or tag in ("office:annotation", "draw:frame", "draw:custom-shape"):
            self._skipping += 1
            return
        match tag:
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-properties" if attributes.get("table:display") == "false":
                self._hidden.add(self._style)
            case "table:table":
                self._depth += 1
                if self._depth == 1:
                    if len(self.tables) >= limits.MAX_SHEETS:
                        raise ReadFailure(Reason.TOO_MANY_SHEETS, str(limits.MAX_SHEETS))
                    visible = attributes.get("table:style-name", "") not in self._hidden
                    self.tables.append(_Table(SheetFacts(attributes.get("table:name", ""), visible)))
            case "table:table-row" if self._depth == 1:
                self._row = []
                self._row_repeat = _count(attributes.get("table:number-rows-repeated"))
            case "table:table-cell" | "table:covered-table-cell" if self._depth == 1:
                self._cell = attributes
                self._text = []
                self._paragraphs = 0
            case "text:p" if self._text is not None:
                if self._paragraphs:
                    self._text.append("\n")
                self._paragraphs += 1
            case "text:s" if self._text is not None:
                self._text.append(" " * min(_count(attributes.get("text:c")), limits.MAX_FIELD))
            case "text:tab" if self._text is not None:
                self._text.append("\t")
            case "text:line-break" if self._text is not None:
                self._text.append("\n")

    def text(self, text: str) -> None:
        if self._text is not None and self._paragraphs and not self._skipping:
            self._text.append(text)

    def end(self, tag: str) -> None:
        if self._skipping:
            self._skipping -= 1
            return
        match tag:
            case "table:table-cell" | "table:covered-table-cell" if self._cell is not None:
                self._end_cell(self._cell, "".join(self._text or ()))
                self._cell = self._text = None
            case "table:table-row" if self._depth == 1:
                self._end_row(self.tables[-1])
            case "table:table":
                self._depth -= 1
                if self._depth == 0:
                    self.tables[-1].ended = True

    def _end_cell(self, attributes: dict[str, str], text: str) -> None:
        table = self.tables[-1]
        repeat = _count(attributes.get("table:number-columns-repeated"))
        column = len(self._row)
        value = _value(attributes, text)
        formula = attributes.get("table:formula")
        if formula is not None:
            shown = "=" + formula.partition("=")[2]
            table.facts.formulas.setdefault(column, Formulas()).add(shown, value is not None)
            if value is None and "office:value-type" not in attributes:
                value = Special(FORMULA, shown[:200])
        if value is None:  # a row of 16,384 formatted blanks is common, and nothing
            self._row.extend([None] * min(repeat, limits.MAX_COLUMNS + 1))
            return
        if repeat > limits.MAX_COLUMNS:
            raise ReadFailure(Reason.TOO_WIDE, table.facts.name)
        if type(value) is float:
            self._note(table.facts, column, attributes, text, value)
        width = _count(attributes.get("table:number-columns-spanned"))
        height = _count(attributes.get("table:number-rows-spanned"))
        if width > 1 or height > 1:
            table.facts.merged.append((table.number, column, table.number + height - 1, column + width - 1))
        self._row.extend([value] * repeat)

    def _note(self, facts: SheetFacts, column: int, attributes: dict[str, str], text: str, value: float) -> None:
        """Number format from the value type and from the text as shown."""
        match attributes["office:value-type"]:
            case "percentage":
                code = "0%"
            case "currency":
                code = _SIGNS.get(attributes.get("office:currency", ""), "")
            case _:
                code = "0" * len(text) if re.fullmatch(r"0[0-9]+", text) else ""
        note_format(facts.formats.setdefault(column, Format()), code, value)

    def _end_row(self, table: _Table) -> None:
        filled = sum(cell is not None for cell in self._row)
        if not filled:
            # blank rows to the sheet's end are one element; what follows them is refused by its row number
            table.rows.extend([] for _ in range(min(self._row_repeat, limits.MAX_ROWS - table.number)))
        else:
            self._repeated += (self._row_repeat - 1) * filled
            if self._repeated > _MAX_REPEATED or self._row_repeat > limits.MAX_ROWS:
                raise ReadFailure(Reason.BOMB, table.facts.name)
            table.rows.extend(list(self._row) for _ in range(self._row_repeat))
        table.number += self._row_repeat


def _count(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else 1


def _value(attributes: dict[str, str], text: str) -> object:
    """The cell's value, None for a blank one. What its type does not explain is its text."""
    kind = attributes.get("office:value-type")
    if attributes.get("calcext:value-type") == _OFFICE_ERROR or (
        "table:formula" in attributes and kind in (None, "string") and _ERROR.fullmatch(text)
    ):
        return Special(ERROR, text or "#ERR")
    try:
        match kind:
            case None:
                return text or None
            case "float" | "percentage" | "currency":
                return _number(attributes["office:value"])
            case "boolean":
                return attributes["office:boolean-value"] == "true"
            case "date":
                moment = attributes["office:date-value"]
                return datetime.fromisoformat(moment[:26]) if "T" in moment else date.fromisoformat(moment)
            case "time":
                return _clock(attributes["office:time-value"])
            case _:
                return attributes.get("office:string-value") or text or None
    except (KeyError, ValueError):
        return text or None


def _number(text: str) -> object:
    """Double; a whole number that no double holds comes exactly."""
    if re.fullmatch(r"-?[0-9]{16,40}", text):
        return int(text)
    return float(text)


def _clock(text: str) -> str:
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError(text)
    days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
    hours += days * 24
    tail = f":{seconds:02}" if seconds or hours >= 24 else ""
    return f"{match[1]}{hours:02}:{minutes:02}{tail}"


def read_ods(path: Path, folder: Path, progress: Callable[[int], None]) -> list[SheetFacts]:
    """Spool every table. Raises ReadFailure."""
    content = _Content()
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = content.start
    parser.EndElementHandler = content.end
    parser.CharacterDataHandler = content.text
    with zipfile.ZipFile(path) as archive:
        check_xml(archive)
        try:
            stream = archive.open("content.xml")
        except KeyError:
            raise ReadFailure(Reason.DAMAGED, "content.xml") from None
        with stream:
            state = _Feed(content, parser, iter(lambda: stream.read(_CHUNK), b""))
            sheets: list[SheetFacts] = []
            while (table := state.next_table(len(sheets))) is not None:
                target = spool_path(folder, len(sheets))
                write_sheet(target, state.rows(table), table.facts, progress, limits.MAX_ROWS)
                sheets.append(table.facts)
    if not sheets:
        raise ReadFailure(Reason.EMPTY)
    return sheets


class _Feed:
    """Pushes pieces of the part through the parser as rows are asked for."""

    def __init__(self, content: _Content, parser: expat.XMLParserType, pieces: Iterator[bytes]) -> None:
        self._content = content
        self._parser = parser
        self._pieces = pieces
        self._done = False

    def _more(self) -> bool:
        if self._done:
            return False
        piece = next(self._pieces, b"")
        self._done = not piece
        try:
            self._parser.Parse(piece, self._done)
        except expat.ExpatError as error:
            raise ReadFailure(Reason.DAMAGED, "content.xml") from error
        return True

    def next_table(self, index: int) -> _Table | None:
        while len(self._content.tables) <= index:
            if not self._more():
                return None
        return self._content.tables[index]

    def rows(self, table: _Table) -> Iterator[list[object]]:
        while True:
            while table.rows:
                yield table.rows.popleft()
            if table.ended or not self._more():
                yield from table.rows
                return
