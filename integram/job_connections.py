"""What a job of the worker asks the database with."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import close_old_connections


@contextmanager
def fresh_connections() -> Iterator[None]:
    """Nothing that broke since the job before, nothing left over for the next; also a decorator."""
    close_old_connections()
    try:
        yield
    finally:
        close_old_connections()
