"""A grant that is made while its row is renamed repeats the new name."""

import threading

import pytest
from django.db import connection, transaction

from qdm.access import Access, Action
from qdm.managers import statements
from qdm.selectors import records as reading
from qdm.services import records, workspaces
from qdm.sql import statement
from rbac import grants
from rbac.models import User
from tests.rbac.test_rows_there import differing
from tests.rbac.world import agency


@pytest.mark.django_db(transaction=True)
def test_a_grant_waits_for_who_is_renaming_its_row() -> None:
    a = agency("renaming")
    try:
        anna = User.objects.create_user("anna")
        root = Access.system(a.world.schema, "tests")
        place = grants.on_record(a.candidates[0], access=root)
        # The first batch would have the table of nodes for itself, to index it.
        statements.row(statement("index_nodes"), {"ws": "ws_renaming"})
        begun, renamed = threading.Event(), threading.Event()

        def rename() -> None:
            with transaction.atomic():
                records.update(a.candidates[0], {a.candidate: "Другой"}, access=root)
                begun.set()
                # Until the other one waits for this transaction, or is done without having waited.
                waiting = (
                    "select count(*) from pg_stat_activity"
                    " where wait_event_type = 'Lock' and pg_backend_pid() = any(pg_blocking_pids(pid))"
                )
                while not renamed.wait(0.02):
                    with connection.cursor() as cursor:
                        cursor.execute(waiting)
                        if cursor.fetchone()[0]:
                            break
            connection.close()

        thread = threading.Thread(target=rename)
        thread.start()
        assert begun.wait(30)
        grants.grant(anna, [Action.VIEW], place, access=root)
        renamed.set()
        thread.join(30)
        assert reading.get(a.candidates[0], access=root).val == "Другой"
        assert not differing(a, a.candidate)
    finally:
        workspaces.drop("renaming", "renaming")
