"""The promise of storage: every projection equals its rebuild."""

from django.db import connection


def differences(workspace: str) -> list[tuple[object, ...]]:
    """Rows in which the projections and the catalogue of a workspace differ from what a rebuild would make."""
    with connection.cursor() as cursor:
        cursor.execute("select * from qdm.check(%s) limit 20", [f"ws_{workspace}"])
        return cursor.fetchall()


def assert_whole(workspace: str) -> None:
    assert differences(workspace) == []
