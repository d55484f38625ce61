"""``manage.py create_workspace SLUG --title T [--owner USER]``: a new, empty workspace."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.errors import QdmError
from rbac.models import User
from rbac.workspaces import create_workspace


class Command(BaseCommand):
    help = "Create a workspace; its owner gets the right to manage it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("slug", help="short name in addresses: latin letters, digits, underscore")
        parser.add_argument("--title", required=True, help="name for people")
        parser.add_argument("--owner", metavar="USER", help="sign-in name of the owner")

    def handle(self, *args: Any, slug: str, title: str, owner: str | None, **options: Any) -> None:
        user = None
        if owner is not None:
            user = User.objects.filter(username__iexact=owner).first()
            if user is None:
                raise CommandError(f"There is no user {owner!r}.")
        try:
            create_workspace(slug, title, user)
        except QdmError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Workspace {slug} is created.")
