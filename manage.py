#!/usr/bin/env python
"""Commands of the project. Each runs with the embedded PostgreSQL started, unless DATABASE_URL names another."""

import os
import signal
import sys
from contextlib import nullcontext
from types import FrameType

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line

#: Commands that never touch the database.
WITHOUT_DATABASE = {"help", "--help", "-h", "version", "--version", "collectstatic", "makemessages", "compilemessages"}

LONGEST_END = 60  #: seconds


def _terminated(number: int, frame: FrameType | None) -> None:
    """SIGTERM ends the command as Ctrl-C does, so that the server is stopped behind it; at the latest, by SIGALRM."""
    signal.alarm(LONGEST_END)
    sys.exit(128 + number)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "integram.settings")
    signal.signal(signal.SIGTERM, _terminated)
    try:
        from integram import embedded, settings
    except ImproperlyConfigured as error:
        sys.exit(f"Integram cannot start: {error}")
    needs_server = settings.EMBEDDED and not WITHOUT_DATABASE.intersection(sys.argv[1:2] or ["help"])
    try:
        with embedded.running(settings.VAR_DIR) if needs_server else nullcontext():
            execute_from_command_line(sys.argv)
    except embedded.ServerError as error:
        sys.exit(f"Integram cannot start: {error}")


if __name__ == "__main__":
    main()
