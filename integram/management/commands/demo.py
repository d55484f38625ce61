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
from rbac.models import User
from rbac.workspaces import create_workspace


@dataclass(frozen=True, slots=True)
class Case:
    """A workspace of the demo and the workbook in ``demo/`` it is made of."""

    slug: str
    title: str
    workbook: str


#: The titles are data, as the workbooks are: in Russian.
CASES = (
    Case("recruiting", "Кадровое агентство", "recruiting.xlsx"),
    Case("plants", "Производство", "production.xlsx"),
    Case("shops", "Мои магазины", "shops.xlsx"),
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
        _plan, report = import_file(settings.BASE_DIR / "demo" / case.workbook, access=_access(case))
    assert report is not None
    return report


def _access(case: Case) -> Access:
    return Access.system(structure.schema(case.slug), "manage.py demo", via="command")
