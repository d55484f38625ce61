"""What an import will do, as values: proposed by the program, edited by the user, stored as JSON with the job."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.utils.translation import gettext as _

from qdm.sheets.errors import BadMapping
from qdm.types.base import BaseType, Locale

#: Column index of the main value where the rows are numbered instead.
ROW_NUMBER = -1


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """One column of a sheet.

    What the user may change: ``name``, ``base``, ``target`` (key of a ``TablePlan`` or ``DirectoryPlan``, or
    ``term:<id>`` of an existing table; '' for no link), ``match`` (index of the target's column that is compared, None
    for its main value), ``skip``, ``unique``, ``required``. What was found: the rest. ``fit`` is the share of values
    (neither blank nor error) that fit ``base``, looked at in a sample; ``filled``, ``blanks``, ``errors`` are counted
    in the whole sheet, ``is_unique`` says that the whole sheet repeats none of its values. ``unit`` is the sign of
    texts that becomes no part of the number, ``shown_as`` the one the file's number format shows, ``zeros`` the digits
    a number is padded to.
    """

    index: int
    header: str
    name: str
    base: BaseType
    target: str = ""
    match: int | None = None
    skip: bool = False
    unique: bool = False
    required: bool = False
    kind: str = "text"
    fit: float = 1.0
    filled: int = 0
    blanks: int = 0
    errors: int = 0
    is_unique: bool = False
    distinct: int | None = None
    unit: str = ""
    shown_as: str = ""
    zeros: int = 0
    language: str = "ru"
    day_first: bool = True
    samples: tuple[str, ...] = ()

    @property
    def locale(self) -> Locale:
        """How the numbers and dates of this column are to be read."""
        return Locale(self.language, self.day_first)


@dataclass(frozen=True, slots=True)
class FormulaNote:
    """Formulas of a column, taken by value. ``without_value``: those the file has no value of."""

    column: int
    count: int
    example: str
    without_value: int = 0


@dataclass(frozen=True, slots=True)
class TablePlan:
    """One sheet. ``main``: index of the column that is the main value, ROW_NUMBER to number the rows.

    ``parent``: index of the column whose link owns the rows, which makes them a sub-table of its target; None for a
    table of its own. The user may set it.

    ``into``: id of the existing table that takes the rows, None for a new one. ``header``, ``first_row``: from 0;
    ``rows``: data rows. ``fill``: columns whose merged cells are repeated downwards. ``sample``: the first data rows,
    as in the spool.
    """

    key: str
    sheet: str
    name: str
    columns: tuple[ColumnPlan, ...]
    main: int = ROW_NUMBER
    parent: int | None = None
    skip: bool = False
    into: int | None = None
    visible: bool = True
    header: int = -1
    first_row: int = 0
    rows: int = 0
    title: str = ""
    merged: tuple[tuple[int, int, int, int], ...] = ()
    formulas: tuple[FormulaNote, ...] = ()
    sample: tuple[list[Any], ...] = ()

    @property
    def number(self) -> int:
        """Number of the sheet in the spool."""
        return int(self.key.removeprefix("sheet:"))

    @property
    def kept(self) -> tuple[ColumnPlan, ...]:
        """The columns that become requisites: not skipped, not the main value, not the owner of the rows."""
        return tuple(c for c in self.columns if not c.skip and c.index not in (self.main, self.parent))

    @property
    def owner(self) -> ColumnPlan | None:
        """The column that names the row of another table each row belongs to."""
        return None if self.parent is None else self.column(self.parent)

    @property
    def links(self) -> tuple[ColumnPlan, ...]:
        """The columns that name rows of other tables, the owner among them."""
        owner = () if self.owner is None else (self.owner,)
        return (*owner, *(c for c in self.kept if c.target))

    def column(self, index: int) -> ColumnPlan:
        """Raises BadMapping for an index the sheet does not have."""
        for column in self.columns:
            if column.index == index:
                return column
        raise BadMapping(_("The sheet “%(sheet)s” has no column %(index)s.") % {"sheet": self.sheet, "index": index})


@dataclass(frozen=True, slots=True)
class DirectoryPlan:
    """A table made of the distinct values of the columns that link to it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """What an import of a file will do. ``notes``: sentences for the user about what the file has and will lose."""

    file: str
    kind: str
    tables: tuple[TablePlan, ...]
    directories: tuple[DirectoryPlan, ...] = ()
    encoding: str = ""
    delimiter: str = ""
    notes: tuple[str, ...] = field(default=())

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Proposal":
        """Raises BadMapping for anything that is not what ``as_json`` gives."""
        try:
            return cls(
                str(data["file"]),
                str(data["kind"]),
                tuple(_table(table) for table in data["tables"]),
                tuple(DirectoryPlan(str(d["key"]), str(d["name"])) for d in data["directories"]),
                str(data["encoding"]),
                str(data["delimiter"]),
                tuple(map(str, data["notes"])),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadMapping from error

    def with_edits(self, edits: Mapping[str, Any]) -> "Proposal":
        """The proposal with what the user changed, and nothing else of it.

        ``edits``: ``{"tables": {key: {"name", "skip", "main", "parent", "into", "columns": {index: {"name", "base",
        "target", "match", "skip", "unique", "required"}}}}, "directories": {key: {"name"}}}``; everything is optional.
        Raises BadMapping for a key or a value that is not one.
        """
        try:
            tables = edits.get("tables", {})
            directories = edits.get("directories", {})
            _require_known(tables, {t.key for t in self.tables})
            _require_known(directories, {d.key for d in self.directories})
            return replace(
                self,
                tables=tuple(_edited_table(t, tables.get(t.key, {})) for t in self.tables),
                directories=tuple(replace(d, **_text_only(directories.get(d.key, {}))) for d in self.directories),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadMapping from error


def _require_known(keys: Mapping[str, Any], known: set[str]) -> None:
    if unknown := set(keys) - known:
        raise BadMapping(_("The file has no part “%(key)s”.") % {"key": min(unknown)})


def _text_only(edits: Mapping[str, Any]) -> dict[str, str]:
    return {"name": str(edits["name"])} if "name" in edits else {}


def _optional_int(value: Any) -> int | None:
    return None if value in (None, "") else int(value)


_TABLE_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "name": str,
    "skip": bool,
    "main": int,
    "parent": _optional_int,
    "into": _optional_int,
}
_COLUMN_FIELDS: Mapping[str, Callable[[Any], Any]] = {
    "name": str,
    "base": lambda value: BaseType(int(value)),
    "target": str,
    "match": _optional_int,
    "skip": bool,
    "unique": bool,
    "required": bool,
}


def _edited_table(table: TablePlan, edits: Mapping[str, Any]) -> TablePlan:
    columns = {int(index): changes for index, changes in edits.get("columns", {}).items()}
    _require_known({str(i): i for i in columns}, {str(c.index) for c in table.columns})
    changes = {name: read(edits[name]) for name, read in _TABLE_FIELDS.items() if name in edits}
    return replace(table, **changes, columns=tuple(_edited_column(c, columns.get(c.index, {})) for c in table.columns))


def _edited_column(column: ColumnPlan, edits: Mapping[str, Any]) -> ColumnPlan:
    return replace(column, **{name: read(edits[name]) for name, read in _COLUMN_FIELDS.items() if name in edits})


def _table(data: Mapping[str, Any]) -> TablePlan:
    return TablePlan(
        **{
            **data,
            "columns": tuple(_column(column) for column in data["columns"]),
            "merged": tuple(tuple(area) for area in data["merged"]),
            "formulas": tuple(FormulaNote(**note) for note in data["formulas"]),
            "sample": tuple(data["sample"]),
        }
    )


def _column(data: Mapping[str, Any]) -> ColumnPlan:
    return ColumnPlan(**{**data, "base": BaseType(data["base"]), "samples": tuple(data["samples"])})
