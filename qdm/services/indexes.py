"""Indexes, and ladders beside them, follow what people ask by. The worker's job; shows nothing of anybody's data."""

import logging

from qdm.errors import QdmError
from qdm.managers import indexing, ladders
from qdm.managers.indexing import Tended
from qdm.models import Workspace

logger = logging.getLogger(__name__)


def tend_all() -> dict[str, Tended]:
    """Every workspace in turn: slug -> what was made and dropped. One that fails keeps no other back."""
    indexing.forget()
    done = {}
    for workspace in Workspace.objects.order_by("pk"):
        try:
            tended = indexing.tend(workspace.pg_schema)
            ladders.tend(workspace.pg_schema)
        except QdmError:  # two columns that became alike, a server that is stopped: the next time again
            logger.warning("indexes of %s were not finished", workspace.slug, exc_info=True)
            continue
        if tended.made or tended.dropped:
            done[workspace.slug] = tended
    return done
