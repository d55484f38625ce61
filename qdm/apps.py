"""The data model as a Django app."""

import logging
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.signals import request_finished
from django.db import Error, connection

from qdm.managers import column_uses

logger = logging.getLogger(__name__)


class QdmConfig(AppConfig):
    """The data model: nodes, projections, history."""

    name = "qdm"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        request_finished.connect(_write_uses)


def _write_uses(**_of: Any) -> None:
    """Statistics are written after the answer, on a connection that is given back."""
    if not settings.COUNT_COLUMN_USES or not column_uses.due():
        return
    try:
        column_uses.write()
    except Error:
        logger.warning("statistics of columns were not written", exc_info=True)
    finally:
        if not connection.in_atomic_block:
            connection.close()
