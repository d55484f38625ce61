"""Files that nothing names any more go: no cell, no trash, nothing of the history that could be taken back."""

import logging
from datetime import datetime

from django.db import transaction

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.models import StoredFile
from qdm.selectors.files import path_of
from qdm.sql import statement
from qdm.types import files

logger = logging.getLogger("qdm.files")

#: Keys looked for at a time.
AT_ONCE = 5000


def sweep(before: datetime, *, access: Access) -> int:
    """Delete the files kept before that moment which no text names; how many there were. Raises Forbidden.

    Younger ones stay: their text may still wait in an open sheet for being written.
    """
    access.require(Action.MANAGE)
    known = StoredFile.objects.filter(workspace__slug=access.workspace, created_at__lt=before)
    keys = list(known.values_list("key", flat=True))
    gone = 0
    for start in range(0, len(keys), AT_ONCE):
        gone += _sweep(keys[start : start + AT_ONCE], access)
    return gone


@transaction.atomic
def _sweep(keys: list[str], access: Access) -> int:
    bases = sorted(int(base) for base in files.HOLDERS)
    keys = _without(keys, "files_named_now", {"bases": bases}, access)
    keys = keys and _without(keys, "files_named_ever", {"form": f"{files.KEY}$", "inside": f'{files.KEY}"'}, access)
    if keys:
        StoredFile.objects.filter(workspace__slug=access.workspace, key__in=keys).delete()
        transaction.on_commit(lambda: _unlink(keys, access.workspace))
    return len(keys)


def _without(keys: list[str], name: str, values: dict[str, object], access: Access) -> list[str]:
    """Those that the statement does not find."""
    found = statements.rows(statement(name, ws=access.schema.pg_schema), {"keys": keys, **values})
    named = {row[0] for row in found}
    return [key for key in keys if key not in named]


def _unlink(keys: list[str], workspace: str) -> None:
    for key in keys:
        try:
            path_of(workspace, key).unlink(missing_ok=True)
        except OSError:
            logger.warning("the file %s of %s could not be deleted", key, workspace, exc_info=True)
