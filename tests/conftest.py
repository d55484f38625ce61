"""The database server for the tests, shared by all runs on this machine that use the same VAR_DIR."""

import re
from collections.abc import Iterator
from contextlib import nullcontext, suppress

import psutil
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from integram import embedded
from video import runtime

#: The tests' data may be lost with the machine: nothing waits for the disk.
FAST = (("fsync", "off"), ("synchronous_commit", "off"), ("full_page_writes", "off"), ("max_connections", "400"))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> Iterator[None]:
    """Runs before pytest-django makes its database, and ends after it is dropped."""
    with embedded.running(settings.VAR_DIR, FAST) if settings.EMBEDDED else nullcontext() as server:
        if server is not None:
            _drop_leftovers(server)
        yield


def _drop_leftovers(server: embedded.Server) -> None:
    """Drop the databases of runs that were killed: those named for a process that is gone."""
    with psycopg.connect(server.conninfo(), autocommit=True) as connection:
        names = connection.execute(
            "SELECT datname FROM pg_database WHERE datname LIKE 'test\\_integram\\_%'"
        ).fetchall()
        for (name,) in names:
            owner = re.match(r"test_integram_(\d+)", name)
            if owner and not psutil.pid_exists(int(owner[1])):
                with suppress(psycopg.Error):  # another run drops it at the same time
                    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_teardown() -> None:
    """The video engine that a page woke in this process ends with its test, while the database may still be asked."""
    runtime.stop()
