"""``manage.py empty_trash [SLUG] [--days N]``: erase what has been in the trash long enough."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integram.emptying import empty_all
from qdm.models import Workspace


class Command(BaseCommand):
    help = "Erase what has been in the trash of a workspace, or of all, longer than so many days."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", nargs="?")
        parser.add_argument("--days", type=int, default=settings.TRASH_DAYS or None, help="default: TRASH_DAYS")

    def handle(self, *args: Any, **options: Any) -> None:
        slug, days = options["slug"], options["days"]
        if days is None or days < 0:
            raise CommandError(_("TRASH_DAYS is 0, the trash is kept: name the days."))
        if slug is not None and not Workspace.objects.filter(slug=slug).exists():
            raise CommandError(_("There is no workspace “%(slug)s”.") % {"slug": slug})
        for name, done in empty_all(days, slug).items():
            self.stdout.write(_("%(slug)s: %(erased)d nodes erased.") % {"slug": name, "erased": done.erased})
            if done.undated:
                text = ngettext(
                    "%(slug)s: %(kept)d thing kept: the history does not reach back %(days)d days, so nobody knows "
                    "whether it has been in the trash for so long.",
                    "%(slug)s: %(kept)d things kept: the history does not reach back %(days)d days, so nobody knows "
                    "whether they have been in the trash for so long.",
                    done.undated,
                )
                self.stdout.write(text % {"slug": name, "kept": done.undated, "days": days})
