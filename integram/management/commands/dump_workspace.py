"""``manage.py dump_workspace SLUG -o FILE``: one workspace as a file, while people work in it."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from integram import archive
from qdm.models import Workspace


class Command(BaseCommand):
    help = "Write a workspace with its history, rights, streams and files to an archive; --all: each workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?", help="short name of the workspace")
        parser.add_argument(
            "--all", action="store_true", help="every workspace, SLUG.integram in the folder named by -o"
        )
        parser.add_argument("-o", "--output", type=Path, required=True, metavar="FILE")

    def handle(self, *args: Any, **options: Any) -> None:
        output: Path = options["output"]
        if options["all"] == bool(options["slug"]):
            raise CommandError(_("Name one workspace, or --all."))
        if options["all"]:
            output.mkdir(parents=True, exist_ok=True)
            for workspace in Workspace.objects.order_by("slug"):
                self._dump(workspace, output / f"{workspace.slug}.integram")
            return
        found = Workspace.objects.filter(slug=options["slug"]).first()
        if found is None:
            raise CommandError(_("There is no workspace “%(slug)s”.") % {"slug": options["slug"]})
        self._dump(found, output)

    def _dump(self, workspace: Workspace, path: Path) -> None:
        try:
            size = archive.dump(workspace, path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror}") from error
        self.stdout.write(
            _("%(title)s (%(slug)s): %(size).1f MB in %(path)s")
            % {"title": workspace.title, "slug": workspace.slug, "size": size / 1e6, "path": path}
        )
