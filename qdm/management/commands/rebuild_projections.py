"""``manage.py rebuild_projections SLUG``."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.errors import QdmError
from qdm.services import projections


class Command(BaseCommand):
    help = "Drop and make again every projection of a workspace from its nodes."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            made = projections.rebuild(options["slug"])
        except QdmError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{made} terms read, projections made.")
