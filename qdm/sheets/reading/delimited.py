""".csv, .tsv and their kin: encoding, delimiter, rows. Method and measurements: IO.md 1.5."""

import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from qdm.sheets.reading import limits
from qdm.sheets.reading.facts import SheetFacts
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.spool import spool_path, write_sheet

ENCODINGS = ("utf-8", "utf-8-sig", "utf-16", "cp1251", "cp866", "koi8-r", "mac_cyrillic", "cp1252")
DELIMITERS = (";", ",", "\t", "|")
_SAMPLE = 1 << 16
#: Bytes the single-byte encodings are scored on.
_SCORED = 1 << 13
#: Share of each letter in Russian text, per mille (National Corpus of the Russian language).
_LETTERS = "оеаинтсрвлкмдпуяыьгзбчйхжшюцщэф"
_SHARES = (
    110,
    85,
    80,
    74,
    67,
    63,
    55,
    47,
    45,
    44,
    35,
    32,
    30,
    28,
    26,
    20,
    19,
    17,
    17,
    16,
    16,
    14,
    12,
    10,
    9,
    7,
    6,
    5,
    4,
    3,
    3,
)
_FREQUENCY = dict(zip(_LETTERS, _SHARES, strict=True))
_FLIP = re.compile(r"[а-яё][А-ЯЁ]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r]")


@dataclass(frozen=True, slots=True)
class Dialect:
    encoding: str
    delimiter: str


def detect(path: Path, encoding: str = "", delimiter: str = "") -> Dialect:
    """Encoding and delimiter by content; what is given stands. Raises ReadFailure."""
    with path.open("rb") as file:
        sample = file.read(_SAMPLE)
    encoding = encoding or detect_encoding(sample)
    if encoding not in ENCODINGS:
        raise ReadFailure(Reason.UNKNOWN_ENCODING, encoding[:40])
    text = sample.decode(encoding, "replace")
    return Dialect(encoding, delimiter or detect_delimiter(text))


def detect_encoding(sample: bytes) -> str:
    if sample.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if sample.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    for cut in range(4):  # the sample may end inside a character
        try:
            sample[: len(sample) - cut].decode()
        except UnicodeDecodeError:
            continue
        return "utf-8"
    best = max(("cp1251", "cp866", "koi8-r", "mac_cyrillic"), key=lambda name: _russian(sample[:_SCORED], name))
    return best if _russian(sample[:_SCORED], best) > 0 else "cp1252"


def _russian(sample: bytes, encoding: str) -> int:
    """How much the decoded bytes beyond ASCII look like Russian: letter frequency, minus case flips inside words."""
    text = sample.decode(encoding, "replace")
    foreign = [c for c in text if c > "\x7f"]
    score = sum(_FREQUENCY.get(c.lower(), 0 if c.lower() in "ъё№«»—–" else -60) for c in foreign)
    return score - 200 * len(_FLIP.findall(text))


def detect_delimiter(text: str) -> str:
    """The one that gives most rows the same number of fields, of more than one."""
    lines = text[: text.rfind("\n") + 1] or text

    def regularity(delimiter: str) -> float:
        try:
            counts = Counter(len(row) for row in csv.reader(io.StringIO(lines), delimiter=delimiter) if row)
        except csv.Error:
            return 0
        if not counts:
            return 0
        fields, rows = counts.most_common(1)[0]
        return rows / counts.total() * (fields - 1)

    best = max(DELIMITERS, key=regularity)
    return best if regularity(best) > 0 else ";"


def read_delimited(
    path: Path, folder: Path, progress: Callable[[int], None], name: str, dialect: Dialect
) -> list[SheetFacts]:
    """Spool the file as one sheet called ``name``. Raises ReadFailure."""
    csv.field_size_limit(limits.MAX_FIELD)
    facts = SheetFacts(name)
    try:
        with path.open(encoding=dialect.encoding, newline="") as file:
            rows = _rows(csv.reader(_without_nul(file), delimiter=dialect.delimiter))
            write_sheet(spool_path(folder, 0), rows, facts, progress, limits.MAX_TEXT_ROWS)
    except UnicodeError as error:
        raise ReadFailure(Reason.UNKNOWN_ENCODING, dialect.encoding) from error
    except csv.Error as error:
        raise ReadFailure(Reason.LONG_FIELD, str(error)) from error
    return [facts]


def _without_nul(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        if "\0" in line:
            raise ReadFailure(Reason.NOT_A_WORKBOOK)
        yield line


def _rows(reader: Iterator[list[str]]) -> Iterator[list[object]]:
    for fields in reader:
        # an apostrophe before = + - @, tab or return guards from being taken for a formula; it is no part of the text
        yield [f[1:] if f[:1] == "'" and _ESCAPED.match(f) else f for f in fields]
