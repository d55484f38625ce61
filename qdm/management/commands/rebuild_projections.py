"""``manage.py rebuild_projections SLUG``."""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.errors import QdmError
from qdm.services import projections

#: Rows of one table after which a line is printed.
EVERY = 500_000


class Command(BaseCommand):
    help = "Make every projection of a workspace anew from its nodes, while everybody goes on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        rows: Counter[int] = Counter()

        def tell(term: int, more: int) -> None:
            before, rows[term] = rows[term], rows[term] + more
            if before // EVERY != rows[term] // EVERY:
                self.stdout.write(f"t_{term}: {rows[term]:,} rows")

        try:
            made = projections.rebuild(options["slug"], tell)
        except QdmError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} projections made.")
