"""``manage.py check_projections SLUG``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.errors import QdmError
from qdm.services import projections


class Command(BaseCommand):
    help = "Prove that every projection of a workspace equals a rebuild; exit 1 and name the differences if not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            differences = projections.check(options["slug"])
        except QdmError as error:
            raise CommandError(str(error)) from error
        for term_id, record, problem in differences:
            self.stderr.write(f"t_{term_id} record {record or '-'}: {problem}")
        if differences:
            raise CommandError("The projections differ from a rebuild. Run rebuild_projections.")
        self.stdout.write("All projections equal a rebuild.")
