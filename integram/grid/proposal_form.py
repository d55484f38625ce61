"""The proposal of an import as a form: what it shows, and what came back from it as edits of the proposal."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from integram.grid import reading_locale
from integram.grid.column_kinds import KINDS
from qdm.schema import Term
from qdm.sheets.preview import Preview, preview
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan
from qdm.types.registry import codec

#: Choices of a column's type: ``base:<number>`` or ``link:<key of a table or directory, or term:id>``.
BASE, LINK = "base:", "link:"
NEW = ""  #: choice of "a new table"
SHOWN_ROWS = 6
SAMPLES = 3

Choices = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ColumnLine:
    """One column in the form. ``field``: prefix of its inputs; ``kind``: the chosen type; ``percent`` that fit it."""

    plan: ColumnPlan
    field: str
    kind: str
    is_main: bool
    percent: int
    samples: str


@dataclass(frozen=True, slots=True)
class TableForm:
    """One sheet in the form. ``mains``: columns that can name its rows; ``homes``: new or a table there is."""

    plan: TablePlan
    field: str
    columns: tuple[ColumnLine, ...]
    links: Choices
    mains: Choices
    homes: Choices
    preview: Preview

    @property
    def home(self) -> str:
        return NEW if self.plan.into is None else str(self.plan.into)

    @property
    def main(self) -> str:
        return str(self.plan.main)

    @property
    def rows(self) -> tuple[Any, ...]:
        return self.preview.rows[:SHOWN_ROWS]


@dataclass(frozen=True, slots=True)
class DirectoryForm:
    key: str
    field: str
    name: str


def kinds() -> Choices:
    """The types of values a column can have."""
    return [(f"{BASE}{int(base)}", kind.label) for base, kind in KINDS.items() if kind.label]


def tables(plan: Proposal, terms: list[Term]) -> list[TableForm]:
    """``terms``: the tables of the workspace, to link to and to fill."""
    homes = [(NEW, _("a new table")), *((str(term.id), term.title) for term in terms)]
    there = [(f"{LINK}term:{term.id}", term.title) for term in terms]
    return [
        TableForm(
            table,
            field=f"t{at}",
            columns=tuple(_line(column, table, f"t{at}c{column.index}") for column in table.columns),
            links=[*_links(plan, table), *there],
            mains=_mains(table),
            homes=homes,
            preview=preview(table, reading_locale.current()),
        )
        for at, table in enumerate(plan.tables)
    ]


def directories(plan: Proposal) -> list[DirectoryForm]:
    return [DirectoryForm(d.key, f"d{at}", d.name) for at, d in enumerate(plan.directories)]


def _line(column: ColumnPlan, table: TablePlan, field: str) -> ColumnLine:
    kind = f"{LINK}{column.target}" if column.target else f"{BASE}{int(column.base)}"
    shown = codec(column.base).display if not column.target else lambda text, _locale: text
    samples = " · ".join(shown(text, reading_locale.current()) for text in column.samples[:SAMPLES])
    return ColumnLine(column, field, kind, column.index == table.main, int(column.fit * 100), samples)


def _links(plan: Proposal, table: TablePlan) -> Choices:
    """The tables of the same file one can link to, and the directories made of repeated text."""
    others = [(t.key, t.name) for t in plan.tables if t.key != table.key and not t.skip]
    made = [(d.key, _("%(name)s (new list)") % {"name": d.name}) for d in plan.directories]
    return [(f"{LINK}{key}", name) for key, name in (*others, *made)]


def _mains(table: TablePlan) -> Choices:
    named = [(str(c.index), c.name) for c in table.columns if not c.skip]
    return [*named, (str(ROW_NUMBER), _("the number of the row"))]


def edits(plan: Proposal, sent: QueryDict) -> dict[str, Any]:
    """What the form says, for ``Proposal.with_edits``. A value that cannot be is that one's to refuse."""
    return {
        "tables": {table.key: _table_edits(table, f"t{at}", sent) for at, table in enumerate(plan.tables)},
        "directories": {
            directory.key: {"name": sent[f"d{at}-name"]}
            for at, directory in enumerate(plan.directories)
            if f"d{at}-name" in sent
        },
    }


def _table_edits(table: TablePlan, field: str, sent: QueryDict) -> dict[str, Any]:
    changes: dict[str, Any] = {"skip": f"{field}-keep" not in sent}
    for name in ("name", "main", "into"):
        if f"{field}-{name}" in sent:
            changes[name] = sent[f"{field}-{name}"]
    changes["columns"] = {
        str(column.index): _column_edits(column, f"{field}c{column.index}", sent) for column in table.columns
    }
    return changes


def _column_edits(column: ColumnPlan, field: str, sent: QueryDict) -> Mapping[str, Any]:
    changes: dict[str, Any] = {
        "skip": f"{field}-keep" not in sent,
        "unique": f"{field}-unique" in sent,
        "required": f"{field}-required" in sent,
    }
    if f"{field}-name" in sent:
        changes["name"] = sent[f"{field}-name"]
    kind = sent.get(f"{field}-kind", "")
    if kind.startswith(BASE):
        changes |= {"base": kind.removeprefix(BASE), "target": "", "match": None}
    elif kind.startswith(LINK) and kind.removeprefix(LINK) != column.target:
        changes |= {"target": kind.removeprefix(LINK), "match": None}
    return changes


def reading_options(sent: QueryDict) -> dict[str, Any]:
    """How to read the file again, for ``imports.reread``: rows of the headings are typed from 1, 0 for none."""
    rows = {name.removeprefix("header-"): sent.get(name, "") for name in sent if name.startswith("header-")}
    headers = {sheet: int(row) - 1 for sheet, row in rows.items() if row.isascii() and row.isdigit() and len(row) < 8}
    return {name: sent.get(name, "") for name in ("encoding", "delimiter")} | {"headers": headers}
