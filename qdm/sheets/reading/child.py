"""The child process: ``python -m qdm.sheets.reading.child FILE FOLDER NAME [ENCODING [DELIMITER]]``.

Writes the spool into FOLDER. On standard output one JSON object a line: ``{"total": n}`` once the number of rows is
known, ``{"rows": n}`` as it goes on, at the end ``{"kind": ..., "sheets": [...], "dialect": ...}`` or ``{"failure":
reason, "detail": text}``.
"""

import gc
import resource
import sys
import zipfile
import zlib
from dataclasses import asdict
from pathlib import Path
from typing import Any

import orjson

from qdm.sheets.reading import limits
from qdm.sheets.reading.archive import check_archive
from qdm.sheets.reading.failure import ReadFailure, Reason
from qdm.sheets.reading.sniff import Kind, sniff


def main(arguments: list[str]) -> None:
    gc.disable()  # rows hold no cycles; looking for some takes a tenth of the time
    path, folder, name = Path(arguments[0]), Path(arguments[1]), arguments[2]
    encoding, delimiter = (*arguments[3:], "", "")[:2]
    try:
        say(read(path, folder, name, encoding, delimiter))
    except ReadFailure as failure:
        say({"failure": failure.reason, "detail": failure.detail})
    except MemoryError:
        say({"failure": Reason.MEMORY, "detail": ""})
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        say({"failure": Reason.DAMAGED, "detail": str(error)[:200]})
    except Exception as error:
        sys.stderr.write(f"{type(error).__name__}: {error}"[:2000])
        say({"failure": Reason.DAMAGED, "detail": ""})


def read(path: Path, folder: Path, name: str, encoding: str, delimiter: str) -> dict[str, Any]:
    """Spool the file and describe it. Raises ReadFailure."""
    kind = sniff(path)
    size = path.stat().st_size
    if kind in (Kind.XLSX, Kind.XLSM, Kind.ODS):
        size = check_archive(path)
    confine(size)
    dialect = None
    match kind:
        case Kind.XLSX | Kind.XLSM:
            from qdm.sheets.reading.xlsx import read_xlsx

            sheets = read_xlsx(path, folder, progress, total)
        case Kind.ODS:
            from qdm.sheets.reading.ods import read_ods

            sheets = read_ods(path, folder, progress)
        case Kind.XLS:
            from qdm.sheets.reading.xls import read_xls

            sheets = read_xls(path, folder, progress)
        case Kind.CSV:
            from qdm.sheets.reading.delimited import detect, read_delimited

            dialect = detect(path, encoding, delimiter)
            sheets = read_delimited(path, folder, progress, name, dialect)
    if not any(sheet.cells for sheet in sheets):
        raise ReadFailure(Reason.EMPTY)
    return {
        "kind": kind,
        "sheets": [sheet.as_json() for sheet in sheets],
        "dialect": asdict(dialect) if dialect else None,
    }


def confine(content: int) -> None:
    """Memory and CPU time in proportion to the content: a small file may not take what only a big one needs."""
    memory = min(limits.MEMORY_BASE + limits.MEMORY_FACTOR * content, limits.MEMORY_MAX)
    seconds = int(limits.CPU_BASE + limits.CPU_PER_MIB * content / limits.MIB)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    disk = limits.MEMORY_BASE + 4 * content
    resource.setrlimit(resource.RLIMIT_FSIZE, (disk, disk))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))


def progress(rows: int) -> None:
    say({"rows": rows})


def total(rows: int) -> None:
    say({"total": rows})


def say(message: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE | orjson.OPT_NON_STR_KEYS))
    sys.stdout.buffer.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
