"""``manage.py attach_node_table SLUG --from schema.table``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.errors import QdmError
from qdm.services.attach import attach


class Command(BaseCommand):
    help = "Make a workspace of an existing IntegramDD table (id, up, t, val); ids are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")
        parser.add_argument("--from", dest="source", required=True, metavar="SCHEMA.TABLE")
        parser.add_argument("--title")

    def handle(self, *args: Any, **options: Any) -> None:
        slug = options["slug"]
        try:
            report = attach(slug, options["source"], title=options["title"] or slug)
        except QdmError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{report.nodes} nodes, {report.tables} terms.")
        for found in report.misfits:
            column = f"{found.table} / {found.column}"
            self.stdout.write(f"{column}: {found.records} texts do not fit the type, e.g. record {found.example}")
        for found in report.duplicates:
            self.stdout.write(
                f"{found.table} / {found.column}: {found.records} records hold several values where one is to be, "
                f"e.g. record {found.example}; the last in order is shown"
            )
        if report.dangling:
            self.stdout.write(f"{report.dangling} rows hang on rows that are not there")
        if report.unknown:
            self.stdout.write(f"{report.unknown} cells are of no known column")
