"""``manage.py restore_workspace FILE [--as SLUG]``: a workspace out of its archive, all of it or nothing."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integram import archive
from qdm.errors import QdmError


class Command(BaseCommand):
    help = "Make a workspace of an archive that dump_workspace wrote."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--as", dest="slug", metavar="SLUG", help="another short name, beside the one that is there"
        )
        parser.add_argument(
            "--make-people",
            action="store_true",
            help="make users and groups that have grants and are not here: users inactive and without a password",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            restored = archive.restore(options["file"], slug=options["slug"], make_people=options["make_people"])
        except QdmError as error:
            raise CommandError(str(error)) from error
        for note in restored.notes:
            self.stdout.write(note)
        self.stdout.write(
            _("%(title)s (%(slug)s) is restored.")
            % {"title": restored.workspace.title, "slug": restored.workspace.slug}
        )
