"""``manage.py demo``: three workspaces to look at, made of the workbooks in ``demo/`` the way a user imports them."""

import time
from argparse import ArgumentParser
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from integram import demo_people
from qdm.access import Access
from qdm.errors import QdmError
from qdm.models import Workspace
from qdm.selectors import structure
from qdm.sheets.at_once import import_file
from qdm.sheets.load import Report
from qdm.sheets.proposal import Proposal
from rbac.models import User
from rbac.workspaces import create_workspace


@dataclass(frozen=True, slots=True)
class Case:
    """A workspace of the demo and the workbook in ``demo/`` it is made of.

    ``owners``: (sheet, column whose link owns its rows) of the sheets that become sub-tables.
    """

    slug: str
    title: str
    workbook: str
    owners: tuple[tuple[str, str], ...] = ()

    def revise(self, plan: Proposal) -> Proposal:
        """What a user changes in the proposal before he says yes."""
        owners = dict(self.owners)
        parents = {t.key: c.index for t in plan.tables for c in t.columns if owners.get(t.sheet) == c.header}
        return plan.with_edits({"tables": {key: {"parent": index} for key, index in parents.items()}})


#: The titles are data, as the workbooks are: in Russian.
CASES = (
    Case("recruiting", "Кадровое агентство", "recruiting.xlsx", (("Интервью", "Кандидат"),)),
    Case("plants", "Производство", "production.xlsx"),
    Case("shops", "Мои магазины", "shops.xlsx", (("Позиции заказа", "Заказ"),)),
)


class Command(BaseCommand):
    help = "Import the demo's workbooks into three workspaces. What is there already stays as it is."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--people",
            action="store_true",
            help="also make a recruiter and a manager of the agency, who see different things; prints their passwords",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        owner = User.objects.filter(is_superuser=True, is_active=True).order_by("pk").first()
        for case in CASES:
            if Workspace.objects.filter(slug=case.slug).exists():
                self._say(_("%(title)s (%(slug)s): there already") % {"title": case.title, "slug": case.slug}, options)
                continue
            started = time.monotonic()
            try:
                report = load_case(case, owner)
            except QdmError as error:
                raise CommandError(f"{case.workbook}: {error}") from error
            self._say(
                _("%(title)s (%(slug)s): %(tables)d tables, %(rows)d rows in %(seconds).1f s")
                % {
                    "title": case.title,
                    "slug": case.slug,
                    "tables": len(report.tables),
                    "rows": sum(table.rows for table in report.tables),
                    "seconds": time.monotonic() - started,
                },
                options,
            )

        if options["people"]:
            access = _access(CASES[0])
            for person in demo_people.create(access):
                self.stdout.write(f"{person.username} {person.password}  {person.who}")

    def _say(self, line: str, options: dict[str, Any]) -> None:
        if options["verbosity"]:
            self.stdout.write(line)


def load_case(case: Case, owner: User | None) -> Report:
    """Make the workspace and import its workbook: all of it or nothing."""
    with transaction.atomic():
        create_workspace(case.slug, case.title, owner)
        workbook = settings.BASE_DIR / "demo" / case.workbook
        _plan, report = import_file(workbook, access=_access(case), accept=case.revise)
    assert report is not None
    return report


def _access(case: Case) -> Access:
    return Access.system(structure.schema(case.slug), "manage.py demo", via="command")
