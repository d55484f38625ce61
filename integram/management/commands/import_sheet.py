"""``manage.py import_sheet SLUG FILE``: a workbook becomes tables of a workspace, as the upload page does it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from qdm.access import Access
from qdm.errors import QdmError
from qdm.schema import Schema
from qdm.selectors import structure
from qdm.sheets.at_once import import_file
from qdm.sheets.load import Report
from qdm.sheets.proposal import ROW_NUMBER, ColumnPlan, Proposal, TablePlan

_LISTED = 20  #: problems printed one by one


class Command(BaseCommand):
    help = (
        "Import a workbook (.xlsx, .xlsm, .xls, .ods, .csv) into a workspace. Without --yes only the proposal is shown."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("workspace", metavar="SLUG")
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--sheet", default="", help="only this sheet")
        parser.add_argument("--into", metavar="TERM", help="name or id of the table that takes the rows")
        parser.add_argument("--yes", action="store_true", help="carry the proposal out")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            schema = structure.schema(options["workspace"])
            into = None if options["into"] is None else _term(schema, options["into"])
            access = Access.system(schema, "manage.py import_sheet", via="command")
            self._names = {f"term:{term.id}": term.title for term in schema.terms.values()}
            if not options["file"].is_file():
                raise CommandError(_("There is no file %(path)s.") % {"path": options["file"]})

            def accept(plan: Proposal) -> Proposal | None:
                self._show(plan)
                return plan if options["yes"] else None

            _plan, report = import_file(
                options["file"], access=access, accept=accept, sheet=options["sheet"], into=into
            )
        except QdmError as error:
            raise CommandError(str(error)) from error
        if report is None:
            self.stdout.write(_("Nothing is written yet: add --yes to import this."))
        else:
            self._tell(report)

    def _show(self, plan: Proposal) -> None:
        names = self._names | {t.key: t.name for t in plan.tables} | {d.key: d.name for d in plan.directories}
        for table in plan.tables:
            if table.skip:
                self.stdout.write(_("Sheet “%(sheet)s”: left out") % {"sheet": table.sheet})
                continue
            self.stdout.write(
                _("Sheet “%(sheet)s” → table “%(table)s”, %(rows)d rows")
                % {"sheet": table.sheet, "table": table.name, "rows": table.rows}
            )
            for column in table.columns:
                self.stdout.write(f"    {column.name}: {_described(table, column, names)}")
            if table.main == ROW_NUMBER:
                self.stdout.write("    " + _("The rows are numbered."))
        for note in plan.notes:
            self.stdout.write(note)

    def _tell(self, report: Report) -> None:
        for table in report.tables:
            self.stdout.write(
                _("Table “%(table)s” (%(term)d): %(rows)d rows, %(stored)d cells stored, %(blanks)d blank")
                % {
                    "table": table.name,
                    "term": table.term,
                    "rows": table.rows,
                    "stored": table.stored,
                    "blanks": table.blanks,
                }
            )
        for problem in report.problems.items[:_LISTED]:
            self.stdout.write("  {sheet}, {row}, {column}: {value}: {problem}".format(**problem))
        if report.problems.count > _LISTED:
            self.stdout.write(_("… %(count)d problems in all") % {"count": report.problems.count})


def _term(schema: Schema, name: str) -> int:
    """By id or by name. Raises CommandError."""
    term = schema.terms.get(int(name)) if name.isdigit() else None
    term = term or schema.by_name.get(name.casefold())
    if term is None:
        raise CommandError(_("There is no table “%(name)s”.") % {"name": name})
    return term.id


def _described(table: TablePlan, column: ColumnPlan, names: dict[str, str]) -> str:
    if column.skip:
        return _("left out")
    words = [_("link to “%(table)s”") % {"table": names[column.target]} if column.target else column.base.name]
    if column.index == table.main:
        words.append(_("names the rows"))
    words.append(f"{column.fit:.0%}")
    if column.unique:
        words.append("UNIQUE")
    if column.required:
        words.append("NOT NULL")
    return ", ".join(words)
