""".xlsx and .xlsm: values by calamine, error cells and formulas by the scan; the unusual and the huge by openpyxl."""

import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import python_calamine as calamine

from qdm.sheets.reading import beside, limits, xlsx_scan
from qdm.sheets.reading.archive import check_xml
from qdm.sheets.reading.beside import Beside
from qdm.sheets.reading.facts import SheetFacts
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.spool import spool_path, write_sheet
from qdm.sheets.reading.xlsx_formats import cell_formats, column_formats
from qdm.sheets.reading.xlsx_parts import SheetPart, sheet_parts
from qdm.sheets.reading.xlsx_scan import Scan


def read_xlsx(
    path: Path, folder: Path, progress: Callable[[int], None], total: Callable[[int], None] = lambda rows: None
) -> list[SheetFacts]:
    """Spool every worksheet; ``total`` hears of all rows before ``progress`` does of any. Raises ReadFailure."""
    with zipfile.ZipFile(path) as archive:
        check_xml(archive)
        parts = sheet_parts(archive)
        if not parts:
            raise ReadFailure(Reason.EMPTY)
        spooler = _Spooler(path, folder, parts, progress)
        begun = spooler.begin(archive)
        try:
            scans = [_checked(archive, part) for part in parts]
        except BaseException:
            if begun:
                begun.stop()
            raise
    total(sum(scan.rows for scan in scans))
    sheets = begun.finish(scans) if begun else None
    return spooler.spool(scans) if sheets is None else sheets


class _Spooler:
    """Writes the sheets of one book. The largest one may be read by calamine before it is known whether to."""

    def __init__(self, path: Path, folder: Path, parts: Sequence[SheetPart], progress: Callable[[int], None]) -> None:
        self._path = path
        self._folder = folder
        self._parts = parts
        self._progress = progress
        self._book: calamine.CalamineWorkbook | None = None
        self._read: dict[str, calamine.CalamineSheet] = {}

    def begin(self, archive: zipfile.ZipFile) -> Beside[list[Scan], list[SheetFacts]] | None:
        """The work in a process of its own, which gets the scans when they are there; None where it is not worth it."""
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
        largest = max(self._parts, key=lambda part: sizes.get(part.path, 0))
        if not (beside.has_room() and beside.is_worth(sizes.get(largest.path, 0))):
            return None

        def work(scans: Callable[[], list[Scan]]) -> list[SheetFacts]:
            self._read[largest.name] = self._sheet(largest.name)
            return self.spool(scans())

        return Beside(work, limits.BESIDE_BASE + 3 * sum(sizes.values()))

    def spool(self, scans: Sequence[Scan]) -> list[SheetFacts]:
        sheets = []
        with zipfile.ZipFile(self._path) as archive:
            codes = cell_formats(archive)
            for index, (part, scan) in enumerate(zip(self._parts, scans, strict=True)):
                facts = SheetFacts(part.name, part.visible)
                if scan.unusual or scan.rows * scan.columns > limits.MAX_DENSE:
                    from qdm.sheets.reading.streaming import stream_rows  # half a second of imports few files need

                    self._read.pop(part.name, None)
                    rows = stream_rows(self._path, part.name)
                else:
                    facts.formulas = dict(scan.formulas)
                    rows = _dense_rows(self._sheet(part.name), scan, facts)
                write_sheet(spool_path(self._folder, index), rows, facts, self._progress, limits.MAX_ROWS)
                facts.formats = dict(column_formats(archive, part.path, codes))
                sheets.append(facts)
        return sheets

    def _sheet(self, name: str) -> calamine.CalamineSheet:
        self._book = self._book or calamine.CalamineWorkbook.from_path(self._path)
        return self._read.pop(name, None) or self._book.get_sheet_by_name(name)


def _checked(archive: zipfile.ZipFile, part: SheetPart) -> Scan:
    """Scan of a sheet whose extent is sane. Raises ReadFailure that names the sheet and the far corner."""
    try:
        scan = xlsx_scan.scan(archive, part.path)
        if scan.columns > limits.MAX_COLUMNS or _is_scattered(scan) or scan.rows * scan.columns > limits.MAX_BOX:
            scan.rows, scan.columns, scan.cells = xlsx_scan.extent(archive, part.path)
            corner = f"{part.name}: {_letters(scan.columns)}{scan.rows}"
            if _is_scattered(scan):
                raise ReadFailure(Reason.SCATTERED, corner)
            if scan.columns > limits.MAX_COLUMNS:
                raise ReadFailure(Reason.TOO_WIDE, corner)
            if scan.rows > limits.MAX_ROWS or scan.rows * scan.columns > limits.MAX_BOX:
                raise ReadFailure(Reason.TOO_LONG, corner)
    except KeyError as error:
        raise ReadFailure(Reason.DAMAGED, part.path) from error
    return scan


def _is_scattered(scan: Scan) -> bool:
    """A few cells in a huge box: calamine would hold the box."""
    box = scan.rows * scan.columns
    return box > limits.SPARSE_FREE and scan.cells * limits.MAX_SPARSITY < box


def _letters(column: int) -> str:
    """A for 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def _dense_rows(sheet: calamine.CalamineSheet, scan: Scan, facts: SheetFacts) -> Iterator[list[object]]:
    facts.merged = [(*start, *end) for start, end in sheet.merged_cell_ranges or ()]
    special = scan.special
    last = -1
    for last, row in enumerate(_from_the_top(sheet)):
        if last in special:
            _put(row, special[last])
        yield row
    for number in sorted(n for n in special if n > last):  # rows that hold nothing calamine sees
        while last < number - 1:
            last += 1
            yield []
        last = number
        row = []
        _put(row, special[number])
        yield row


def _from_the_top(sheet: calamine.CalamineSheet) -> Iterator[list[object]]:
    """Every row from row 1 and column A on: ``iter_rows`` keeps blank rows above the content, not blank columns."""
    if sheet.start is None:
        return
    left = sheet.start[1]
    for line in sheet.iter_rows():
        yield [None] * left + list(line) if left else list(line)


def _put(row: list[object], cells: Mapping[int, object]) -> None:
    for column, cell in cells.items():
        if column >= len(row):
            row.extend([None] * (column + 1 - len(row)))
        row[column] = cell
