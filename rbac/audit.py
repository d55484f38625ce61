"""Who changes rights: told to the database, whose triggers write the log (rbac/sql/access_log.sql)."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from rbac.sql import text


@contextmanager
def acting(user_id: int | None) -> Iterator[None]:
    """One transaction whose changes of rights are logged as this user's; None for the system."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(text("actor"), ["" if user_id is None else str(user_id)])
        yield
