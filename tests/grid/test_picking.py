"""A row made while a link is picked: under the rights on its table, refused in words."""

import json

import pytest
from django.test import Client

from qdm.access import Action
from qdm.query.ast import Query
from qdm.selectors import records
from rbac import grants
from rbac.models import User
from tests.grid.staff import SLUG, Staff

pytestmark = pytest.mark.django_db


def make(client: Client, staff: Staff, name: object) -> tuple[int, dict[str, object]]:
    address = f"/w/{SLUG}/t/{staff.candidates}/options/{staff.columns['Город']}"
    answer = client.post(
        address, json.dumps({"name": name}), content_type="application/json", headers={"accept": "application/json"}
    )
    return answer.status_code, answer.json()


def names(staff: Staff) -> list[str]:
    return [row.val for row in records.page(staff.cities, Query(), access=staff.access()).records]


def test_a_new_row_is_one_batch_of_the_history(owner: Client, staff: Staff) -> None:
    status, made = make(owner, staff, " Тверь ")
    assert (status, made["label"]) == (200, "Тверь")
    assert "Тверь" in names(staff)
    undone = owner.post(
        f"/w/{SLUG}/t/{staff.candidates}/undo",
        json.dumps({"batch": made["batch"]}),
        content_type="application/json",
    )
    assert undone.status_code == 200
    assert "Тверь" not in names(staff)


def test_a_name_of_nothing_is_refused(owner: Client, staff: Staff) -> None:
    before = names(staff)
    assert [make(owner, staff, name)[0] for name in ("", "  ", None, 7)] == [400] * 4
    assert names(staff) == before


def test_who_may_not_add_to_the_table_is_neither_offered_it_nor_let(staff: Staff) -> None:
    access = staff.access()
    clerk = User.objects.create_user("clerk")
    everything = [Action.VIEW, Action.CHANGE, Action.ADD]
    grants.grant(clerk, everything, grants.on_table(staff.candidates, access=access), access=access)
    client = Client()
    client.force_login(clerk)
    assert make(client, staff, "Тверь")[0] == 404, "the table is not seen: it is not there"
    grants.grant(clerk, [Action.VIEW], grants.on_table(staff.cities, access=access), access=access)
    assert make(client, staff, "Тверь")[0] == 403
    assert '"create": true' not in client.get(f"/w/{SLUG}/t/{staff.candidates}/").content.decode()
    assert "Тверь" not in names(staff)
