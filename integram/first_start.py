"""What a start does before the server answers: migrations, static files, the first administrator, the demo.

Each step looks first whether it is needed, so that a second start is quick.
"""

import hashlib
import secrets
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

ADMINISTRATOR = "admin"


def migrate() -> bool:
    """Bring the database's tables up to the code. Returns whether there was anything to do."""
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return False
    call_command("migrate", interactive=False, verbosity=0)
    return True


def collect_static() -> bool:
    """Copy, name by content and compress the static files, unless they are the ones collected last."""
    stamp = Path(settings.STATIC_ROOT) / ".collected"
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list(["CVS", ".*", "*~"]):
            state = Path(storage.path(name)).stat()
            digest.update(f"{name} {state.st_size} {state.st_mtime_ns}\n".encode())
    fresh = digest.hexdigest()
    if stamp.exists() and stamp.read_text() == fresh:
        return False
    call_command("collectstatic", interactive=False, verbosity=0, clear=True)
    stamp.write_text(fresh)
    return True


def create_administrator() -> str | None:
    """Make the first user, an administrator. Returns his password, kept nowhere else; None when there are users."""
    users = get_user_model().objects
    if users.exists():
        return None
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMINISTRATOR, password=password)
    return password


def load_demo() -> None:
    """Make the demo's workspaces."""
    call_command("demo", verbosity=0)
