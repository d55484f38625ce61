"""The sheet sends a write again whose answer was lost: it is carried out once."""

import json
import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.test import Client
from django.urls import reverse

from qdm.query.ast import Query
from qdm.selectors import records
from rbac.models import User
from tests.grid.staff import SLUG, Staff


def send(client: Client, staff: Staff, name: str, sent: dict[str, Any], key: str | None) -> Any:
    headers = {"Accept": "application/json"} | ({"Idempotency-Key": key} if key is not None else {})
    address = reverse(f"grid:{name}", args=[SLUG, staff.candidates])
    return client.post(address, json.dumps(sent), "application/json", headers=headers)


def new(staff: Staff, *names: str) -> dict[str, Any]:
    return {"writes": [{"op": "create", "up": None, "values": {str(staff.candidates): name}} for name in names]}


def names(staff: Staff) -> list[str]:
    return [one.val for one in records.page(staff.candidates, Query(), access=staff.access()).records]


def test_new_rows_sent_again_under_their_key_stand_once_with_the_same_answer(owner: Client, staff: Staff) -> None:
    key = str(uuid.uuid4())
    first = send(owner, staff, "batch", new(staff, "А", "Б"), key)
    again = send(owner, staff, "batch", new(staff, "А", "Б"), key)
    assert first.status_code == 200
    assert again.json() == first.json()
    assert (first.headers.get("Idempotent-Replayed"), again.headers["Idempotent-Replayed"]) == (None, "true")
    assert names(staff) == ["А", "Б"]
    send(owner, staff, "batch", new(staff, "А", "Б"), str(uuid.uuid4()))
    assert names(staff) == ["А", "А", "Б", "Б"]


def test_a_key_is_of_one_user_and_of_one_write(owner: Client, staff: Staff) -> None:
    key = str(uuid.uuid4())
    send(owner, staff, "batch", new(staff, "А"), key)
    other = send(owner, staff, "batch", new(staff, "В"), key)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "idempotency_key_reused")
    assert names(staff) == ["А"]
    for wrong in ("", "x" * 256):
        assert send(owner, staff, "batch", new(staff, "Г"), wrong).status_code == 400
    stranger = Client()
    stranger.force_login(User.objects.create_user("stranger"))
    assert send(stranger, staff, "batch", new(staff, "А"), key).status_code == 404


def test_what_failed_as_a_whole_is_not_kept(owner: Client, staff: Staff) -> None:
    key = str(uuid.uuid4())
    wrong = {"writes": [{"op": "nonsense"}]}
    assert send(owner, staff, "batch", wrong, key).status_code == 400
    assert send(owner, staff, "batch", new(staff, "А"), key).status_code == 200
    assert names(staff) == ["А"]


def test_an_undo_sent_again_undoes_once(owner: Client, staff: Staff) -> None:
    batch = send(owner, staff, "batch", new(staff, "А"), None).json()["batch"]
    key = str(uuid.uuid4())
    first = send(owner, staff, "undo", {"batch": batch}, key)
    again = send(owner, staff, "undo", {"batch": batch}, key)
    assert (first.status_code, again.json()) == (200, first.json())
    assert names(staff) == []


@pytest.mark.django_db(transaction=True)
def test_answers_kept_before_the_move_are_kept_after_it() -> None:
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    before = MigrationExecutor(connection)
    before.migrate([("api", "0002_webhooks"), ("repeats", None)])
    old = before.loader.project_state([("api", "0002_webhooks"), ("rbac", "0001_initial")]).apps
    user = User.objects.create_user("program")
    made = old.get_model("api", "StoredAnswer").objects.create(
        user_id=user.pk, key="k", request=b"r", status=201, content=b"{}"
    )
    MigrationExecutor(connection).migrate(latest)
    from integram.repeats.models import StoredAnswer

    kept = StoredAnswer.objects.get(user=user)
    assert (kept.key, bytes(kept.request), kept.status, bytes(kept.content)) == ("k", b"r", 201, b"{}")
    assert kept.created_at == made.created_at
    user.delete()
