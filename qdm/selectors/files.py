"""Files of cells, for who may read the cell."""

from collections.abc import Iterable
from pathlib import Path
from typing import IO

from django.conf import settings

from qdm.access import Access
from qdm.errors import NotFound
from qdm.models import StoredFile
from qdm.record import CellValue
from qdm.selectors import records
from qdm.types import files
from qdm.types.files import HOLDERS


def root(workspace: str) -> Path:
    """Where the files of a workspace lie."""
    return Path(settings.VAR_DIR) / "cells" / workspace


def path_of(workspace: str, key: str) -> Path:
    return root(workspace) / key[:2] / key


def of_cell(
    record_id: int, requisite_id: int, key: str | None = None, *, access: Access
) -> tuple[StoredFile, IO[bytes]]:
    """The file with this key in the cell (None: its first), open. Raises NotFound, the same for a row or column one
    does not see, for a cell without such a file and for a file that is gone."""
    requisite = access.schema.requisites.get(requisite_id)
    if requisite is None or requisite.base not in HOLDERS:
        raise NotFound
    found = records.by_ids(requisite.term_id, [record_id], access=access, fields=(requisite_id,))
    texts = _texts(found[0].cells.get(requisite_id)) if found else []
    keys = [named[1] for text in texts if (named := files.parts(text))]
    if key is not None:
        keys = [one for one in keys if one == key]
    stored = StoredFile.objects.filter(workspace__slug=access.workspace, key__in=keys[:1]).first()
    if stored is None:
        raise NotFound
    try:
        return stored, path_of(access.workspace, stored.key).open("rb")
    except FileNotFoundError:
        raise NotFound from None


def pictures(texts: Iterable[str], *, access: Access) -> frozenset[str]:
    """The keys of those of the files named that may be shown as pictures. The texts are of cells the actor has read."""
    keys = [found[1] for text in texts if (found := files.parts(text))]
    if not keys:
        return frozenset()
    shown = StoredFile.objects.filter(workspace__slug=access.workspace, key__in=keys).exclude(kind="")
    return frozenset(shown.values_list("key", flat=True))


def _texts(cell: CellValue | None) -> list[str]:
    return [one for one in (cell if isinstance(cell, tuple) else (cell,)) if isinstance(one, str)]
