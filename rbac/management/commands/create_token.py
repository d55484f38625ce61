"""``manage.py create_token USER [--workspace SLUG] [--read-only]``: prints the token and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from qdm.models import Workspace
from rbac import tokens
from rbac.models import User


class Command(BaseCommand):
    help = "Create an API token of a user and print it. It is shown this once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="sign-in name")
        parser.add_argument("--workspace", metavar="SLUG", help="the token opens only this workspace")
        parser.add_argument("--read-only", action="store_true", help="the token may only read")

    def handle(self, *args: Any, user: str, workspace: str | None, read_only: bool, **options: Any) -> None:
        owner = User.objects.filter(username__iexact=user).first()
        if owner is None:
            raise CommandError(f"There is no user {user!r}.")
        if not owner.is_active:
            raise CommandError(f"The user {user!r} is not active, a token would not open anything.")
        only = None
        if workspace is not None:
            only = Workspace.objects.filter(slug=workspace).first()
            if only is None:
                raise CommandError(f"There is no workspace {workspace!r}.")
        self.stdout.write(tokens.create(owner, workspace=only, read_only=read_only))
